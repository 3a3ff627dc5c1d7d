// Passkeys in Debian's Chromium, with its virtual authenticator: Claire adds one in « Mon
// compte » and signs in at the portal with it alone, staff use one before the console and set
// one up first. Each page is looked at by axe at 320 px and with large text, and leaves a picture
// in target/guide.
import assert from "node:assert/strict";
import { after, afterEach, before, beforeEach, test } from "node:test";

import { codeOfTheMoment } from "../support/authenticator.mjs";
import { fillSignIn, newContext, startBrowser } from "../support/browser.mjs";
import { looked } from "../support/pictures.mjs";
import { CLAIRE, LEO } from "../support/people.mjs";
import { startDemo } from "../support/service.mjs";

const OLD_PHONE = { width: 320, height: 640 };
const NEW_PASSWORD = "quatre-loutres-en-hiver";

let browser;
let service;
let context;
let page;
let device;

before(async () => {
  browser = await startBrowser();
});

after(() => browser?.close());

beforeEach(async () => {
  service = await startDemo();
  context = await newContext(browser, { viewport: OLD_PHONE });
  page = await context.newPage();
  device = await plugIn(page);
});

afterEach(async () => {
  await context.close();
  assert.deepEqual(context.faults, []);
  assert.equal((await service.stop()).status, 0);
});

/** A device of the page's own that knows its owner, in software. */
async function plugIn(page) {
  const session = await page.context().newCDPSession(page);
  await session.send("WebAuthn.enable");
  const options = {
    protocol: "ctap2",
    transport: "internal",
    hasResidentKey: true,
    hasUserVerification: true,
    isUserVerified: true,
    automaticPresenceSimulation: true,
  };
  const { authenticatorId } = await session.send("WebAuthn.addVirtualAuthenticator", { options });
  return {
    knowsOwner: (isUserVerified) => session.send("WebAuthn.setUserVerified", { authenticatorId, isUserVerified }),
    forget: () => session.send("WebAuthn.clearCredentials", { authenticatorId }),
  };
}

const heading = (name) => page.getByRole("heading", { level: 1, name }).waitFor();
const press = (name) => page.getByRole("button", { name, exact: true }).click();
const picture = (name) => looked(page, name, OLD_PHONE);

async function toAccount(person) {
  await page.goto(`${service.issuer}/compte`);
  await fillSignIn(page, person);
  await heading("Mon compte");
}

async function addPasskey(name) {
  await page.getByRole("link", { name: /clés? d’accès$/ }).click();
  await heading("Clés d’accès");
  await page.getByLabel("Nom de la clé").fill(name);
  await press("Créer la clé d’accès");
  await page.getByText("La clé d’accès est ajoutée").waitFor();
}

/** Follows a link of the command line to the page for the first factor. */
async function invited(identifier) {
  const said = await service.command("admin", "invite", "--identifier", identifier);
  const link = said.match(/https?:\/\/\S+/)[0];
  await page.goto(link);
  await page.getByLabel("Nouveau mot de passe").fill(NEW_PASSWORD);
  await page.getByLabel(/^Confirm/).fill(NEW_PASSWORD);
  await press("Continuer");
}

test("Claire adds a passkey, signs in at the portal with it alone, and removes it", async () => {
  await toAccount(CLAIRE);
  await page.getByRole("link", { name: "Ajouter une clé d’accès" }).click();
  await heading("Clés d’accès");
  await picture("passkeys-none");
  await page.getByLabel("Nom de la clé").fill(" ");
  await press("Créer la clé d’accès");
  await page.getByRole("alert").waitFor();
  await picture("passkeys-wrong");
  await page.getByLabel("Nom de la clé").fill("Téléphone de Claire");
  await press("Créer la clé d’accès");
  await page.getByText("La clé d’accès est ajoutée").waitFor();
  await picture("passkeys-account");
  await press("Se déconnecter");

  await page.goto(service.portal);
  await page.getByRole("link", { name: "Se connecter" }).click();
  await heading("Je me connecte");
  await picture("passkeys-sign-in");
  await press("Se connecter avec une clé d’accès");
  await heading("Bonjour Claire");
  assert.match(await page.content(), /urn:preau:acr:mfa/);

  await page.goto(`${service.issuer}/compte/cles-d-acces`);
  await page.getByText(/Dernière utilisation le/).waitFor();
  await picture("passkeys-one");
  await page.getByRole("link", { name: "Retirer Téléphone de Claire" }).click();
  await heading(/^Retirer/);
  await picture("passkeys-removal");
  await press("Retirer la clé");
  await page.getByText("La clé d’accès est retirée").waitFor();
  await press("Se déconnecter");
  await page.goto(`${service.issuer}/compte`);
  await press("Se connecter avec une clé d’accès");
  await page.getByRole("alert").getByText(/n’ouvre pas de compte ici/).waitFor();
  await picture("passkeys-sign-in-refused");
});

test("whoever cancels, or has a device that does not know them, is told on the spot", async () => {
  await toAccount(LEO);
  await addPasskey("Tablette");
  await press("Se déconnecter");
  await page.goto(`${service.issuer}/compte`);
  await device.knowsOwner(false);
  await press("Se connecter avec une clé d’accès");
  await page.getByText(/^Rien n’a été fait/).waitFor();
  await picture("passkeys-sign-in-cancelled");
  await device.knowsOwner(true);
  await press("Se connecter avec une clé d’accès");
  await heading("Mon compte");
  // The same device makes no second one.
  await page.getByRole("link", { name: "Gérer les clés d’accès" }).click();
  await press("Créer la clé d’accès");
  await page.getByText("Cet appareil a déjà une clé de ce compte.").waitFor();
});

