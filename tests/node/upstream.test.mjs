// FranceConnect as a provider that is not our code plays it: what we read of the protocol
// is not tested against ourselves alone.
import assert from "node:assert/strict";
import { after, before, beforeEach, test } from "node:test";

import { startProduction } from "./support/service.mjs";
import { NOBODY, PAUL, Upstream, misbehaviours } from "./support/upstream.mjs";
import { Visitor } from "./support/visitor.mjs";

let upstream;
let service;
let visitor;

before(async () => {
  upstream = await Upstream.listen();
  service = await startProduction(upstream.settings);
  upstream.register(service.issuer);
});

after(async () => {
  await service?.stop();
  await upstream?.close();
});

beforeEach(() => {
  visitor = new Visitor();
  Object.assign(upstream, { citizen: PAUL, acr: "eidas1", cancels: false, misbehaves: null });
});

/** To the upstream from the sign-in page, and back to a page of the service. */
async function identify() {
  const page = await visitor.visit(`${service.issuer}/compte`);
  return goOn(await visitor.submit(page, {}, "/avec/franceconnect"));
}

/** Follows from one origin to the other until a page stands. */
async function goOn(answer) {
  for (let steps = 0; answer.text === "" && steps < 10; steps += 1) answer = await visitor.visit(answer.address);
  return answer;
}

const fill = (page, values) => visitor.submit(page, values, "/activation/");

test("a guardian activates, and comes in again by the bond", async () => {
  let page = await identify();
  assert.match(page.text, /J’active mon compte/);
  page = await fill(page, { "date-de-naissance-1": "30/05/2018" });
  page = await fill(page, { choix: "passer" });
  page = await fill(page, { choix: "passer" });
  page = await fill(page, {});
  assert.equal(page.address.pathname, "/compte");
  assert.match(page.text, /p\.durand8/);

  visitor = new Visitor();
  page = await identify();
  assert.equal(page.address.pathname, "/compte");
  assert.match(page.text, /p\.durand8/);

  // Signing out goes on there, with what it needs to know the session.
  const left = await visitor.submit(page, {}, "/deconnexion");
  assert.equal(left.address.origin, upstream.issuer);
  const sent = left.address.searchParams;
  assert.ok(sent.get("id_token_hint") && sent.get("state"));
  assert.equal(sent.get("post_logout_redirect_uri"), `${service.issuer}/franceconnect/deconnexion`);
  const there = await visitor.visit(left.address);
  assert.equal(there.status, 200, there.text);
});

test("somebody whom no school knows gets the neutral page", async () => {
  upstream.citizen = NOBODY;
  const page = await identify();
  assert.equal(page.status, 403);
  assert.match(page.text, /amont-inconnu/);
});

test("a lower level than was asked for is refused", async () => {
  upstream.acr = "eidas0";
  const page = await identify();
  assert.equal(page.status, 502);
  assert.match(page.text, /amont-echec/);
});

test("whoever goes back there comes to a page that leads on", async () => {
  upstream.cancels = true;
  const page = await identify();
  assert.equal(page.status, 403);
  assert.match(page.text, /amont-abandon/);
});

const UNREACHABLE = ["a token endpoint that fails", "UserInfo that fails", "an upstream that is not available"];

for (const name of Object.keys(misbehaviours)) {
  test(`${name}: refused with a page that leads on`, async () => {
    upstream.misbehaves = name;
    const page = await identify();
    const [status, code] = UNREACHABLE.includes(name) ? [503, /amont-injoignable/] : [502, /amont-echec/];
    assert.equal(page.status, status, page.text);
    assert.match(page.text, code);
    // It leads back to the sign-in, where the password way is open.
    const back = page.text.match(/href="(\/connexion\/[^"]+)"/)[1];
    const signIn = await visitor.visit(new URL(back, service.issuer));
    assert.match(signIn.text, /name="mot-de-passe"/);
    // A provider that behaves is asked again at once.
    upstream.misbehaves = null;
    assert.match((await identify()).text, /Mon compte|J’active mon compte/);
  });
}

test("who is bound comes in from the pages of whoever lost something", async () => {
  for (const lost of ["/identifiant-perdu", "/mot-de-passe-perdu"]) {
    visitor = new Visitor();
    const page = await visitor.visit(`${service.issuer}${lost}`);
    const account = await goOn(await visitor.submit(page, {}, "/avec/franceconnect"));
    assert.equal(account.address.pathname, "/compte", account.text);
    assert.match(account.text, /p\.durand8/);
  }
});
