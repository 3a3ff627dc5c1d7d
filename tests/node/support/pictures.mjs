// Pictures of the pages that a journey passes, under target/guide, and what must hold of
// each: nothing that axe finds, at 320 px and with text at 200 %.
import { mkdir } from "node:fs/promises";
import { fileURLToPath } from "node:url";

import { checkAt, checkEnlarged } from "./looks.mjs";

const FOLDER = fileURLToPath(new URL("../../../target/guide/", import.meta.url));

/** Takes pictures of the page, checks it, and leaves it at the size of before. */
export async function looked(page, name, size) {
  await mkdir(FOLDER, { recursive: true });
  await page.emulateMedia({ reducedMotion: "reduce" });
  for (const width of [360, 1280]) {
    await page.setViewportSize({ width, height: 800 });
    await page.screenshot({ path: `${FOLDER}${name}-${width}.png`, fullPage: true });
  }
  try {
    await checkAt(page, size);
    await checkEnlarged(page);
  } catch (error) {
    error.message = `${name}: ${error.message}`;
    throw error;
  }
  await page.evaluate(() => document.documentElement.style.removeProperty("font-size"));
  await page.emulateMedia({ colorScheme: "light" });
  await page.setViewportSize(size);
}
