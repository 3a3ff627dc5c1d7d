// Pages beyond the guide's: what « Mon compte » has besides, the way in without a letter
// through FranceConnect, and « Ce n'est pas moi »; looked at as the guide's pages are.
import assert from "node:assert/strict";
import { after, afterEach, before, beforeEach, test } from "node:test";

import { fillSignIn, newContext, startBrowser } from "../support/browser.mjs";
import { linkOf, nextMessage } from "../support/inbox.mjs";
import { looked } from "../support/pictures.mjs";
import { CLAIRE } from "../support/people.mjs";
import { startDemo } from "../support/service.mjs";

const OLD_PHONE = { width: 320, height: 640 };
const NEW_PASSWORD = "trois-tortues-au-soleil";

let browser;
let service;
let context;
let page;

before(async () => {
  browser = await startBrowser();
});

after(() => browser?.close());

beforeEach(async () => {
  service = await startDemo();
  context = await newContext(browser, { javaScriptEnabled: false, viewport: OLD_PHONE });
  page = await context.newPage();
});

afterEach(async () => {
  await context.close();
  assert.deepEqual(context.faults, []);
  assert.equal((await service.stop()).status, 0);
});

const heading = (name) => page.getByRole("heading", { level: 1, name }).waitFor();
const press = (name) => page.getByRole("button", { name, exact: true }).click();
const picture = (name) => looked(page, name, OLD_PHONE);

async function toAccount(person) {
  await page.goto(`${service.issuer}/compte`);
  await fillSignIn(page, person);
  await heading("Mon compte");
}

/** Identifies as a citizen of the simulator, from the page at hand. */
async function as(citizen) {
  await page.getByRole("button", { name: /S.identifier avec FranceConnect/ }).click();
  await page.getByRole("button", { name: citizen }).click();
  await press("Continuer");
}

test("sessions, services and history of an account are seen", async () => {
  await page.goto(service.portal);
  await page.getByRole("link", { name: "Se connecter" }).click();
  await fillSignIn(page, CLAIRE);
  await heading("Bonjour Claire");
  for (const [path, name] of [
    ["/compte/sessions", "compte-1-sessions"],
    ["/compte/services", "compte-2-services"],
    ["/compte/historique", "compte-3-historique"],
    ["/compte/fournisseurs/franceconnect", "compte-4-franceconnect"],
    ["/aide/mot-de-passe", "compte-5-bon-mot-de-passe"],
  ]) {
    await page.goto(service.issuer + path);
    await picture(name);
  }
});

test("whoever changed nothing takes the account back", async () => {
  await toAccount(CLAIRE);
  await page.goto(`${service.issuer}/compte/mot-de-passe`);
  await page.getByLabel("Mot de passe actuel").fill(CLAIRE.password);
  await page.getByLabel("Nouveau mot de passe", { exact: true }).fill(NEW_PASSWORD);
  await page.getByLabel("Confirmer mon mot de passe").fill(NEW_PASSWORD);
  await press("Continuer");
  await heading("Mon compte");
  const notice = await nextMessage(service, "claire.martin@example.org");
  await page.goto(linkOf(notice));
  await picture("reprise-1-ce-n-est-pas-moi");
  await page.locator("main form button[type=submit]").last().click();
  await heading("Votre compte est repris");
  await picture("reprise-2-fait");
});

test("a guardian without a password may choose one", async () => {
  await page.goto(`${service.issuer}/compte`);
  await as("François PETIT");
  await heading("Mon compte");
  await picture("franceconnect-1-compte");
  await page.goto(`${service.issuer}/compte/choisir-un-mot-de-passe`);
  await picture("franceconnect-2-mot-de-passe");
});

test("a guardian whom FranceConnect knows activates without a letter", async () => {
  await page.goto(`${service.issuer}/compte`);
  await as("Paul DURAND");
  await heading("J’active mon compte");
  await picture("franceconnect-3-enfants");
  await page.getByLabel("Date de naissance").fill("30/05/2018");
  await press("Continuer");
  await press("Passer cette étape");
  await press("Passer cette étape");
  await picture("franceconnect-4-recapitulatif");
  await press("Activer mon compte");
  await heading("Mon compte");
});
