// A school officer at their desk in Debian's Chromium, without JavaScript: signs in with a
// second factor, finds Adam, prints a class's letters, and Adam activates with his. Each page
// is looked at by axe in a window with JavaScript, and leaves a picture in target/desk.
import assert from "node:assert/strict";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { after, before, test } from "node:test";
import { fileURLToPath } from "node:url";

import { codeOfTheMoment } from "../support/authenticator.mjs";
import { fillSignIn, newContext, startBrowser } from "../support/browser.mjs";
import { startDemo } from "../support/service.mjs";

const PICTURES = fileURLToPath(new URL("../../../target/desk/", import.meta.url));
const OFFICER = { identifier: "ecole.college", password: "Tableau-noir-2026" };
const NEW_PASSWORD = "girafe violon couloir";
const SIZES = [
  { width: 360, height: 740 },
  { width: 1280, height: 800 },
];

const axe = await readFile(new URL(import.meta.resolve("axe-core/axe.min.js")), "utf8");

let browser;
let service;
let officer;
let looker;

before(async () => {
  await mkdir(PICTURES, { recursive: true });
  [browser, service] = await Promise.all([startBrowser(), startDemo()]);
  const context = await newContext(browser, { javaScriptEnabled: false });
  officer = await context.newPage();
});

after(async () => {
  await browser?.close();
  await service?.stop();
});

const heading = (page, name) => page.getByRole("heading", { level: 1, name }).waitFor();
const press = (page, name) => page.getByRole("button", { name }).click();

/** Shows the page at hand to axe, in both sizes and schemes, and keeps its picture. */
async function look(name, html) {
  const pages = html ? undefined : officer.url();
  if (!looker) {
    const context = await newContext(browser, { storageState: await officer.context().storageState(), reducedMotion: "reduce" });
    looker = await context.newPage();
  }
  if (pages) await looker.goto(pages);
  for (const size of SIZES) {
    await looker.setViewportSize(size);
    for (const colorScheme of ["light", "dark"]) {
      await looker.emulateMedia({ colorScheme, reducedMotion: "reduce" });
      await looker.screenshot({ path: `${PICTURES}${name}-${size.width}-${colorScheme}.png`, fullPage: true });
      const wide = await looker.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
      assert.ok(wide <= 0, `${name} at ${size.width}: ${wide} px too wide`);
      await looker.evaluate(axe);
      const found = await looker.evaluate(async () => {
        const { violations } = await globalThis.axe.run(document);
        return violations.map(({ id, nodes }) => `${id}: ${nodes.map((node) => node.html).join(" ")}`);
      });
      assert.deepEqual(found, [], `${name} at ${size.width}, ${colorScheme}`);
    }
  }
}

test("an officer signs in with a second factor and comes to their desk", async () => {
  await officer.goto(`${service.issuer}/admin`);
  await fillSignIn(officer, OFFICER);
  await officer.getByLabel("Code de vérification").fill(codeOfTheMoment());
  await press(officer, "Continuer");
  await heading(officer, "Accueil de la console");
  await look("1-console");
  await officer.getByRole("link", { name: "Collège Simon-Lavigne" }).click();
  await heading(officer, /^Bureau/);
  await look("2-bureau");
});

test("finds Adam, and sees him as the school knows him", async () => {
  await officer.getByLabel("Nom, prénom ou identifiant").fill("dub");
  await press(officer, "Chercher");
  await heading(officer, "Personnes de l’établissement");
  await officer.getByRole("link", { name: "DUBOIS Nadia" }).waitFor();
  await look("3-personnes");
  await officer.getByRole("link", { name: "DUBOIS Adam" }).click();
  await heading(officer, "Adam DUBOIS");
  await officer.getByText("23/09/2012").waitFor();
  assert.equal(await officer.getByText("Lina").count(), 0);
  await look("4-adam");
  await officer.getByRole("link", { name: "Suspendre" }).click();
  await heading(officer, "Suspendre");
  await look("5-suspendre");
  await officer.goBack();
  await officer.getByRole("link", { name: "Historique" }).click();
  await heading(officer, "Historique");
  await look("6-historique");
});

let password;

test("prints the letters of a class, as one page", async () => {
  await officer.getByRole("link", { name: "Accueil", exact: true }).click();
  await officer.getByRole("link", { name: "4e A" }).click();
  await heading(officer, /^Classe/);
  await look("7-classe");
  await officer.getByLabel(/^Tous les élèves/).check();
  await press(officer, "Préparer les lettres");
  await heading(officer, "Une lettre à imprimer");
  const letter = officer.locator(".letter");
  await letter.getByText("Adam DUBOIS").waitFor();
  await letter.getByText("a.dubois6").waitFor();
  password = (await letter.locator(".given div", { hasText: "Mot de passe provisoire" }).locator("dd").textContent()).trim();
  assert.match(password, /^[a-z2-9]{4}-[a-z2-9]{4}-[a-z2-9]{4}$/);
  await writeFile(`${PICTURES}8-lettres.pdf`, await officer.pdf({ format: "A4", preferCSSPageSize: true }));
  await officer.emulateMedia({ media: "print" });
  await officer.screenshot({ path: `${PICTURES}8-lettres-papier.png`, fullPage: true });
  await officer.emulateMedia({ media: "screen" });
  // The page is kept by nobody: it is shown to axe as it is.
  const content = await officer.content();
  await looker.route("**/lettres-a-voir", (route) => route.fulfill({ contentType: "text/html; charset=utf-8", body: content }));
  await looker.goto(`${service.issuer}/lettres-a-voir`);
  await look("8-lettres", content);
});

test("Adam activates with the letter, in the browser of a classroom", async () => {
  const context = await newContext(browser, { javaScriptEnabled: false });
  const page = await context.newPage();
  await page.goto(`${service.issuer}/compte`);
  await fillSignIn(page, { identifier: "a.dubois6", password: "Compas-jaune-2026" });
  await page.getByRole("alert").waitFor();
  await fillSignIn(page, { identifier: "a.dubois6", password });
  await heading(page, "J’active mon compte");
  await page.getByLabel("Date de naissance").fill("23/09/2012");
  await press(page, "Continuer");
  await page.getByLabel("Nouveau mot de passe").fill(NEW_PASSWORD);
  await page.getByLabel("Confirmez votre mot de passe").fill(NEW_PASSWORD);
  await press(page, "Continuer");
  await press(page, "Passer cette étape");
  await press(page, "Activer mon compte");
  await heading(page, "Mon compte");
  await page.getByText("a.dubois6").waitFor();
  await context.close();
});
