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
  await page.setViewportSize(size);
  const twin = await twinOf(page);
  try {
    await checkAt(twin, size);
    await checkEnlarged(twin);
  } catch (error) {
    error.message = `${name}: ${error.message}`;
    throw error;
  } finally {
    await twin.context().close();
  }
}

/** The same page where scripts run: axe is one, and the journey goes without. */
async function twinOf(page) {
  const address = page.url();
  const body = await page.content();
  const context = await page.context().browser().newContext({ locale: "fr-FR", reducedMotion: "reduce" });
  const twin = await context.newPage();
  await twin.route(
    (url) => url.href === address,
    (route) => route.fulfill({ contentType: "text/html; charset=utf-8", body }),
  );
  await twin.goto(address);
  return twin;
}
