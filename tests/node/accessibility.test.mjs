// Every page and state, as people who see little, zoom, or hear the page come to it.
// No violation found by axe is the floor, not the proof.
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { after, before, describe, test } from "node:test";

import { newPage, startBrowser } from "./support/browser.mjs";
import { PAGES, connectAll, openPage, registrations } from "./support/pages.mjs";
import { RelyingParty } from "./support/relying-party.mjs";
import { STORE, startService } from "./support/service.mjs";

const axe = await readFile(new URL(import.meta.resolve("axe-core/axe.min.js")), "utf8");
const SIZES = [
  { width: 360, height: 740 },
  { width: 1280, height: 800 },
];
const COLOUR_RULES = ["color-contrast", "link-in-text-block"];

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
      await open(page);
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

/** What hides behind a disclosure is checked too. */
async function open(page) {
  await page.evaluate(() => document.querySelectorAll("details").forEach((details) => (details.open = true)));
}

async function checkAt(page, size) {
  await page.setViewportSize(size);
  await page.emulateMedia({ colorScheme: "light" });
  assert.deepEqual(await violations(page), [], `at ${size.width} px`);
  // Only colours differ in the dark.
  await page.emulateMedia({ colorScheme: "dark" });
  assert.deepEqual(await violations(page, COLOUR_RULES), [], `at ${size.width} px, dark`);
  await checkWidth(page, `at ${size.width} px`);
  await checkTargets(page, `at ${size.width} px`);
}

/** WCAG 2.2, 1.4.4 (text at 200 %) and 1.4.10 (400 % of 1280 px are 320 px). */
async function checkEnlarged(page) {
  await page.setViewportSize({ width: 320, height: 256 });
  await checkWidth(page, "at 400 %");
  await page.setViewportSize({ width: 1280, height: 800 });
  await page.evaluate(() => (document.documentElement.style.fontSize = "200%"));
  await checkWidth(page, "with text at 200 %");
  assert.deepEqual(await clipped(page), [], "text that is cut off at 200 %");
}

async function checkWidth(page, when) {
  const [content, view] = await page.evaluate(() => [document.documentElement.scrollWidth, document.documentElement.clientWidth]);
  assert.ok(content <= view, `${when}: ${content} px wide in ${view}`);
}

/** Buttons and fields are 44 px high; links in running text may be smaller. */
async function checkTargets(page, when) {
  const small = await page.evaluate(() =>
    [...document.querySelectorAll("button, .button, .input, summary, nav a")]
      .filter((element) => element.checkVisibility())
      .map((element) => [element.textContent.trim() || element.id, element.getBoundingClientRect().height])
      .filter(([, height]) => height < 44),
  );
  assert.deepEqual(small, [], `targets under 44 px ${when}`);
}

function clipped(page) {
  return page.evaluate(() =>
    [...document.querySelectorAll("main *, header *, footer *")]
      .filter((element) => element.checkVisibility() && !element.closest(".visually-hidden, pre, .skip"))
      .filter((element) => ["hidden", "clip"].includes(getComputedStyle(element).overflowX))
      .filter((element) => element.scrollWidth > element.clientWidth + 1)
      .map((element) => element.outerHTML.slice(0, 120)),
  );
}

/** What axe finds, briefly: the rule, and where. */
async function violations(page, rules) {
  if (!(await page.evaluate(() => "axe" in window))) await page.evaluate(axe);
  const options = { resultTypes: ["violations"], ...(rules && { runOnly: rules }) };
  const { violations } = await page.evaluate((options) => window.axe.run(document, options), options);
  return violations.map(({ id, nodes }) => `${id}: ${nodes.map((node) => `${node.target} ${node.any[0]?.message ?? ""}`).join(" | ")}`);
}
