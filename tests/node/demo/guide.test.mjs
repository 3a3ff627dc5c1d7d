// Each step of the user's guide, by its section, as a family meets it: at the width of an
// old phone, without JavaScript, against the demo and its inbox. docs/GUIDE.md maps
// sections, pages and these tests; pictures of each page go to target/guide.
import assert from "node:assert/strict";
import { after, afterEach, before, beforeEach, test } from "node:test";

import { fillSignIn, newContext, startBrowser } from "../support/browser.mjs";
import { codeOf, linkOf, messagesTo, names, nextMessage } from "../support/inbox.mjs";
import { looked } from "../support/pictures.mjs";
import { ADAM, CLAIRE, LEO, LINA, NADIA, ZOE } from "../support/people.mjs";
import { startDemo } from "../support/service.mjs";

const OLD_PHONE = { width: 320, height: 640 };
const CLAIRE_MAIL = "claire.martin@example.org";
const CLAIRE_PHONE = "+33639980001";
const LEO_MAIL = "leo.martin@example.org";
const NADIA_MAIL = "nadia.dubois@example.org";
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

const heading = (name, of = page) => of.getByRole("heading", { level: 1, name, exact: true });
const press = (name, of = page) => of.getByRole("button", { name, exact: true }).click();
const follow = (name, of = page) => of.getByRole("link", { name, exact: true }).click();
const fill = (label, value, of = page) => of.getByLabel(label, { exact: true }).fill(value);

const picture = (name) => looked(page, name, OLD_PHONE);

/** From the portal to the sign-in page: a relying party's request waits. */
async function fromPortal() {
  await page.goto(service.portal);
  await follow("Se connecter");
  await heading("Je me connecte").waitFor();
}

async function atPortal(givenName) {
  await heading(`Bonjour ${givenName}`).waitFor();
  assert.equal(new URL(page.url()).origin, service.portal);
}

async function toAccount(person) {
  await page.goto(`${service.issuer}/compte`);
  await fillSignIn(page, person);
  await heading("Mon compte").waitFor();
}

async function newPassword(first = "Nouveau mot de passe", second = "Confirmez votre mot de passe") {
  await fill(first, NEW_PASSWORD);
  await fill(second, NEW_PASSWORD);
  await press("Continuer");
}

test("4.3.1 a lost identifier comes by mail", async () => {
  await fromPortal();
  await follow("Identifiant perdu");
  await heading("Identifiant perdu").waitFor();
  await page.getByText("Je choisis le mode de récupération de mon identifiant").waitFor();
  await picture("4.3.1-1-choix");
  await follow("Recevoir par email");
  await page.getByText("Je saisis mon adresse email pour recevoir mon identifiant sur cette adresse.").waitFor();
  await fill("Email", CLAIRE_MAIL);
  await picture("4.3.1-2-adresse");
  await press("Envoyer");
  await heading("Vérifiez vos emails !").waitFor();
  await page.getByText("Nous venons juste de vous envoyer votre identifiant de connexion.").waitFor();
  await picture("4.3.1-3-envoye");
  assert.ok(names(await nextMessage(service, CLAIRE_MAIL), CLAIRE.identifier));
  await follow("Se connecter");
  await fillSignIn(page, CLAIRE);
  await atPortal("Claire");
});

test("4.3.2 a lost password is set again by a link in a mail", async () => {
  await fromPortal();
  await follow("Mot de passe perdu");
  await heading("Je réinitialise mon mot de passe").waitFor();
  await fill("Identifiant", LEO.identifier);
  await picture("4.3.2-1-identifiant");
  await press("Recevoir par email");
  await heading("Vérifiez vos emails !").waitFor();
  await page.getByText("Nous venons juste de vous envoyer les instructions pour réinitialiser votre mot de passe").waitFor();
  await picture("4.3.2-2-envoye");
  const link = linkOf(await nextMessage(service, LEO_MAIL));
  await page.goto(link);
  await heading("Modifier le mot de passe").waitFor();
  assert.ok(!page.url().includes(new URL(link).searchParams.get("jeton")), "the token has left the address");
  await fill("Identifiant", LEO.identifier);
  await picture("4.3.2-3-nouveau");
  await newPassword();
  await picture("4.3.2-4-change");
  await follow("Se connecter");
  await fillSignIn(page, { ...LEO, password: NEW_PASSWORD });
  await page.getByText("Léo").first().waitFor();
});

