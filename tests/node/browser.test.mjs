// Journeys of people in Debian's Chromium, with the headers of production, at a relying
// party on another origin and, in the demo, at the portal.
import assert from "node:assert/strict";
import { after, afterEach, before, beforeEach, test } from "node:test";

import { fillSignIn, focused, newContext, newPage, startBrowser } from "./support/browser.mjs";
import { connectAll, registrations } from "./support/pages.mjs";
import { ADAM, CLAIRE, NADIA, ZOE } from "./support/people.mjs";
import { RelyingParty } from "./support/relying-party.mjs";
import { STORE, startService } from "./support/service.mjs";

let browser;
let party;
let service;
let context;
let page;

before(async () => {
  party = await RelyingParty.start();
  [browser, service] = await Promise.all([startBrowser(), startService(registrations(party))]);
  await connectAll(party, service);
});

after(async () => {
  await browser?.close();
  await party.stop();
  assert.equal((await service.stop()).status, 0);
});

beforeEach(async () => {
  context = await newContext(browser);
  page = await context.newPage();
});

/** No page may break its own policy, or throw. */
afterEach(async () => {
  await context.close();
  assert.deepEqual(context.faults, []);
});

// The portal is the demo's, which runs on SQLite: on other stores there is none to test.
const portalTest = (name, act) => STORE === "sqlite" && test(name, act);
const startAddress = (parameters = {}) => `${party.origin}/sign-in?${new URLSearchParams({ client: "cantine", ...parameters })}`;
const heading = (name, of = page) => of.getByRole("heading", { level: 1, name });

async function start(of = page, parameters) {
  await of.goto(startAddress(parameters));
  await heading("Je me connecte", of).waitFor();
}

/** The relying party has the person. */
async function arrived(name, of = page) {
  await of.locator("#nom", { hasText: name }).waitFor();
}

async function signIn(person, of = page) {
  await start(of);
  await fillSignIn(of, person);
  await arrived(person.name, of);
}

async function atPortal(person) {
  await page.goto(service.portal);
  await page.getByRole("link", { name: "Se connecter" }).click();
  await page.getByText("pour accéder à Portail des familles").waitFor();
  await fillSignIn(page, person);
  await page.getByRole("heading", { level: 1, name: `Bonjour ${person.name.split(" ")[0]}` }).waitFor();
}

const people = () => page.locator(".family h3").allTextContents();

portalTest("Claire signs in at the portal and sees Léo", async () => {
  await atPortal(CLAIRE);
  assert.deepEqual(await people(), ["Léo MARTIN"]);
  await page.locator("dd", { hasText: "claire.martin@example.org" }).first().waitFor();
});

portalTest("Nadia sees Adam and Lina", async () => {
  await atPortal(NADIA);
  assert.deepEqual((await people()).sort(), ["Adam DUBOIS", "Lina DUBOIS"]);
});

portalTest("Adam sees his guardian", async () => {
  await atPortal(ADAM);
  assert.deepEqual(await people(), ["Nadia DUBOIS"]);
});

portalTest("the portal reads again what Préau says", async () => {
  await atPortal(CLAIRE);
  await page.getByRole("button", { name: "Actualiser" }).click();
  await page.getByRole("status").waitFor();
  assert.match(await page.getByRole("status").textContent(), /Rien n.a changé/);
  assert.deepEqual(await people(), ["Léo MARTIN"]);
});

portalTest("signing out at the portal signs out everywhere", async () => {
  await atPortal(CLAIRE);
  await signedInAlready(CLAIRE);
  await page.goto(service.portal);
  await page.getByRole("button", { name: "Se déconnecter" }).click();
  await page.getByText("Vous êtes déconnecté, ici et chez Préau.").waitFor();
  await start();
});

portalTest("the portal and « Mon compte » lead to one another", async () => {
  await atPortal(CLAIRE);
  await page.getByRole("link", { name: "Mon compte" }).click();
  await heading("Mon compte").waitFor();
  await page.getByRole("link", { name: "Ouvrir le portail de démonstration" }).click();
  await heading("Bonjour Claire").waitFor();
});

