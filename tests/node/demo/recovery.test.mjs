// Recovery in Debian's Chromium, step by step as the guide has it (4.3.1 to 4.3.4), from
// the portal's sign-in and back to the portal; with JavaScript and without.
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";

import { newContext, startBrowser } from "../support/browser.mjs";
import { code, link, message, messages } from "../support/recovery.mjs";
import { startDemo } from "../support/service.mjs";

const MAIL = "claire.martin@example.org";
const PHONE = "+33639980001";

let browser;
let service;
/** Each journey sets another one. */
let password = "Cartable-bleu-2026";

before(async () => {
  [browser, service] = await Promise.all([startBrowser(), startDemo()]);
});

after(async () => {
  await browser?.close();
  await service?.stop();
});

const heading = (page, name) => page.getByRole("heading", { level: 1, name }).waitFor();

async function atSignIn(page) {
  await page.goto(service.portal);
  await page.getByRole("link", { name: "Se connecter" }).click();
  await heading(page, "Je me connecte");
}

async function signsIn(page) {
  await page.getByLabel("Identifiant", { exact: true }).fill("c.martin1");
  await page.getByLabel("Mot de passe", { exact: true }).fill(password);
  await page.getByRole("button", { name: "Se connecter", exact: true }).click();
  await heading(page, "Bonjour Claire");
}

async function chooses(page) {
  password = `girafe violon couloir ${password.length}${Math.floor(performance.now())}`;
  await page.getByLabel("Nouveau mot de passe").fill(password);
  await page.getByLabel("Confirmez votre mot de passe").fill(password);
  await page.getByRole("button", { name: "Continuer" }).click();
  await heading(page, "Votre mot de passe est modifié");
  await page.getByRole("link", { name: "Se connecter" }).click();
}

const STEPS = {
  async "4.3.1 lost identifier by mail"(page) {
    await atSignIn(page);
    await page.getByRole("link", { name: "Identifiant perdu" }).click();
    await heading(page, "Identifiant perdu");
    await page.getByRole("link", { name: "Recevoir par email" }).click();
    await page.getByLabel("Email").fill(MAIL);
    const mail = await message(service, MAIL, /^c\.martin1$/m, () =>
      page.getByRole("button", { name: "Envoyer" }).click(),
    );
    await heading(page, "Vérifiez vos emails !");
    assert.equal(link(mail), `${service.issuer}/compte`);
    await page.getByRole("link", { name: "Se connecter" }).click();
    await signsIn(page);
  },
  async "4.3.2 lost password by mail"(page) {
    await atSignIn(page);
    await page.getByRole("link", { name: "Mot de passe perdu" }).click();
    await heading(page, "Je réinitialise mon mot de passe");
    await page.getByLabel("Identifiant", { exact: true }).fill("c.martin1");
    const mail = await message(service, MAIL, /mot-de-passe\/lien/, () =>
      page.getByRole("button", { name: "Recevoir par email" }).click(),
    );
    await heading(page, "Vérifiez vos emails !");
    const referrers = [];
    page.on("request", (request) => referrers.push(request.headers().referer ?? ""));
    await page.goto(link(mail));
    await heading(page, "Modifier le mot de passe");
    assert.ok(!page.url().includes("jeton"), page.url());
    await page.getByLabel("Identifiant", { exact: true }).fill("c.martin1");
    await chooses(page);
    assert.ok(referrers.length > 3 && referrers.every((referrer) => !referrer.includes("jeton")));
    await signsIn(page);
  },
  async "4.3.3 lost identifier by SMS"(page) {
    await atSignIn(page);
    await page.getByRole("link", { name: "Identifiant perdu" }).click();
    await page.getByRole("link", { name: "Recevoir par SMS" }).click();
    await page.getByLabel("N° de téléphone portable").fill("06 39 98 00 01");
    await message(service, PHONE, /^c\.martin1$/m, () => page.getByRole("button", { name: "Envoyer" }).click());
    await heading(page, "Vérifiez votre téléphone !");
    await page.getByRole("link", { name: "Se connecter" }).click();
    await signsIn(page);
  },
  async "4.3.4 lost password by SMS"(page) {
    await atSignIn(page);
    await page.getByRole("link", { name: "Mot de passe perdu" }).click();
    await page.getByLabel("Identifiant", { exact: true }).fill("c.martin1");
    const sms = await message(service, PHONE, /\d{8}/, () =>
      page.getByRole("button", { name: "Recevoir par SMS" }).click(),
    );
    await page.getByText("J’indique le code d’activation reçu par SMS (valable 30min)").waitFor();
    await page.getByLabel("Code reçu par SMS").fill(code(sms));
    await page.getByRole("button", { name: "Continuer" }).click();
    await heading(page, "Modifier le mot de passe");
    await chooses(page);
    await signsIn(page);
  },
  async "the account is taken back with « Ce n'est pas moi »"(page) {
    const notices = await messages(service, MAIL, /ce-n-est-pas-moi/);
    await page.goto(link(notices.at(-1)));
    await heading(page, "Ce n’est pas vous ?");
    await page.getByRole("button", { name: "Ce n’est pas moi" }).click();
    await heading(page, "Votre compte est repris");
    await page.getByRole("link", { name: "Mot de passe perdu" }).click();
    await heading(page, "Je réinitialise mon mot de passe");
  },
};

for (const javaScriptEnabled of [true, false]) {
  describe(javaScriptEnabled ? "with JavaScript" : "without JavaScript", () => {
    for (const [name, step] of Object.entries(STEPS)) {
      test(name, async () => {
        const context = await newContext(browser, { javaScriptEnabled });
        const page = await context.newPage();
        await step(page);
        assert.deepEqual(context.faults, []);
        await context.close();
        // After an account is taken back its password is nobody's: it is set anew.
        if (name.includes("taken back")) await opensAgain();
      });
    }
  });
}

async function opensAgain() {
  const context = await newContext(browser);
  const page = await context.newPage();
  await STEPS["4.3.2 lost password by mail"](page);
  await context.close();
}
