// Every page and state that people come to see, for looking at them and for checking them.
import { fillSignIn, newPage } from "./browser.mjs";
import { ADAM, CLAIRE, LEO, NADIA, ZOE } from "./people.mjs";
import { RECOVERY_PAGES } from "./recovery.mjs";
import { Visitor } from "./visitor.mjs";

/** The registrations that these pages need, of a relying party of the tests'. */
export function registrations(party) {
  const links = { policy_uri: "https://cantine.example/donnees", tos_uri: "https://cantine.example/conditions" };
  return [
    party.registration("cantine"),
    party.registration("tiers", { first_party: false, client_name: "Bibliothèque de Trifouillis-les-Oies", ...links }),
    party.registration("parents", { client_name: "Démarches des familles", person_kinds: ["guardian"] }),
  ];
}

/** Tells the relying party about the provider. */
export async function connectAll(party, service) {
  for (const id of ["cantine", "tiers", "parents"]) await party.connect(service.issuer, id);
}

/** `open` leads a fresh page there. `portal` tells those that only the demo has. */
export const PAGES = [
  { name: "sign-in", title: "Je me connecte", open: signInPage },
  { name: "sign-in-refused", title: "Je me connecte", open: (stage) => refused(stage, { identifier: "personne1", password: "faux" }) },
  { name: "sign-in-empty", title: "Je me connecte", open: (stage) => refused(stage, { identifier: "", password: "" }) },
  { name: "sign-in-slowed", title: "Patientez un instant", open: slowed },
  { name: "activation", title: "J’active mon compte", open: (stage) => signedIn(stage, "cantine", ZOE) },
  { name: "registration", title: "Je n’ai pas encore d’identifiant", open: at("/inscription") },
  { name: "lost-identifier", title: "Identifiant perdu", open: at("/identifiant-perdu") },
  { name: "lost-password", title: "Je réinitialise mon mot de passe", open: at("/mot-de-passe-perdu") },
  { name: "schools", title: null, open: at("/mon-etablissement?q=0750003W") },
  { name: "consent", title: "Autoriser Bibliothèque de Trifouillis-les-Oies ?", open: (stage) => signedIn(stage, "tiers", CLAIRE) },
  { name: "under-age", title: "Ce service demande l’accord d’un adulte", open: (stage) => signedIn(stage, "tiers", ADAM) },
  { name: "wrong-person", title: "Ce service attend un autre compte", open: (stage) => signedIn(stage, "parents", LEO) },
  { name: "form-post", title: "Retour vers votre service", open: formPost },
  { name: "account", title: "Mon compte", open: account },
  { name: "sign-out", title: "Se déconnecter ?", open: signOut },
  { name: "signed-out", title: "Vous êtes déconnecté", open: signedOut },
  ...RECOVERY_PAGES,
  { name: "help", title: "Aide", open: at("/aide") },
  { name: "accessibility", title: "Accessibilité", open: at("/accessibilite") },
  { name: "not-found", title: "Cette page n’existe pas", open: at("/nulle-part") },
  { name: "expired", title: "Cette connexion n’est plus valable", open: at(`/connexion/${"A".repeat(43)}`) },
  { name: "unknown-client", title: "Ce service est mal réglé", open: at("/oauth2/authorize?client_id=personne&redirect_uri=https%3A%2F%2Fx.example%2F") },
  { name: "ended", title: "Vous avez déjà terminé cette connexion", open: ended },
  { name: "other-browser", title: "Cette connexion a été commencée ailleurs", open: otherBrowser },
  { name: "activation-children", title: "J’active mon compte", portal: true, open: fromFranceConnect },
  { name: "france-connect-nobody", title: "Nous n’avons pas pu vous connecter avec FranceConnect", portal: true, open: turnedAway },
  { name: "binding", title: "Relier FranceConnect à votre compte", portal: true, open: binding },
  { name: "binding-code", title: "Relier FranceConnect à votre compte", portal: true, open: bindingCode },
  { name: "grouping", title: "Recherchez le compte", portal: true, open: grouping },
  { name: "sign-in-again", title: "Je me connecte", portal: true, open: signInAgain },
  { name: "portal-home", title: null, portal: true, open: ({ page, service }) => page.goto(service.portal) },
  { name: "portal-guardian", title: null, portal: true, open: (stage) => atPortal(stage, CLAIRE) },
  { name: "portal-two-children", title: null, portal: true, open: (stage) => atPortal(stage, NADIA) },
  { name: "portal-pupil", title: null, portal: true, open: (stage) => atPortal(stage, ADAM) },
  { name: "portal-problem", title: null, portal: true, open: ({ page, service }) => page.goto(`${service.portal}/callback?code=c&state=s`) },
  { name: "inbox", title: null, portal: true, open: ({ page, service }) => page.goto(service.inbox) },
  { name: "inbox-message", title: null, portal: true, open: inboxWithMessage },
];

/** A fresh page of that kind. Close its context when done. */
export async function openPage(browser, { service, party }, kind, options) {
  const page = await newPage(browser, options);
  await kind.open({ page, service, party });
  if (kind.title) await page.getByRole("heading", { level: 1, name: kind.title }).waitFor();
  return page;
}

function at(path) {
  return ({ page, service }) => page.goto(service.issuer + path);
}

