// « Journal » in Debian's Chromium: an administrator signs in with a second factor, searches
// without JavaScript and by keyboard alone, and pages follow. Each state is looked at by axe,
// and leaves a picture in target/journal.
import assert from "node:assert/strict";
import { mkdir, readFile } from "node:fs/promises";
import { after, before, test } from "node:test";
import { fileURLToPath } from "node:url";

import { codeOfTheMoment } from "../support/authenticator.mjs";
import { fillSignIn, newContext, startBrowser } from "../support/browser.mjs";
import { startDemo } from "../support/service.mjs";

const PICTURES = fileURLToPath(new URL("../../../target/journal/", import.meta.url));
const ADMINISTRATOR = { identifier: "admin", password: "Grande-rentree-2026" };
const SIZES = [
  { width: 360, height: 740 },
  { width: 1280, height: 800 },
];

const axe = await readFile(new URL(import.meta.resolve("axe-core/axe.min.js")), "utf8");

let browser;
let service;
let page;

before(async () => {
  await mkdir(PICTURES, { recursive: true });
  [browser, service] = await Promise.all([startBrowser(), startDemo()]);
  const context = await newContext(browser, { javaScriptEnabled: false });
  page = await context.newPage();
  await page.goto(`${service.issuer}/admin/journal`);
  await fillSignIn(page, ADMINISTRATOR);
  await page.locator('input[name="code"]').fill(codeOfTheMoment());
  await page.keyboard.press("Enter");
  await page.getByRole("heading", { level: 1, name: "Journal" }).waitFor();
});

after(async () => {
  await browser?.close();
  await service?.stop();
});

/** Opens the page at hand where scripts may run, for axe; in both sizes and schemes. */
async function look(name) {
  const storageState = await page.context().storageState();
  const context = await newContext(browser, { storageState, reducedMotion: "reduce" });
  const looker = await context.newPage();
  await looker.goto(page.url());
  for (const size of SIZES) {
    await looker.setViewportSize(size);
    for (const colorScheme of ["light", "dark"]) {
      await looker.emulateMedia({ colorScheme, reducedMotion: "reduce" });
      await looker.screenshot({ path: `${PICTURES}${name}-${size.width}-${colorScheme}.png`, fullPage: true });
      const wide = await looker.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
      assert.ok(wide <= 0, `${name} at ${size.width}: ${wide} px too wide`);
      await looker.evaluate(axe);
      const { violations } = await looker.evaluate(() => globalThis.axe.run());
      assert.deepEqual(violations.map(({ id, nodes }) => [id, nodes[0].html]), [], `${name} at ${size.width}, ${colorScheme}`);
    }
  }
  await context.close();
}

test("the latest events stand under the form", async () => {
  const actions = page.locator("ol.history strong");
  assert.ok((await actions.allTextContents()).includes("account.signed_in"));
  await look("latest");
});

test("a person's events are found by keyboard alone", async () => {
  await page.getByLabel("Personne", { exact: true }).focus();
  await page.keyboard.type("admin");
  await page.keyboard.press("Enter");
  await page.waitForURL(/personne=admin/);
  const actions = await page.locator("ol.history strong").allTextContents();
  assert.ok(actions.includes("account.signed_in"), `${actions}`);
  assert.equal(await page.getByLabel("Personne", { exact: true }).inputValue(), "admin");
  await look("person");
});

test("somebody whom nobody knows is told at the field", async () => {
  await page.goto(`${service.issuer}/admin/journal?personne=x.inconnu9`);
  await page.getByRole("alert").getByRole("link", { name: "Personne n’a cet identifiant." }).waitFor();
  assert.match(await page.title(), /^Erreur\s:\s/);
  await look("unknown");
});

test("older events follow", async () => {
  // Each look is an event itself.
  for (let looked = 0; looked < 50; looked += 1) await page.goto(`${service.issuer}/admin/journal?acteur=operator`);
  await page.goto(`${service.issuer}/admin/journal`);
  await page.getByRole("link", { name: "Plus anciens" }).click();
  await page.waitForURL(/avant=/);
  assert.ok((await page.locator("ol.history li").count()) > 0);
  await look("older");
});