/** Comes to the relying party without a page in between. */
async function signedInAlready(person, of = page) {
  await of.goto(startAddress());
  await arrived(person.name, of);
}

test("a relying party on another origin learns the person and their children", async () => {
  await signIn(NADIA);
  assert.deepEqual((await page.locator("#enfants li").allTextContents()).sort(), ["Adam", "Lina"]);
  assert.equal(new URL(page.url()).origin, party.origin);
});

test("the page says for whom the person signs in", async () => {
  await start();
  await page.getByText("pour accéder à Cantine de la commune").waitFor();
});

test("a request that comes as a form from another site finds the session", async () => {
  await signIn(CLAIRE);
  await page.goto(`${party.origin}/sign-in-by-post?client=cantine`);
  await page.getByRole("button", { name: "Envoyer" }).click();
  await arrived(CLAIRE.name);
});

test("an answer as a form goes on by itself", async () => {
  await start(page, { response_mode: "form_post" });
  await fillSignIn(page, CLAIRE);
  await arrived(CLAIRE.name);
});

test("two tabs are two sign-ins, and the later one asks for nothing", async () => {
  const other = await context.newPage();
  await start(page);
  await start(other);
  await fillSignIn(page, CLAIRE);
  await arrived(CLAIRE.name);
  await other.reload();
  await arrived(CLAIRE.name, other);
});

test("two tabs may both type the password", async () => {
  const other = await context.newPage();
  await start(page);
  await start(other);
  await fillSignIn(page, CLAIRE);
  await arrived(CLAIRE.name);
  await fillSignIn(other, CLAIRE);
  await arrived(CLAIRE.name, other);
});

test("going back after a sign-in leads on", async () => {
  await signIn(CLAIRE);
  await page.goBack();
  await heading("Vous avez déjà terminé cette connexion").waitFor();
  await page.getByRole("link", { name: "Retourner à Cantine de la commune" }).waitFor();
});

test("reloading the sign-in page changes nothing", async () => {
  await start();
  await page.reload();
  await fillSignIn(page, CLAIRE);
  await arrived(CLAIRE.name);
});

test("a wrong password is told in words, with the identifier kept", async () => {
  await start();
  await fillSignIn(page, { ...CLAIRE, password: "Cartable-vert-2026" });
  await page.getByRole("alert").waitFor();
  assert.match(await page.title(), /^Erreur\s: Je me connecte/);
  assert.equal(await page.getByLabel("Identifiant", { exact: true }).inputValue(), CLAIRE.identifier);
  assert.equal(await page.getByLabel("Mot de passe", { exact: true }).inputValue(), "");
  assert.match(await focused(page), /Il y a un problème/);
  await page.getByRole("alert").getByRole("link").click();
  assert.match(await focused(page), /^Identifiant/);
  await fillSignIn(page, CLAIRE);
  await arrived(CLAIRE.name);
});

test("empty fields are told each", async () => {
  await start();
  await page.getByRole("button", { name: "Se connecter", exact: true }).click();
  const told = await page.getByRole("alert").getByRole("link").allTextContents();
  assert.deepEqual(told, ["Saisissez votre identifiant", "Saisissez votre mot de passe"]);
  const described = await page.getByLabel("Mot de passe", { exact: true }).getAttribute("aria-describedby");
  assert.match(await page.locator(`#${described}`).textContent(), /Saisissez votre mot de passe/);
});

test("a provisional password opens the activation, which can be gone on with later", async () => {
  await start();
  await fillSignIn(page, ZOE);
  await heading("J’active mon compte").waitFor();
  await page.getByLabel("Date de naissance").fill("04/01/2014");
  await page.getByRole("button", { name: "Continuer" }).click();
  await page.getByLabel("Nouveau mot de passe").waitFor();
  await start();
  await fillSignIn(page, ZOE);
  await page.getByLabel("Nouveau mot de passe").waitFor();
});

test("whoever goes back to the service from there is told apart", async () => {
  await start();
  await fillSignIn(page, ZOE);
  await page.getByRole("button", { name: "Retourner au service" }).click();
  await page.locator("#refus", { hasText: "access_denied" }).waitFor();
});

