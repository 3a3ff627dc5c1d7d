// Every page and state, as people who see little, zoom, or hear the page come to it.
// No violation found by axe is the floor, not the proof.
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";

import { newPage, startBrowser } from "./support/browser.mjs";
import { checkAt, checkEnlarged, disclose, violations } from "./support/looks.mjs";
import { PAGES, connectAll, openPage, registrations } from "./support/pages.mjs";
import { RelyingParty } from "./support/relying-party.mjs";
import { STORE, startService } from "./support/service.mjs";

const SIZES = [
  { width: 360, height: 740 },
  { width: 1280, height: 800 },
];

let browser;
let party;
let service;

before(async () => {
  party = await RelyingParty.start();
  [browser, service] = await Promise.all([startBrowser(), startService(registrations(party))]);
  await connectAll(party, service);
});

after(async () => {
  await browser?.close();
  await party.stop();
  await service.stop();
});

describe("nothing that axe finds, one heading, no scrolling sideways", { concurrency: 3 }, () => {
  for (const kind of PAGES.filter((kind) => STORE === "sqlite" || !kind.portal)) {
    test(kind.name, async () => {
      // Colours that are on their way from one scheme to the other are nobody's.
      const page = await openPage(browser, { service, party }, kind, { reducedMotion: "reduce" });
      await checkHeadings(page, kind);
      await disclose(page);
      for (const size of SIZES) await checkAt(page, size);
      await checkEnlarged(page);
      assert.deepEqual(page.context().faults, []);
      await page.context().close();
    });
  }
});

test("English pages say so, and axe finds nothing", async () => {
  const page = await newPage(browser, { reducedMotion: "reduce" });
  const addresses = ["/aide", "/nulle-part", "/compte", ...(service.portal ? [service.portal] : [])];
  for (const address of addresses) {
    await page.goto(new URL(address, service.issuer).href);
    await page.goto(`${page.url()}?lang=en`);
    assert.equal(await page.locator("html").getAttribute("lang"), "en", address);
    assert.deepEqual(await violations(page), [], address);
  }
  await page.context().close();
});

test("colours keep their contrast when the person forces their own", async () => {
  const kind = PAGES.find((kind) => kind.name === "sign-in-refused");
  const page = await openPage(browser, { service, party }, kind, { forcedColors: "active" });
  const width = await page.getByRole("alert").evaluate((alert) => getComputedStyle(alert).borderTopWidth);
  assert.notEqual(width, "0px");
  await page.context().close();
});

test("whoever asks for less motion sees none", async () => {
  const page = await newPage(browser, { reducedMotion: "reduce" });
  await page.goto(`${service.issuer}/aide`);
  const moving = await page.evaluate(() =>
    [...document.querySelectorAll("*")].filter((element) => getComputedStyle(element).transitionDuration !== "0s").length,
  );
  assert.equal(moving, 0);
  await page.context().close();
});

/** One h1, no level left out, and a title that repeats it. */
async function checkHeadings(page, kind) {
  const headings = await page.evaluate(() =>
    [...document.querySelectorAll("main :is(h1, h2, h3, h4)")].map((heading) => [Number(heading.tagName[1]), heading.textContent.trim()]),
  );
  const main = headings.filter(([level]) => level === 1);
  assert.equal(main.length, 1, `headings of level 1: ${main}`);
  const heading = spaced(main[0][1]);
  if (kind.title) assert.equal(heading, spaced(kind.title));
  const title = spaced(await page.title());
  const repeated = title.replace(/^Erreur : /, "").replace(/ – [^–]*$/, "");
  assert.equal(repeated, heading);
  assert.equal(/^Erreur : /.test(title), (await page.getByRole("alert").count()) > 0, title);
  // An error's summary stands above the heading; after it no level is left out.
  const after = headings.slice(headings.findIndex(([level]) => level === 1)).map(([level]) => level);
  after.forEach((level, index) => assert.ok(index === 0 || level <= after[index - 1] + 1, `levels ${after}`));
}

const spaced = (text) => text.replace(/[\s\u00a0\u202f]+/g, " ").trim();
