// Pages of recovery, and the messages that lead to some of them: those come with the demo's inbox.
import { CLAIRE } from "./people.mjs";
import { eventually } from "./processes.mjs";

const at = (path) => ({ page, service }) => page.goto(service.issuer + path);

/** As `PAGES` of pages.mjs. */
export const RECOVERY_PAGES = [
  { name: "lost-identifier", title: "Identifiant perdu", open: at("/identifiant-perdu") },
  { name: "lost-identifier-email", title: "Identifiant perdu", open: at("/identifiant-perdu/email") },
  { name: "lost-identifier-sms", title: "Identifiant perdu", open: at("/identifiant-perdu/sms") },
  { name: "lost-identifier-fault", title: "Identifiant perdu", open: faultyNumber },
  { name: "lost-identifier-mailed", title: "Vérifiez vos emails !", open: at("/identifiant-perdu/email/envoye") },
  { name: "lost-identifier-texted", title: "Vérifiez votre téléphone !", open: at("/identifiant-perdu/sms/envoye") },
  { name: "lost-password", title: "Je réinitialise mon mot de passe", open: at("/mot-de-passe-perdu") },
  { name: "lost-password-mailed", title: "Vérifiez vos emails !", open: at("/mot-de-passe-perdu/email/envoye") },
  { name: "lost-password-code", title: "Je réinitialise mon mot de passe", open: codePage },
  { name: "lost-password-wrong-code", title: "Je réinitialise mon mot de passe", open: wrongCode },
  { name: "new-password", title: "Modifier le mot de passe", portal: true, open: newPassword },
  { name: "new-password-fault", title: "Modifier le mot de passe", portal: true, open: weakPassword },
  { name: "password-set", title: "Votre mot de passe est modifié", open: at("/mot-de-passe/modifie") },
  { name: "link-over", title: "Ce lien ne sert plus", open: at("/mot-de-passe/lien/termine") },
  { name: "step-over", title: "Cette étape n’est plus valable", open: at("/mot-de-passe/nouveau/x") },
  { name: "taken-back", title: "Votre compte est repris", open: at("/ce-n-est-pas-moi/fait") },
  { name: "schools", title: "Je contacte mon établissement", open: at("/mon-etablissement") },
  { name: "schools-found", title: "Je contacte mon établissement", open: at("/mon-etablissement?ville=montferrand") },
  { name: "schools-none", title: "Je contacte mon établissement", open: at("/mon-etablissement?ville=nulle+part") },
];

/** What has come to somebody and fits. */
export async function messages(service, to, fits) {
  const all = await (await fetch(`${service.inbox}/messages.json`)).json();
  return all.filter((one) => one.to === to && fits.test(one.text));
}

/** The message that comes to somebody when `act` is done. */
export async function message(service, to, fits, act) {
  const before = (await messages(service, to, fits)).length;
  await act();
  let found = [];
  const arrived = async () => {
    found = await messages(service, to, fits);
    return found.length > before;
  };
  await eventually(arrived, `a message to ${to}`);
  return found.at(-1);
}

/** The link to act on: the first address of a text. */
export function link({ text }) {
  return text.split("\n").find((line) => line.startsWith("http"));
}

/** The code of a text. */
export function code({ text }) {
  return text.match(/\d{6,}/)[0];
}

async function faultyNumber(stage) {
  await at("/identifiant-perdu/sms")(stage);
  await stage.page.getByLabel("N° de téléphone portable").fill("06 39");
  await stage.page.getByRole("button", { name: "Envoyer" }).click();
  await stage.page.getByRole("alert").waitFor();
}

async function asks({ page, service }, choice) {
  await page.goto(`${service.issuer}/mot-de-passe-perdu`);
  await page.getByLabel("Identifiant", { exact: true }).fill(CLAIRE.identifier);
  await page.getByRole("button", { name: choice }).click();
}

async function codePage(stage) {
  await asks(stage, "Recevoir par SMS");
  await stage.page.getByLabel("Code reçu par SMS").waitFor();
}

async function wrongCode(stage) {
  await codePage(stage);
  await stage.page.getByLabel("Code reçu par SMS").fill("123");
  await stage.page.getByRole("button", { name: "Continuer" }).click();
  await stage.page.getByRole("alert").waitFor();
}

async function newPassword(stage) {
  const { page, service } = stage;
  const mail = await message(service, "claire.martin@example.org", /mot-de-passe\/lien/, () =>
    asks(stage, "Recevoir par email"),
  );
  await page.goto(link(mail));
}

async function weakPassword(stage) {
  await newPassword(stage);
  await stage.page.getByLabel("Nouveau mot de passe").fill("court");
  await stage.page.getByRole("button", { name: "Continuer" }).click();
  await stage.page.getByRole("alert").waitFor();
}
