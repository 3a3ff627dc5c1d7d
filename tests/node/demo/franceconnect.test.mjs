// FranceConnect in Debian's Chromium, against the demo's simulator: every citizen whom it
// offers, at the width of a phone, with JavaScript and without.
import assert from "node:assert/strict";
import { after, afterEach, before, beforeEach, describe, test } from "node:test";

import { fillSignIn, newContext, startBrowser } from "../support/browser.mjs";
import { codeOf, messagesTo, nextMessage } from "../support/inbox.mjs";
import { CLAIRE } from "../support/people.mjs";
import { startDemo } from "../support/service.mjs";

const PHONE = { width: 360, height: 740 };
const BUTTON = /S.identifier avec FranceConnect/;

let browser;
let service;
let context;
let page;

before(async () => {
  browser = await startBrowser();
});

after(() => browser?.close());

const heading = (name) => page.getByRole("heading", { level: 1, name }).waitFor();
const press = (name) => page.getByRole("button", { name, exact: true }).click();
const follow = (name) => page.getByRole("link", { name }).click();

async function atSignIn() {
  await page.goto(service.portal);
  await follow("Se connecter");
  await heading("Je me connecte");
}

/** Identifies as a citizen; the simulator may ask to go on. */
async function as(citizen) {
  await page.getByRole("button", { name: BUTTON }).click();
  await page.getByRole("button", { name: citizen }).or(page.getByRole("link", { name: citizen })).click();
  await press("Continuer");
}

for (const javaScriptEnabled of [true, false]) {
  describe(javaScriptEnabled ? "with JavaScript" : "without JavaScript", () => {
    beforeEach(async () => {
      service = await startDemo();
      context = await newContext(browser, { javaScriptEnabled, viewport: PHONE });
      page = await context.newPage();
    });

    afterEach(async () => {
      await context.close();
      assert.deepEqual(context.faults, []);
      assert.equal((await service.stop()).status, 0);
    });

    test("bound guardians sign in and see their children", async () => {
      for (const [citizen, given, child] of [["Claire MARTIN", "Claire", "Léo"], ["François PETIT", "François", "Jeanne"]]) {
        await context.clearCookies();
        await atSignIn();
        await as(citizen);
        await heading(`Bonjour ${given}`);
        await page.getByText(child).first().waitFor();
      }
    });

    test("a guardian without a letter activates by their child's birth date", async () => {
      await atSignIn();
      await as("Paul DURAND");
      await heading("J’active mon compte");
      assert.equal(await page.locator("input[type=password]").count(), 0);
      await page.getByLabel("Date de naissance").fill("30/05/2018");
      await press("Continuer");
      await press("Passer cette étape");
      await press("Passer cette étape");
      await press("Activer mon compte");
      await heading("Bonjour Paul");
      await page.getByText("Inès").first().waitFor();
    });

    test("somebody whom no school knows gets a page that leads on", async () => {
      await atSignIn();
      await as("Inconnu SANSLIEN");
      await heading("Nous n’avons pas pu vous connecter avec FranceConnect");
      // Naming somebody's account from that page leads to the same pages, and to nothing.
      await follow(/recevoir un code/);
      await heading("Relier FranceConnect à votre compte");
      await page.getByLabel("Identifiant", { exact: true }).fill("c.martin1");
      await press("Recevoir par email");
      await page.getByLabel("Code reçu par email").fill("12345678");
      await press("Continuer");
      await page.getByText("Ce code n’est pas le bon").first().waitFor();
      assert.deepEqual(await messagesTo(service, "claire.martin@example.org"), []);
      await follow("Annuler");
      await heading("Je me connecte");
    });

    test("an active account is bound by a code at its confirmed address", async () => {
      await page.goto(`${service.issuer}/compte`);
      await fillSignIn(page, CLAIRE);
      await follow(/FranceConnect/);
      await press("Ne plus utiliser FranceConnect");
      await heading("Mon compte");
      await context.clearCookies();
      const before = (await messagesTo(service, "claire.martin@example.org")).length;
      await atSignIn();
      await as("Claire MARTIN");
      await heading("Nous n’avons pas pu vous connecter avec FranceConnect");
      await follow(/recevoir un code/);
      await page.getByLabel("Identifiant", { exact: true }).fill("c.martin1");
      await press("Recevoir par email");
      const message = await nextMessage(service, "claire.martin@example.org", before);
      await page.getByLabel("Code reçu par email").fill(codeOf(message));
      await press("Continuer");
      await heading("Bonjour Claire");
    });

    test("whoever has no password signs in again through FranceConnect alone", async () => {
      await page.goto(`${service.issuer}/compte`);
      await as("François PETIT");
      await heading("Mon compte");
      const query = new URLSearchParams({
        client_id: "ent", redirect_uri: "http://localhost:9090/callback", response_type: "code", scope: "openid",
        prompt: "login", code_challenge: "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM", code_challenge_method: "S256",
      });
      await page.goto(`${service.issuer}/oauth2/authorize?${query}`);
      await heading("Je me connecte");
      assert.equal(await page.locator("input[type=password]").count(), 0);
      await press("Utiliser un autre compte");
      await page.getByLabel("Mot de passe", { exact: true }).waitFor();
    });

    test("a lost identifier and a lost password end signed in", async () => {
      for (const [link, name] of [["Identifiant perdu", "Identifiant perdu"], ["Mot de passe perdu", "Je réinitialise mon mot de passe"]]) {
        await context.clearCookies();
        await page.goto(`${service.issuer}/compte`);
        await follow(link);
        await heading(name);
        await page.getByRole("heading", { level: 2, name: "J’accède à mon compte avec FranceConnect" }).waitFor();
        await as("Claire MARTIN");
        await heading("Mon compte");
        await page.getByText("c.martin1").first().waitFor();
      }
    });
  });
}
