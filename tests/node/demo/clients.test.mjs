// A relying party's whole life in a browser without JavaScript: registered in the console,
// it signs a person in by openid-client, is changed by file, seen as drift, disabled, and
// its tokens stop. Every page of the console that it goes through is looked at by axe.
import assert from "node:assert/strict";
import { createHmac } from "node:crypto";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { after, before, test } from "node:test";

import * as openid from "openid-client";

import { fillSignIn, newContext, startBrowser } from "../support/browser.mjs";
import { CLAIRE } from "../support/people.mjs";
import { eventually } from "../support/processes.mjs";
import { RelyingParty } from "../support/relying-party.mjs";
import { startDemo } from "../support/service.mjs";
import { Visitor } from "../support/visitor.mjs";

const ALIX = { identifier: "admin", password: "Grande-rentree-2026" };
const axe = await readFile(new URL(import.meta.resolve("axe-core/axe.min.js")), "utf8");

let browser;
let party;
let service;

before(async () => {
  [browser, party, service] = await Promise.all([startBrowser(), RelyingParty.start(), startDemo()]);
});

after(async () => {
  await browser?.close();
  await party?.stop();
  assert.equal((await service.stop()).status, 0);
});

/** The code of the demo's second factor (RFC 6238). */
function totp() {
  const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
  const bits = [..."PREAUDEMOPREAUDEMOPREAUDEMOPREAU"].map((sign) => alphabet.indexOf(sign).toString(2).padStart(5, "0")).join("");
  const key = Buffer.from(bits.match(/.{8}/g).map((byte) => parseInt(byte, 2)));
  const counter = Buffer.alloc(8);
  counter.writeBigUInt64BE(BigInt(Math.floor(Date.now() / 30_000)));
  const mac = createHmac("sha1", key).update(counter).digest();
  const code = (mac.readUInt32BE(mac[19] & 15) & 0x7fffffff) % 1_000_000;
  return String(code).padStart(6, "0");
}

/** What axe finds on the page, in a page with script whose content is the same. */
async function assertClean(page, what) {
  const context = await newContext(browser, { reducedMotion: "reduce" });
  const copy = await context.newPage();
  for (const size of [{ width: 360, height: 740 }, { width: 1280, height: 800 }]) {
    await copy.setViewportSize(size);
    const body = await page.content();
    const answer = { contentType: "text/html; charset=utf-8", body };
    await copy.route("**/*", (route) => (route.request().isNavigationRequest() ? route.fulfill(answer) : route.continue()));
    await copy.goto(page.url());
    await copy.evaluate(axe);
    const { violations } = await copy.evaluate(() => globalThis.axe.run());
    assert.deepEqual(violations.map(({ id, nodes }) => [id, nodes[0].html]), [], `${what} at ${size.width}`);
    const { wide, inner } = await copy.evaluate(() => ({ wide: document.documentElement.scrollWidth, inner: innerWidth }));
    assert.ok(wide <= inner, `${what} scrolls sideways at ${size.width}: ${wide}`);
    if (process.env.PREAU_SCREENSHOTS) await copy.screenshot({ path: join(process.env.PREAU_SCREENSHOTS, `${what}-${size.width}.png`), fullPage: true });
    await copy.unroute("**/*");
  }
  await context.close();
}

test("a relying party lives from its registration to its end", async () => {
  const context = await newContext(browser, { javaScriptEnabled: false });
  const page = await context.newPage();
  const press = (name) => page.getByRole("button", { name, exact: true }).click();
  await page.goto(`${service.issuer}/admin/clients`);
  await fillSignIn(page, ALIX);
  await page.getByLabel("Code de vérification").fill(totp());
  await press("Continuer");
  await page.getByRole("heading", { level: 1, name: /Services/ }).waitFor();
  await assertClean(page, "clients-list");

  // Registered in the console, by keyboard alone where a form is sent.
  await page.getByRole("link", { name: "Inscrire un service" }).click();
  await assertClean(page, "clients-new");
  await page.getByLabel("Identifiant du client").fill("atelier");
  await page.getByLabel("Nom du service", { exact: true }).fill("Atelier de la ville");
  await page.getByLabel("Adresses de retour", { exact: true }).fill("http://atelier.example/cb");
  await page.getByLabel("Portées").fill("openid profile email phone offline_access family");
  await page.locator('[id="grant_types.refresh_token"]').check();
  await page.getByLabel("Service de l’école elle-même").check();
  await page.getByLabel("Secteur", { exact: true }).fill("atelier");
  await press("Inscrire");
  await page.getByText("utilisez https").first().waitFor();
  await assertClean(page, "clients-new-fault");
  await page.getByLabel("Adresses de retour", { exact: true }).fill(party.callback);
  await page.getByRole("button", { name: "Inscrire", exact: true }).focus();
  await page.keyboard.press("Enter");
  await page.getByRole("heading", { name: "Voici le secret" }).waitFor();
  await assertClean(page, "clients-made");
  const secret = await page.getByLabel("client_secret").inputValue();
  assert.equal(secret.length, 43);

  // Signs a person in with openid-client.
  const config = await party.connect(service.issuer, "atelier", {}, openid.ClientSecretBasic(secret));
  const { url } = await party.begin(config);
  const { address } = await new Visitor().signIn(url, CLAIRE);
  const { tokens, claims } = await party.finish(address);
  const person = await openid.fetchUserInfo(config, tokens.access_token, claims.sub);
  assert.equal(person.children[0].given_name, "Léo");

  // Tried in the console.
  await page.goto(`${service.issuer}/admin/clients/atelier/essai`);
  await press("Essayer");
  await page.getByRole("heading", { level: 3, name: /UserInfo/ }).waitFor();
  await assertClean(page, "clients-trial");
  for (const [tab, what] of [["Intégration", "clients-snippets"], ["Secrets", "clients-secrets"], ["Inscription", "clients-edit"]]) {
    await page.getByRole("link", { name: tab, exact: true }).click();
    await assertClean(page, what);
  }

  // Changed by file: the console shows it and who manages it; then the file drifts.
  const shown = JSON.parse(await service.command("client", "show", "atelier", "--json"));
  const file = join(service.folder, "atelier.json");
  await writeFile(file, JSON.stringify({ ...shown, client_name: "Atelier, par fichier" }));
  await service.command("client", "apply", file);
  await service.command("client", "apply", "--check", file);
  await page.reload();
  await page.getByRole("heading", { level: 1, name: /Atelier, par fichier/ }).waitFor();
  await page.getByText("Ce service est décrit par un fichier").waitFor();
  await assertClean(page, "clients-managed");

  // Disabled: its tokens stop, and the file is told of the drift.
  await press("Arrêter le service");
  await page.getByRole("button", { name: "Remettre en service" }).waitFor();
  const refused = async (act) => {
    try {
      await act();
      return false;
    } catch {
      return true;
    }
  };
  await eventually(() => refused(() => openid.fetchUserInfo(config, tokens.access_token, claims.sub)), "UserInfo is refused", 2000);
  assert.ok(await refused(() => openid.refreshTokenGrant(config, tokens.refresh_token)));
  await assert.rejects(service.command("client", "apply", "--check", file), /status 2/);

  await page.getByRole("link", { name: "Historique", exact: true }).click();
  await page.getByRole("heading", { level: 2, name: "Historique" }).waitFor();
  await assertClean(page, "clients-history");
  assert.deepEqual(context.faults, []);
  await context.close();
});