test("4.3.3 a lost identifier comes by SMS", async () => {
  await fromPortal();
  await follow("Identifiant perdu");
  await follow("Recevoir par SMS");
  await page.getByText("Je saisis mon numéro de téléphone pour recevoir un SMS avec mon identifiant.").waitFor();
  await fill("N° de téléphone portable", "06 39 98 00 01");
  await picture("4.3.3-1-numero");
  await press("Envoyer");
  await heading("Vérifiez votre téléphone !").waitFor();
  await picture("4.3.3-2-envoye");
  assert.ok(names(await nextMessage(service, CLAIRE_PHONE), CLAIRE.identifier));
  await follow("Se connecter");
  await fillSignIn(page, CLAIRE);
  await atPortal("Claire");
});

test("4.3.4 a lost password is set again by a code in an SMS", async () => {
  await fromPortal();
  await follow("Mot de passe perdu");
  await fill("Identifiant", CLAIRE.identifier);
  await press("Recevoir par SMS");
  await heading("Je réinitialise mon mot de passe").waitFor();
  await page.getByText("J'indique le code d'activation reçu par SMS (valable 30min)".replaceAll("'", "’")).waitFor();
  await fill("Code reçu par SMS", codeOf(await nextMessage(service, CLAIRE_PHONE)));
  await picture("4.3.4-1-code");
  await press("Continuer");
  await picture("4.3.4-2-nouveau");
  await newPassword();
  await follow("Se connecter");
  await fillSignIn(page, { ...CLAIRE, password: NEW_PASSWORD });
  await atPortal("Claire");
  // Every contact that was confirmed hears of it.
  const notice = await nextMessage(service, CLAIRE_MAIL);
  assert.match(linkOf(notice), /\/ce-n-est-pas-moi\?/);
});

test("4.4 a guardian's « Mon compte » has both tabs, a pupil's one", async () => {
  await toAccount(CLAIRE);
  for (const name of ["Modifier mon mot de passe", "Modifier mon adresse mail", "Modifier mon numéro de portable", "Mes enfants"]) {
    await page.getByRole("link", { name, exact: true }).waitFor();
  }
  await picture("4.4-1-responsable");
  await press("Se déconnecter");
  await toAccount(ADAM);
  assert.equal(await page.getByRole("link", { name: "Mes enfants" }).count(), 0);
  assert.equal(await page.getByRole("link", { name: "Modifier mon numéro de portable" }).count(), 0);
  await picture("4.4-2-eleve");
});

test("4.4.1 the password is changed", async () => {
  await toAccount(ADAM);
  await follow("Modifier mon mot de passe");
  await fill("Mot de passe actuel", ADAM.password);
  await page.getByRole("link", { name: "Besoin d’aide pour créer un mot de passe sécurisé ?" }).waitFor();
  await picture("4.4.1-1-mot-de-passe");
  await newPassword("Nouveau mot de passe", "Confirmer mon mot de passe");
  await heading("Mon compte").waitFor();
  await picture("4.4.1-2-change");
  await press("Se déconnecter");
  await toAccount({ ...ADAM, password: NEW_PASSWORD });
});

/** Asks for another address and reads the acknowledgement. */
async function askForAddress(address) {
  await follow("Modifier mon adresse mail");
  await fill("Email", address);
  await fill("Confirmer mon email", address);
  await press("Envoyer");
  await page.getByText("La modification de votre adresse de messagerie a bien été prise en compte.").waitFor();
}

/** Opens the mailed link and confirms on the recapitulation. */
async function confirmAddress(message, name) {
  await page.goto(linkOf(message));
  await heading("Mise à jour de l’adresse mail").waitFor();
  await picture(name);
  await press("Envoyer");
}