test("a passkey is asked for after the password, and a recovery code stands in for it", async () => {
  await toAccount(CLAIRE);
  await addPasskey("Ordinateur");
  await page.getByRole("link", { name: "Gérer la vérification en deux étapes" }).click();
  await heading("Vérification en deux étapes");
  await picture("two-steps-passkey-not-asked");
  await press("Demander aussi une clé après le mot de passe");
  await heading("Vos codes de secours");
  await picture("two-steps-recovery-codes");
  await page.goto(`${service.issuer}/compte/verification-en-deux-etapes`);
  await picture("two-steps-passkey-asked");
  await page.goto(`${service.issuer}/compte`);
  await press("Se déconnecter");
  await page.goto(`${service.issuer}/compte`);
  await fillSignIn(page, CLAIRE);
  await heading("Vérification en deux étapes");
  await picture("second-factor-passkey");
  await press("Utiliser ma clé d’accès");
  await heading("Mon compte");
  await press("Se déconnecter");
  await device.forget();
  await page.goto(`${service.issuer}/compte`);
  await fillSignIn(page, CLAIRE);
  await page.getByRole("link", { name: "Utiliser un code de secours" }).click();
  await heading("Code de secours");
  await picture("second-factor-recovery-code");
});

test("an administrator sets a passkey up first, and comes to the console with it", async () => {
  await invited("admin");
  await heading("Installer la vérification en deux étapes");
  await picture("enrolment");
  await page.getByLabel("Nom de la clé").fill("Ordinateur du bureau");
  await press("Créer la clé d’accès");
  await heading("Vos codes de secours");
  await picture("enrolment-recovery-codes");
  await press("Continuer");
  await page.goto(`${service.issuer}/admin`);
  await heading("Accueil de la console");
  await context.clearCookies();

  // As the second factor.
  await page.goto(`${service.issuer}/admin`);
  await fillSignIn(page, { identifier: "admin", password: NEW_PASSWORD });
  await press("Utiliser ma clé d’accès");
  await heading("Accueil de la console");
  await context.clearCookies();

  // And alone.
  await page.goto(`${service.issuer}/admin`);
  await press("Se connecter avec une clé d’accès");
  await heading("Accueil de la console");

  // The last factor stays; with an application beside it, both are offered.
  await page.goto(`${service.issuer}/compte/cles-d-acces`);
  await page.getByRole("link", { name: /^Retirer/ }).click();
  await page.getByText("Votre compte doit garder la vérification").waitFor();
  await picture("passkeys-last-factor");
});

test("an officer with an application and a passkey may use either", async () => {
  const officer = { identifier: "ecole.college", password: "Tableau-noir-2026" };
  await page.goto(`${service.issuer}/compte`);
  await fillSignIn(page, officer);
  await heading("Code de vérification");
  await picture("second-factor-code");
  await page.getByLabel("Code de vérification").fill(codeOfTheMoment());
  await press("Continuer");
  await heading("Mon compte");
  await addPasskey("Ordinateur du bureau");
  await page.goto(`${service.issuer}/compte/verification-en-deux-etapes`);
  await picture("two-steps-staff");
  await page.getByRole("button", { name: "Changer d’application" }).click();
  await heading("Installer la vérification en deux étapes");
  await picture("two-steps-application");
  await context.clearCookies();
  await page.goto(`${service.issuer}/admin`);
  await fillSignIn(page, officer);
  await heading("Vérification en deux étapes");
  await page.getByLabel("Code de vérification").waitFor();
  await picture("second-factor-either");
  await press("Utiliser ma clé d’accès");
  await heading("Accueil de la console");
});

test("without JavaScript the pages are whole and show no dead control", async () => {
  const plain = await newContext(browser, { javaScriptEnabled: false, viewport: OLD_PHONE });
  const first = page;
  page = await plain.newPage();
  try {
    await page.goto(`${service.issuer}/compte`);
    await heading("Je me connecte");
    const control = page.getByRole("button", { name: "Se connecter avec une clé d’accès" });
    assert.equal(await control.isVisible(), false);
    assert.equal(await control.count(), 0, "nor is it there for those who listen");
    await picture("passkeys-sign-in-plain");
    await fillSignIn(page, CLAIRE);
    await heading("Mon compte");
    await page.getByRole("link", { name: "Ajouter une clé d’accès" }).click();
    await page.getByText("Ce navigateur ne permet pas d’ajouter une clé d’accès.").waitFor();
    assert.equal(await page.getByRole("button", { name: "Créer la clé d’accès" }).count(), 0);
    await page.goto(`${service.issuer}/compte`);
    await page.getByRole("button", { name: "Se déconnecter" }).click();
    await invited("admin");
    await heading("Installer la vérification en deux étapes");
    assert.equal(await page.getByRole("button", { name: "Créer la clé d’accès" }).count(), 0);
    await page.getByLabel("Code de vérification").waitFor();
    await picture("enrolment-plain");
  } finally {
    page = first;
    await plain.close();
  }
});
