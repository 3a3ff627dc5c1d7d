// Debian's Chromium, and what every journey in it does.
import { chromium } from "playwright-core";

const ARGUMENTS = [
  "--no-sandbox",
  "--disable-gpu",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];

/** Starts Chromium; contexts come from `newContext`. */
export async function startBrowser() {
  const executablePath = process.env.PREAU_TEST_CHROMIUM ?? "/usr/bin/chromium";
  return chromium.launch({ executablePath, args: ARGUMENTS });
}

/** A browser profile of its own, French and without anything kept; `faults` gathers what pages complain of. */
export async function newContext(browser, options = {}) {
  const context = await browser.newContext({ locale: "fr-FR", viewport: { width: 1280, height: 800 }, ...options });
  context.setDefaultTimeout(10_000);
  context.faults = [];
  context.on("page", (page) => watch(page, context.faults));
  return context;
}

/** A page in a profile of its own; closing it ends both. */
export async function newPage(browser, options) {
  const context = await newContext(browser, options);
  return context.newPage();
}

function watch(page, faults) {
  page.on("pageerror", (error) => faults.push(`script: ${error.message}`));
  page.on("console", (message) => {
    // A page that is an error is told as one; it is the page's own business.
    const isStatus = /Failed to load resource: the server responded with a status of/.test(message.text());
    if (["error", "warning"].includes(message.type()) && !isStatus) faults.push(`console: ${message.text()}`);
  });
  page.on("requestfailed", (request) => {
    const broken = request.failure()?.errorText ?? "";
    if (/BLOCKED_BY_(CSP|RESPONSE)/.test(broken)) faults.push(`${broken}: ${request.url()}`);
  });
}

/** Types identifier and password into the sign-in page and sends it. */
export async function fillSignIn(page, { identifier, password }) {
  await page.getByLabel("Identifiant", { exact: true }).fill(identifier);
  await page.getByLabel("Mot de passe", { exact: true }).fill(password);
  await page.getByRole("button", { name: "Se connecter", exact: true }).click();
}

/** Where the focus is: the element's name as people hear it, else its tag. */
export function focused(page) {
  return page.evaluate(() => {
    const element = document.activeElement;
    const label = element.labels?.[0]?.textContent ?? element.textContent;
    return label?.trim() || element.tagName.toLowerCase();
  });
}