test("cookies lost midway lead on", async () => {
  await start();
  await context.clearCookies();
  await fillSignIn(page, CLAIRE);
  await page.getByRole("link", { name: "Réessayer" }).click();
  await heading("Cette connexion a été commencée ailleurs").waitFor();
  await page.getByRole("link", { name: "Retourner à Cantine de la commune" }).waitFor();
  await signIn(CLAIRE);
});

// The demo has FranceConnect; the production of the other store has none.
test("the keyboard is enough, and shows where it is", async () => {
  await start();
  const seen = [];
  const go = async (key) => {
    await page.keyboard.press(key);
    seen.push(await focused(page));
    assert.ok(await hasVisibleFocus(), `no visible focus on ${seen.at(-1)}`);
  };
  while (seen.at(-1) !== "Identifiant" && seen.length < 10) await go("Tab");
  await page.keyboard.type(CLAIRE.identifier);
  await go("Tab");
  await page.keyboard.type(CLAIRE.password);
  for (let count = 0; count < 2; count += 1) await go("Tab");
  assert.deepEqual(seen, [
    "Aller au contenu",
    ...(STORE === "sqlite" ? ["S’identifier avec FranceConnect", "Qu’est-ce que FranceConnect\u00a0?"] : []),
    "Identifiant",
    "Mot de passe",
    "Afficher",
    "Se connecter",
  ]);
  await page.keyboard.press("Enter");
  await arrived(CLAIRE.name);
});

function hasVisibleFocus() {
  return page.evaluate(() => {
    const { outlineStyle, outlineWidth } = getComputedStyle(document.activeElement);
    return outlineStyle !== "none" && parseFloat(outlineWidth) >= 2;
  });
}

test("the first link skips to the content", async () => {
  await start();
  await page.keyboard.press("Tab");
  await page.keyboard.press("Enter");
  assert.equal(await page.evaluate(() => document.activeElement.id), "contenu");
});

test("Enter in a field sends the form", async () => {
  await start();
  await page.getByLabel("Identifiant", { exact: true }).fill(CLAIRE.identifier);
  await page.getByLabel("Mot de passe", { exact: true }).fill(CLAIRE.password);
  await page.keyboard.press("Enter");
  await arrived(CLAIRE.name);
});

test("without JavaScript everything works, an answer as a form by its button", async () => {
  const plain = await newPage(browser, { javaScriptEnabled: false });
  await start(plain, { response_mode: "form_post" });
  assert.equal(await plain.getByRole("button", { name: "Afficher" }).count(), 0);
  await fillSignIn(plain, { ...CLAIRE, password: "faux" });
  await plain.getByRole("alert").waitFor();
  await fillSignIn(plain, CLAIRE);
  await heading("Retour vers votre service", plain).waitFor();
  await plain.getByRole("button", { name: "Continuer" }).click();
  await arrived(CLAIRE.name, plain);
  await plain.goto(`${service.issuer}/deconnexion`);
  await plain.getByRole("button", { name: "Se déconnecter" }).click();
  await heading("Vous êtes déconnecté", plain).waitFor();
  await plain.context().close();
});

test("pages are English for whoever prefers it", async () => {
  const english = await newPage(browser, { locale: "en-GB" });
  await english.goto(startAddress());
  await heading("Sign in", english).waitFor();
  assert.equal(await english.locator("html").getAttribute("lang"), "en");
  await english.context().close();
});

test("the language can be changed on the page, midway, and stays", async () => {
  await start();
  await page.getByRole("link", { name: "English" }).click();
  await heading("Sign in").waitFor();
  await page.getByLabel("Username", { exact: true }).fill(CLAIRE.identifier);
  await page.getByLabel("Password", { exact: true }).fill("wrong");
  await page.getByRole("button", { name: "Sign in", exact: true }).click();
  await page.getByRole("alert").getByText("The username or the password is not right").waitFor();
});

test("a service may ask for a language", async () => {
  await page.goto(startAddress({ ui_locales: "en" }));
  await heading("Sign in").waitFor();
});