async function signInPage({ page, party }, client = "cantine", parameters = {}) {
  await page.goto(`${party.origin}/sign-in?${new URLSearchParams({ client, ...parameters })}`);
  await page.getByLabel("Identifiant", { exact: true }).waitFor();
}

async function signedIn(stage, client, person, parameters) {
  await signInPage(stage, client, parameters);
  await fillSignIn(stage.page, person);
}

async function refused(stage, person) {
  await signedIn(stage, "cantine", person);
  await stage.page.getByRole("alert").waitFor();
}

async function slowed(stage) {
  const identifier = `personne-${Math.random().toString(36).slice(2)}`;
  await failFiveTimes(stage, identifier);
  await signInPage(stage);
  // On a slow machine the first wait may be over; each further one is twice as long.
  let status;
  do {
    const answer = stage.page.waitForResponse((response) => response.request().method() === "POST");
    await fillSignIn(stage.page, { identifier, password: "faux" });
    status = (await answer).status();
  } while (status !== 429);
}

/** Five wrong passwords: from then on somebody waits, and an owner is told by mail. */
async function failFiveTimes({ service, party }, identifier) {
  const visitor = new Visitor();
  const sent = await fetch(`${party.origin}/sign-in?client=cantine`, { redirect: "manual" });
  await sent.arrayBuffer();
  const page = await visitor.visit(new URL(sent.headers.get("location"), service.issuer));
  for (let count = 0; count < 5; count += 1) {
    await visitor.submit(page, { identifiant: identifier, "mot-de-passe": "faux" });
  }
}

async function formPost(stage) {
  await stage.page.route("**/submit.*.js", (route) => route.fulfill({ body: "" }));
  await signedIn(stage, "cantine", CLAIRE, { response_mode: "form_post" });
}

async function account({ page, service }) {
  await page.goto(`${service.issuer}/compte`);
  await fillSignIn(page, CLAIRE);
  await page.getByRole("heading", { name: "Mon compte" }).waitFor();
}

async function signOut(stage) {
  await account(stage);
  await stage.page.goto(`${stage.service.issuer}/deconnexion`);
}

async function signedOut(stage) {
  await signOut(stage);
  await stage.page.getByRole("button", { name: "Se déconnecter" }).click();
  await stage.page.getByRole("heading", { level: 1, name: "Vous êtes déconnecté" }).waitFor();
}

async function ended(stage) {
  await signInPage(stage);
  const address = stage.page.url();
  await fillSignIn(stage.page, CLAIRE);
  await stage.page.locator("#nom").waitFor();
  await stage.page.goto(address);
}

async function otherBrowser(stage) {
  await signInPage(stage);
  const address = stage.page.url();
  await stage.page.context().clearCookies();
  await stage.page.goto(address);
}

/** A guardian without a letter, from the demo's FranceConnect. */
/** Identifies as a citizen of the simulator, from a page that offers FranceConnect. */
async function identify(page, citizen) {
  await page.getByRole("button", { name: /S.identifier avec FranceConnect/ }).click();
  await page.getByRole("button", { name: citizen }).or(page.getByRole("link", { name: citizen })).click();
  await page.getByRole("button", { name: "Continuer", exact: true }).click();
}

async function turnedAway({ page, service }) {
  await page.goto(`${service.issuer}/compte`);
  await identify(page, "Inconnu SANSLIEN");
}

async function binding(stage) {
  await turnedAway(stage);
  await stage.page.getByRole("link", { name: /recevoir un code/ }).click();
}

async function bindingCode(stage) {
  await binding(stage);
  await stage.page.getByLabel("Identifiant", { exact: true }).fill("c.martin1");
  await stage.page.getByRole("button", { name: "Recevoir par email" }).click();
  await stage.page.getByLabel("Code reçu par email").waitFor();
}

async function grouping(stage) {
  await account(stage);
  await stage.page.goto(`${stage.service.issuer}/compte/enfants/ajouter`);
}

/** A service asks somebody again who has no password. */
async function signInAgain(stage) {
  await stage.page.goto(`${stage.service.issuer}/compte`);
  await identify(stage.page, "François PETIT");
  await stage.page.getByRole("heading", { level: 1, name: "Mon compte" }).waitFor();
  await stage.page.goto(`${stage.party.origin}/sign-in?${new URLSearchParams({ client: "cantine", prompt: "login" })}`);
}

async function fromFranceConnect({ page, service }) {
  await page.goto(`${service.portal}/connexion`);
  await page.getByRole("button", { name: /FranceConnect/ }).click();
  await page.getByRole("button", { name: "Paul DURAND" }).click();
  await page.getByRole("button", { name: "Continuer" }).click();
  await page.getByLabel("Date de naissance").waitFor();
}

async function atPortal({ page, service }, person) {
  await page.goto(service.portal);
  await page.getByRole("link", { name: "Se connecter" }).click();
  await fillSignIn(page, person);
  await page.getByRole("heading", { level: 1, name: "Bonjour" }).waitFor();
}

async function inboxWithMessage(stage) {
  const { page, service } = stage;
  await failFiveTimes(stage, CLAIRE.identifier);
  await page.goto(service.inbox);
  while ((await page.getByRole("article").count()) === 0) await page.reload();
}