test("4.4.2 case 1: an account without an address gets one", async () => {
  await toAccount(LINA);
  await askForAddress("lina.dubois@example.org");
  await picture("4.4.2-1-pris-en-compte");
  await page.goto(`${service.issuer}/compte`);
  await page.getByText("email non confirmé").waitFor();
  const message = await nextMessage(service, "lina.dubois@example.org");
  assert.ok(names(message, LINA.identifier));
  await confirmAddress(message, "4.4.2-1-recapitulatif");
  await page.goto(`${service.issuer}/compte`);
  assert.equal(await page.getByText("email non confirmé").count(), 0);
});

test("4.4.2 case 2: an unconfirmed address is confirmed, or replaced", async () => {
  await toAccount(NADIA);
  await page.getByText("email non confirmé").waitFor();
  await follow("Modifier mon adresse mail");
  await picture("4.4.2-2-formulaire");
  await press("Renvoyer un email de validation");
  await nextMessage(service, NADIA_MAIL);
  await page.goto(`${service.issuer}/compte`);
  await askForAddress("nadia@famille.example.org");
  const old = await nextMessage(service, NADIA_MAIL, 1);
  assert.ok(!old.text.includes(NADIA.identifier) && !old.text.includes("Nadia"), old.text);
  await confirmAddress(await nextMessage(service, "nadia@famille.example.org"), "4.4.2-2-recapitulatif");
  await page.goto(`${service.issuer}/compte`);
  await page.getByText("nadia@famille.example.org").waitFor();
  assert.equal(await page.getByText("email non confirmé").count(), 0);
});

test("4.4.2 case 3: a confirmed address stays in force until the new one is confirmed", async () => {
  await toAccount(CLAIRE);
  await askForAddress("claire@famille.example.org");
  await page.goto(`${service.issuer}/compte`);
  await page.getByText("une adresse email est en attente de confirmation").waitFor();
  await page.getByText(CLAIRE_MAIL).first().waitFor();
  await picture("4.4.2-3-en-attente");
  const old = await nextMessage(service, CLAIRE_MAIL);
  await confirmAddress(await nextMessage(service, "claire@famille.example.org"), "4.4.2-3-recapitulatif");
  await page.goto(`${service.issuer}/compte`);
  await page.getByText("claire@famille.example.org").waitFor();
  // The old address may take the change back.
  await page.goto(linkOf(old));
  await picture("4.4.2-3-annulation");
});

test("4.4.3 a mobile number counts once a code confirmed it", async () => {
  await toAccount(NADIA);
  await follow("Modifier mon numéro de portable");
  await fill("N° de téléphone portable", "06.39.98.00.05");
  await picture("4.4.3-1-numero");
  await press("Envoyer");
  await fill("Code reçu par SMS", codeOf(await nextMessage(service, "+33639980005")));
  await picture("4.4.3-2-code");
  await press("Continuer");
  await page.goto(`${service.issuer}/compte`);
  await page.getByText(/98 ?00 ?05|98\u00a000\u00a005|639980005/).first().waitFor();
});

test("4.4.4 two accounts of one guardian become one", async () => {
  await toAccount(CLAIRE);
  await follow("Mes enfants");
  await picture("4.4.4-1-mes-enfants");
  await follow("Ajouter des élèves depuis un autre compte");
  await heading("Recherchez le compte").waitFor();
  await fill("Identifiant", "c.martin2");
  await fill("Mot de passe", "Prov-Z7k4-m9Qx");
  await picture("4.4.4-2-recherche");
  await press("Continuer");
  await page.getByText("Zoé").first().waitFor();
  await picture("4.4.4-3-recapitulatif");
  await press("Confirmer");
  await page.getByText("Zoé").first().waitFor();
  await picture("4.4.4-4-regroupe");
  await page.goto(service.portal);
  await follow("Se connecter");
  await atPortal("Claire");
  assert.deepEqual((await page.locator(".family h3").allTextContents()).sort(), ["Léo MARTIN", "Zoé MARTIN"]);
});