test("a button shows the password, and says so", async () => {
  await start();
  const field = page.getByLabel("Mot de passe", { exact: true });
  await field.fill("secret");
  assert.equal(await field.getAttribute("type"), "password");
  await page.getByRole("button", { name: "Afficher" }).click();
  assert.equal(await field.getAttribute("type"), "text");
  await page.getByRole("status").filter({ hasText: "Le mot de passe est affiché." }).waitFor();
  await page.getByRole("button", { name: "Masquer" }).click();
  assert.equal(await field.getAttribute("type"), "password");
});

test("« Aide » helps, and the browser's way back is there", async () => {
  await start();
  await page.getByRole("link", { name: "Aide" }).click();
  await heading("Aide").waitFor();
  await page.locator("details[open]", { hasText: "Mon mot de passe est refusé à la connexion" }).waitFor();
  await page.getByText("Quel est mon identifiant ?").click();
  await page.getByText("L’identifiant est donné par l’école").waitFor();
  await page.goBack();
  await fillSignIn(page, CLAIRE);
  await arrived(CLAIRE.name);
});

test("a service that is not first-party is agreed to, or not", async () => {
  await page.goto(startAddress({ client: "tiers" }));
  await fillSignIn(page, CLAIRE);
  await page.getByRole("button", { name: "Refuser" }).click();
  await page.locator("#refus", { hasText: "access_denied" }).waitFor();
  await page.goto(startAddress({ client: "tiers" }));
  await page.getByRole("button", { name: "Autoriser" }).click();
  await arrived(CLAIRE.name);
});

test("another person may take over at the same computer", async () => {
  await page.goto(startAddress({ client: "parents" }));
  await fillSignIn(page, ADAM);
  await heading("Ce service attend un autre compte").waitFor();
  await page.getByRole("button", { name: "Utiliser un autre compte" }).click();
  await heading("Je me connecte").waitFor();
  await fillSignIn(page, NADIA);
  await arrived(NADIA.name);
});

test("« Mon compte » asks who it is, and signs out", async () => {
  await page.goto(`${service.issuer}/`);
  await fillSignIn(page, CLAIRE);
  await heading("Mon compte").waitFor();
  assert.equal(page.url(), `${service.issuer}/compte`);
  await page.getByRole("button", { name: "Se déconnecter" }).click();
  await heading("Vous êtes déconnecté").waitFor();
  await start();
});

test("no page of ours stands in another's frame", async () => {
  await page.goto(`${party.origin}/frame?of=${encodeURIComponent(`${service.issuer}/aide`)}`);
  const frame = await (await page.locator("#cadre").elementHandle()).contentFrame();
  await frame.waitForURL(/^chrome-error:/);
  // The browser tells of it on the console of whoever frames.
  assert.ok(context.faults.some((fault) => /frame-ancestors|X-Frame-Options/i.test(fault)), context.faults.join());
  context.faults.length = 0;
});

test("a page weighs little and takes everything from its own origin", async () => {
  const answers = [];
  page.on("response", (response) => answers.push(response));
  await start();
  await page.waitForLoadState("networkidle");
  const own = answers.filter((answer) => answer.url().startsWith(service.issuer) && answer.ok());
  assert.ok(own.length >= 3);
  const foreign = answers.filter((answer) => ![service.issuer, party.origin].includes(new URL(answer.url()).origin));
  assert.deepEqual(foreign.map((answer) => answer.url()), []);
  const bodies = await Promise.all(own.map((answer) => answer.body()));
  const weight = bodies.reduce((sum, body) => sum + body.length, 0);
  assert.ok(weight <= 50_000, `${weight} bytes`);
  // All that the page takes is named by the page itself: one round after the HTML.
  const [, ...parts] = own.filter((answer) => answer.status() === 200);
  const html = await page.content();
  const late = parts.map((answer) => new URL(answer.url()).pathname).filter((path) => !html.includes(path));
  assert.deepEqual(late, []);
  const policy = own[0].headers()["content-security-policy"];
  assert.match(policy, /default-src 'none'/);
  assert.doesNotMatch(policy, /unsafe-/);
});
