// Pictures of every page under target/screenshots, to be looked at: `node screenshots.mjs [NAME…]`.
import { mkdir } from "node:fs/promises";
import { fileURLToPath } from "node:url";

import { startBrowser } from "./support/browser.mjs";
import { PAGES, connectAll, openPage, registrations } from "./support/pages.mjs";
import { RelyingParty } from "./support/relying-party.mjs";
import { startService } from "./support/service.mjs";

const FOLDER = fileURLToPath(new URL("../../target/screenshots/", import.meta.url));
const wanted = process.argv.slice(2);

await mkdir(FOLDER, { recursive: true });
const party = await RelyingParty.start();
const service = await startService(registrations(party));
const browser = await startBrowser();
try {
  await connectAll(party, service);
  for (const kind of PAGES) {
    if (wanted.length > 0 && !wanted.includes(kind.name)) continue;
    if (kind.portal && !service.portal) continue;
    const page = await openPage(browser, { service, party }, kind, { reducedMotion: "reduce" });
    for (const width of [360, 1280]) {
      for (const colorScheme of ["light", "dark"]) {
        await page.setViewportSize({ width, height: 800 });
        await page.emulateMedia({ colorScheme });
        await page.screenshot({ path: `${FOLDER}${kind.name}-${width}-${colorScheme}.png`, fullPage: true });
      }
    }
    await page.context().close();
    console.log(kind.name);
  }
} finally {
  await browser.close();
  await party.stop();
  await service.stop();
}
