// How a page must look to people who see little, zoom, or hear it: what axe finds, widths,
// sizes of targets, text that is cut off.
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";

const axe = await readFile(new URL(import.meta.resolve("axe-core/axe.min.js")), "utf8");
const COLOUR_RULES = ["color-contrast", "link-in-text-block"];

/** What hides behind a disclosure is checked too. */
export async function disclose(page) {
  await page.evaluate(() => document.querySelectorAll("details").forEach((details) => (details.open = true)));
}

/** With axe, in light and dark. */
export async function checkAt(page, size) {
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
export async function checkEnlarged(page) {
  await page.setViewportSize({ width: 320, height: 256 });
  await checkWidth(page, "at 400 %");
  await page.setViewportSize({ width: 1280, height: 800 });
  await page.evaluate(() => (document.documentElement.style.fontSize = "200%"));
  await checkWidth(page, "with text at 200 %");
  assert.deepEqual(await clipped(page), [], "text that is cut off at 200 %");
}

/** Small and with text at 200 % at once, which is more than WCAG asks. */
export async function checkLargest(page) {
  await page.setViewportSize({ width: 320, height: 740 });
  await page.evaluate(() => (document.documentElement.style.fontSize = "200%"));
  await checkWidth(page, "at 320 px with text at 200 %");
}

export async function checkWidth(page, when) {
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
export async function violations(page, rules) {
  if (!(await page.evaluate(() => "axe" in window))) await page.evaluate(axe);
  const options = { resultTypes: ["violations"], ...(rules && { runOnly: rules }) };
  const { violations } = await page.evaluate((options) => window.axe.run(document, options), options);
  return violations.map(({ id, nodes }) => `${id}: ${nodes.map((node) => `${node.target} ${node.any[0]?.message ?? ""}`).join(" | ")}`);
}