test("4.4.5 a wrong link is reported, and may be taken back at the next sign-in", async () => {
  await toAccount(NADIA);
  await follow("Mes enfants");
  const card = page.locator("li, article").filter({ hasText: "Adam" }).first();
  await card.getByRole("link", { name: /^Je ne suis pas le représentant légal de cet élève/ }).click();
  await picture("4.4.5-1-signaler");
  await press("Confirmer");
  await page.goto(service.portal);
  await follow("Se connecter");
  await atPortal("Nadia");
  assert.deepEqual(await page.locator(".family h3").allTextContents(), ["Lina DUBOIS"]);
  await press("Se déconnecter");
  await page.getByText("Vous êtes déconnecté, ici et chez Préau.").waitFor();
  await fromPortal();
  await fillSignIn(page, NADIA);
  await heading("Vérifiez vos enfants").waitFor();
  await picture("4.4.5-2-verifiez");
  await press("Rétablir le lien");
  await atPortal("Nadia");
  assert.deepEqual((await page.locator(".family h3").allTextContents()).sort(), ["Adam DUBOIS", "Lina DUBOIS"]);
});

test("4.4.5 the only link cannot be reported", async () => {
  await toAccount(CLAIRE);
  await follow("Mes enfants");
  await page.getByRole("link", { name: /^Je ne suis pas le représentant légal de cet élève/ }).click();
  await picture("4.4.5-3-seul-lien");
  if (await page.getByRole("button", { name: "Confirmer" }).count()) await press("Confirmer");
  await page.getByText(/seul/).first().waitFor();
  await page.goto(`${service.issuer}/compte/enfants`);
  await page.getByText("Léo").first().waitFor();
});

test("activation: a pupil gets from the school's letter to the portal", async () => {
  await fromPortal();
  await fillSignIn(page, ZOE);
  await heading("J’active mon compte").waitFor();
  await fill("Date de naissance", "04/01/2014");
  await picture("activation-1-naissance");
  await press("Continuer");
  await picture("activation-2-mot-de-passe");
  await newPassword();
  await fill("Email", "zoe.martin@example.org");
  await fill("Confirmer mon email", "zoe.martin@example.org");
  await picture("activation-3-email");
  await press("Continuer");
  await picture("activation-4-recapitulatif");
  await press("Activer mon compte");
  await atPortal("Zoé");
  await confirmAddress(await nextMessage(service, "zoe.martin@example.org"), "activation-5-confirmer");
});

test("activation: a guardian with a letter and a phone gets to the portal", async () => {
  await fromPortal();
  await fillSignIn(page, { identifier: "c.martin2", password: "Prov-Z7k4-m9Qx" });
  await heading("J’active mon compte").waitFor();
  await page.getByLabel(/^Date de naissance/).fill("04/01/2014");
  await press("Continuer");
  await newPassword();
  await press("Passer cette étape");
  await fill("N° de téléphone portable", "0639980009");
  await picture("activation-6-telephone");
  await press("Continuer");
  await press("Activer mon compte");
  await atPortal("Claire");
  assert.deepEqual(await page.locator(".family h3").allTextContents(), ["Zoé MARTIN"]);
});

test("self-registration: a guardian without a letter gets to the portal", async () => {
  await fromPortal();
  await follow("Je n’ai pas encore d’identifiant");
  await fill("Nom", "Durand");
  await fill("Prénom", "Paul");
  await fill("N° de téléphone portable", "06 39 98 00 08");
  await picture("inscription-1-identite");
  await press("Continuer");
  const code = codeOf(await nextMessage(service, "+33639980008"));
  await fill("Code reçu par SMS", code);
  await picture("inscription-2-code");
  await press("Continuer");
  await page.getByLabel(/^Date de naissance/).fill("30/05/2018");
  await picture("inscription-3-enfants");
  await press("Continuer");
  await newPassword();
  await picture("inscription-4-recapitulatif");
  await press("Activer mon compte");
  await page.getByText("p.durand8").first().waitFor();
  await picture("inscription-5-identifiant");
  const told = await nextMessage(service, "+33639980008", 1);
  assert.ok(names(told, "p.durand8"));
  await follow("Se connecter");
  await fillSignIn(page, { identifier: "p.durand8", password: NEW_PASSWORD });
  await atPortal("Paul");
  assert.equal((await messagesTo(service, "+33639980008")).length, 2);
});
