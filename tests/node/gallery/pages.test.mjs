// Each state of each page that the service has, whether or not a journey leads a test to it.
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";

import { newPage, startBrowser } from "../support/browser.mjs";
import { Gallery, pageTemplates } from "../support/gallery.mjs";
import { checkAt, checkLargest, checkWidth, disclose } from "../support/looks.mjs";

const TEMPLATES = await pageTemplates();
/** Browser pages at once. */
const TABS = 2;
const PHONE = { width: 360, height: 740 };
const DESK = { width: 1280, height: 800 };

let browser;
let gallery;
const idle = [];

before(async () => {
  [browser, gallery] = await Promise.all([startBrowser(), Gallery.open()]);
  for (let tab = 0; tab < TABS; tab += 1) idle.push(await newPage(browser, { reducedMotion: "reduce" }));
});

after(async () => {
  await browser?.close();
  await gallery?.close();
});

test("there are pages to look at", () => assert.ok(TEMPLATES.length > 80, `${TEMPLATES.length} templates`));

describe("nothing that axe finds and no scrolling sideways in any state of", { concurrency: TABS }, () => {
  for (const template of TEMPLATES) {
    test(template, async () => {
      const states = gallery.of(template);
      assert.ok(states.length > 0, "no sample of it was rendered: is its page in a test with assert_renders?");
      const page = idle.pop();
      const faults = [];
      for (const state of states) {
        await page.goto(`${gallery.origin}/${state}`);
        await disclose(page);
        await look(page).catch((error) => faults.push(`${state}: ${error.message}`));
      }
      idle.push(page);
      assert.deepEqual([...faults, ...page.context().faults.splice(0)], []);
    });
  }
});

/** All that axe knows at one size; at the other what changes with the width alone. */
async function look(page) {
  await checkAt(page, PHONE);
  await page.setViewportSize(DESK);
  await checkWidth(page, "at 1280 px");
  await checkLargest(page);
}
