// The provider as openid-client, which is not our code, finds it: no browser needed.
import assert from "node:assert/strict";
import { generateKeyPairSync, randomUUID, sign, webcrypto } from "node:crypto";
import { after, before, test } from "node:test";

import * as openid from "openid-client";

import { ADAM, CLAIRE, LEO, NADIA } from "./support/people.mjs";
import { RelyingParty } from "./support/relying-party.mjs";
import { STORE, startService } from "./support/service.mjs";
import { Visitor, formOf } from "./support/visitor.mjs";

const keys = generateKeyPairSync("ec", { namedCurve: "P-256" });
const publicJwk = { ...keys.publicKey.export({ format: "jwk" }), kid: "k1", alg: "ES256", use: "sig" };
const MACHINE_SECRET = "another-secret-of-the-node-tests";

let party;
let service;
/** Each client as openid-client knows it. */
const clients = {};

before(async () => {
  party = await RelyingParty.start();
  service = await startService(registrations());
  await connect("cantine");
  await connect("voisine");
  await connect("publique", { token_endpoint_auth_method: "none" }, openid.None());
  await connect("signee", { userinfo_signed_response_alg: "ES256", id_token_signed_response_alg: "EdDSA" });
  await connect("a-cle", {}, await keyed());
  await connect("machine", {}, openid.ClientSecretPost(MACHINE_SECRET));
  await connect("tiers");
});

after(async () => {
  await party.stop();
  const { status, milliseconds } = await service.stop();
  assert.equal(status, 0);
  if (STORE === "sqlite") assert.ok(milliseconds < 2000, `the demo took ${milliseconds} ms to end`);
});

function registrations() {
  const machine = { client_id: "machine", client_name: "Machine", client_secret: MACHINE_SECRET, sector: "machine" };
  return [
    party.registration("cantine", { resource: "urn:cantine" }),
    party.registration("voisine"),
    party.registration("publique", { token_endpoint_auth_method: "none", client_secret: undefined }),
    party.registration("signee", { userinfo_signed_response_alg: "ES256", id_token_signed_response_alg: "EdDSA" }),
    party.registration("a-cle", { token_endpoint_auth_method: "private_key_jwt", client_secret: undefined, jwks: { keys: [publicJwk] } }),
    party.registration("sans-famille", { scope: "openid profile" }),
    party.registration("tiers", { first_party: false }),
    { ...machine, grant_types: ["client_credentials"], token_endpoint_auth_method: "client_secret_post", scope: "directory:read" },
  ];
}

async function connect(id, metadata, authentication) {
  clients[id] = await party.connect(service.issuer, id, metadata, authentication);
}

async function keyed() {
  const pkcs8 = keys.privateKey.export({ format: "der", type: "pkcs8" });
  const key = await webcrypto.subtle.importKey("pkcs8", pkcs8, { name: "ECDSA", namedCurve: "P-256" }, false, ["sign"]);
  return openid.PrivateKeyJwt({ key, kid: "k1" });
}

/** Somebody signs in at a client: the tokens, verified, and the visitor. */
async function signedIn(id, person, changes) {
  const visitor = new Visitor();
  const { url } = await party.begin(clients[id], changes);
  const { address } = await visitor.signIn(url, person);
  return { visitor, ...(await party.finish(address)) };
}

/** The person's claims from UserInfo. */
function userInfo({ config, tokens, claims }) {
  return openid.fetchUserInfo(config, tokens.access_token, claims.sub);
}

/** The address that a request without any page leads to. */
async function answered(url, visitor = new Visitor()) {
  const { address } = await visitor.visit(url);
  assert.equal(address.origin, party.origin, `answered at ${address}`);
  return address;
}

const refusedWith = (error) => (thrown) => {
  assert.equal(thrown.error, error, thrown.message);
  return true;
};

test("the provider's metadata is what discovery and RFC 8414 ask for", async () => {
  const metadata = clients.cantine.serverMetadata();
  assert.equal(metadata.issuer, service.issuer);
  assert.ok(metadata.supportsPKCE());
  assert.equal(metadata.authorization_response_iss_parameter_supported, true);
  const oauth = await fetch(`${service.issuer}/.well-known/oauth-authorization-server`);
  const oidc = await fetch(`${service.issuer}/.well-known/openid-configuration`);
  assert.deepEqual(await oauth.json(), await oidc.json());
});

test("the published keys have no private part", async () => {
  const { keys } = await (await fetch(clients.cantine.serverMetadata().jwks_uri)).json();
  assert.ok(keys.length >= 3);
  for (const key of keys) {
    assert.ok(key.kid && key.alg && key.use === "sig");
    for (const secret of ["d", "p", "q", "dp", "dq", "qi", "k"]) assert.ok(!(secret in key), `${key.kid} has ${secret}`);
  }
});

test("a guardian's ID token names their child by subject alone, UserInfo whole", async () => {
  const claire = await signedIn("cantine", CLAIRE);
  assert.equal(claire.claims.acr, "urn:preau:acr:password");
  assert.deepEqual(claire.claims.amr, ["pwd"]);
  assert.equal(claire.claims.person_type, "guardian");
  assert.equal(claire.claims.name, undefined);
  assert.deepEqual(claire.claims.children.map(Object.keys), [["sub"]]);
  const person = await userInfo(claire);
  assert.equal(person.name, CLAIRE.name);
  assert.equal(person.email, "claire.martin@example.org");
  assert.equal(person.email_verified, true);
  assert.equal(person.phone_number, "+33639980001");
  const [leo] = person.children;
  assert.equal(person.children.length, 1);
  assert.equal(leo.sub, claire.claims.children[0].sub);
  assert.equal(`${leo.given_name} ${leo.family_name}`, LEO.name);
  assert.equal(leo.birthdate, "2010-04-11");
  assert.equal(leo.relationship, "mother");
  assert.deepEqual(leo.schools.map(({ uai, level }) => [uai, level]), [["0750001U", "lycee"]]);
});

test("a guardian of two sees both, an unconfirmed address as such", async () => {
  const person = await userInfo(await signedIn("cantine", NADIA));
  assert.deepEqual(person.children.map((child) => child.given_name).sort(), ["Adam", "Lina"]);
  assert.equal(person.email_verified, false);
  assert.equal(person.phone_number, undefined);
});

test("a pupil sees their guardian and their school", async () => {
  const adam = await signedIn("cantine", ADAM);
  assert.equal(adam.claims.person_type, "student");
  const person = await userInfo(adam);
  assert.deepEqual(person.guardians.map((guardian) => guardian.given_name), ["Nadia"]);
  assert.equal(person.children, undefined);
  assert.equal(person.schools[0].uai, "0750002V");
});

test("a child's subject is the same in the guardian's claims and in their own, and another elsewhere", async () => {
  const subject = async (id) => {
    const [claire, leo] = await Promise.all([signedIn(id, CLAIRE), signedIn(id, LEO)]);
    assert.equal(claire.claims.children[0].sub, leo.claims.sub);
    assert.equal(leo.claims.guardians[0].sub, claire.claims.sub);
    return leo.claims.sub;
  };
  assert.notEqual(await subject("cantine"), await subject("voisine"));
});

test("a client gets nothing that it did not ask for", async () => {
  const person = await userInfo(await signedIn("cantine", CLAIRE, { scope: "openid email" }));
  assert.deepEqual(Object.keys(person).sort(), ["email", "email_verified", "sub"]);
});

test("the identifier is read without regard to case and spaces around it", async () => {
  const typed = { ...CLAIRE, identifier: "  C.Martin1 " };
  assert.equal((await userInfo(await signedIn("cantine", typed))).name, CLAIRE.name);
});

test("a public client signs in with PKCE and without a secret", async () => {
  const { tokens } = await signedIn("publique", CLAIRE);
  assert.ok(tokens.refresh_token);
});

test("a client with a key of its own authenticates by assertion", async () => {
  const { tokens } = await signedIn("a-cle", CLAIRE);
  const refreshed = await openid.refreshTokenGrant(clients["a-cle"], tokens.refresh_token);
  assert.ok(refreshed.access_token);
});

test("an assertion is good once", async () => {
  const metadata = clients["a-cle"].serverMetadata();
  const seconds = Math.floor(Date.now() / 1000);
  const encode = (part) => Buffer.from(JSON.stringify(part)).toString("base64url");
  const payload = { iss: "a-cle", sub: "a-cle", aud: service.issuer, jti: randomUUID(), iat: seconds, exp: seconds + 60 };
  const unsigned = `${encode({ alg: "ES256", kid: "k1" })}.${encode(payload)}`;
  const signature = sign("sha256", Buffer.from(unsigned), { key: keys.privateKey, dsaEncoding: "ieee-p1363" });
  const body = () =>
    new URLSearchParams({
      grant_type: "refresh_token",
      refresh_token: "nothing",
      client_assertion_type: "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
      client_assertion: `${unsigned}.${signature.toString("base64url")}`,
    });
  const errors = [];
  for (let use = 0; use < 2; use += 1) {
    const response = await fetch(metadata.token_endpoint, { method: "POST", body: body() });
    errors.push((await response.json()).error);
  }
  assert.deepEqual(errors, ["invalid_grant", "invalid_client"]);
});

test("ID tokens and UserInfo are signed as the registration says", async () => {
  const claire = await signedIn("signee", CLAIRE);
  const header = JSON.parse(Buffer.from(claire.tokens.id_token.split(".")[0], "base64url"));
  assert.ok(["EdDSA", "Ed25519"].includes(header.alg));
  const raw = await fetch(clients.signee.serverMetadata().userinfo_endpoint, {
    headers: { authorization: `Bearer ${claire.tokens.access_token}` },
  });
  assert.match(raw.headers.get("content-type"), /^application\/jwt/);
  await raw.arrayBuffer();
  assert.equal((await userInfo(claire)).name, CLAIRE.name);
});

test("the answer comes as a form where the client asks so", async () => {
  const visitor = new Visitor();
  const { url } = await party.begin(clients.cantine, { response_mode: "form_post" });
  const page = await visitor.signIn(url, CLAIRE);
  const { action, fields } = formOf(page);
  assert.equal(action.href, party.callback);
  const answer = new Request(action, {
    method: "POST",
    headers: { "content-type": "application/x-www-form-urlencoded" },
    body: new URLSearchParams(fields).toString(),
  });
  assert.ok((await party.finish(answer)).tokens.access_token);
});

test("a code without its proof key is refused", async () => {
  const { url, checks } = await party.begin(clients.cantine);
  const { address } = await new Visitor().signIn(url, CLAIRE);
  const wrong = { ...checks, pkceCodeVerifier: openid.randomPKCECodeVerifier() };
  await assert.rejects(openid.authorizationCodeGrant(clients.cantine, address, wrong), refusedWith("invalid_grant"));
});

test("a code is its client's alone", async () => {
  const { url, checks } = await party.begin(clients.cantine);
  const { address } = await new Visitor().signIn(url, CLAIRE);
  await assert.rejects(openid.authorizationCodeGrant(clients.voisine, address, checks), refusedWith("invalid_grant"));
});

test("a code that nobody gave is refused", async () => {
  const { url, checks } = await party.begin(clients.cantine);
  const { address } = await new Visitor().signIn(url, CLAIRE);
  address.searchParams.set("code", openid.randomState());
  await assert.rejects(openid.authorizationCodeGrant(clients.cantine, address, checks), refusedWith("invalid_grant"));
});

test("a code is good once, and a second use ends what the first one gave", async () => {
  const { url, checks } = await party.begin(clients.cantine);
  const { address } = await new Visitor().signIn(url, CLAIRE);
  const first = await openid.authorizationCodeGrant(clients.cantine, address, checks);
  await assert.rejects(openid.authorizationCodeGrant(clients.cantine, address, checks), refusedWith("invalid_grant"));
  await assert.rejects(openid.refreshTokenGrant(clients.cantine, first.refresh_token), refusedWith("invalid_grant"));
  assert.equal((await introspected(first.access_token)).active, false);
});

test("of ten uses of one code at once, one set of tokens is given at most, and it ends", async () => {
  const { url, checks } = await party.begin(clients.cantine);
  const { address } = await new Visitor().signIn(url, CLAIRE);
  const uses = Array.from({ length: 10 }, () => openid.authorizationCodeGrant(clients.cantine, address, checks));
  const given = (await Promise.allSettled(uses)).filter((use) => use.status === "fulfilled");
  assert.ok(given.length <= 1, `${given.length} uses succeeded`);
  for (const { value } of given) assert.equal((await introspected(value.access_token)).active, false);
});

test("a refresh token rotates, and an old one ends the family", async () => {
  const { tokens } = await signedIn("cantine", CLAIRE);
  const second = await openid.refreshTokenGrant(clients.cantine, tokens.refresh_token);
  assert.notEqual(second.refresh_token, tokens.refresh_token);
  const third = await openid.refreshTokenGrant(clients.cantine, second.refresh_token);
  const reuse = openid.refreshTokenGrant(clients.cantine, tokens.refresh_token);
  await assert.rejects(reuse, refusedWith("invalid_grant"));
  await assert.rejects(openid.refreshTokenGrant(clients.cantine, third.refresh_token), refusedWith("invalid_grant"));
});

test("a lost answer to a refresh is given again", async () => {
  const { tokens } = await signedIn("cantine", CLAIRE);
  const lost = await openid.refreshTokenGrant(clients.cantine, tokens.refresh_token);
  const again = await openid.refreshTokenGrant(clients.cantine, tokens.refresh_token);
  assert.equal(again.refresh_token, lost.refresh_token);
});

test("without offline_access there is no refresh token", async () => {
  const { tokens } = await signedIn("cantine", CLAIRE, { scope: "openid" });
  assert.equal(tokens.refresh_token, undefined);
});

const introspected = (token) => openid.tokenIntrospection(clients.cantine, token);

test("a token is told active to its own client until it is revoked", async () => {
  const claire = await signedIn("cantine", CLAIRE);
  const { refresh_token: token } = claire.tokens;
  const told = await introspected(token);
  assert.equal(told.active, true);
  assert.equal(told.client_id, "cantine");
  assert.equal((await openid.tokenIntrospection(clients.voisine, token)).active, false);
  await openid.tokenRevocation(clients.cantine, token);
  assert.equal((await introspected(token)).active, false);
  await assert.rejects(openid.refreshTokenGrant(clients.cantine, token), refusedWith("invalid_grant"));
  await assert.rejects(userInfo(claire), { status: 401 });
});

test("revoking what nobody knows is no error", async () => {
  await openid.tokenRevocation(clients.cantine, "nothing");
});

test("introspection needs a client that authenticates", async () => {
  const url = clients.cantine.serverMetadata().introspection_endpoint;
  const response = await fetch(url, { method: "POST", body: new URLSearchParams({ token: "x" }) });
  assert.equal(response.status, 401);
  assert.equal((await response.json()).error, "invalid_client");
});

test("a machine gets a token in its own name, and nothing beyond its registration", async () => {
  const tokens = await openid.clientCredentialsGrant(clients.machine, { scope: "directory:read" });
  assert.ok(tokens.access_token);
  assert.equal(tokens.id_token, undefined);
  assert.equal(tokens.refresh_token, undefined);
  const beyond = openid.clientCredentialsGrant(clients.machine, { scope: "audit:read" });
  await assert.rejects(beyond, refusedWith("invalid_scope"));
  await assert.rejects(openid.clientCredentialsGrant(clients.cantine), refusedWith("unauthorized_client"));
});

test("a wrong secret is refused", async () => {
  const stranger = await party.connect(service.issuer, "machine", {}, openid.ClientSecretPost("x".repeat(32)));
  await assert.rejects(openid.clientCredentialsGrant(stranger), (thrown) => {
    assert.equal(thrown.error, "invalid_client");
    assert.equal(thrown.status, 401);
    return true;
  });
});

test("a request without PKCE is refused at the client's door", async () => {
  const { url } = await party.begin(clients.publique, { code_challenge: undefined, code_challenge_method: undefined });
  const address = await answered(url);
  assert.equal(address.searchParams.get("error"), "invalid_request");
  assert.equal(address.searchParams.get("iss"), service.issuer);
});

test("each fault of a request has its standard error", async () => {
  const faults = [
    [{ response_type: "token" }, "unsupported_response_type"],
    [{ code_challenge_method: "plain" }, "invalid_request"],
    [{ request: "eyJhbGciOiJub25lIn0.e30." }, "request_not_supported"],
    [{ request_uri: "https://cantine.example/request" }, "request_uri_not_supported"],
    [{ prompt: "none" }, "login_required"],
    [{ prompt: "none login" }, "invalid_request"],
    [{ max_age: "soon" }, "invalid_request"],
  ];
  for (const [changes, error] of faults) {
    const { max_age, ...others } = changes;
    const { url } = await party.begin(clients.cantine, others);
    if (max_age) url.searchParams.set("max_age", max_age);
    const address = await answered(url);
    const told = Object.fromEntries(address.searchParams);
    assert.equal(told.error, error, `${JSON.stringify(changes)}: ${address}`);
    assert.equal(told.state, url.searchParams.get("state"));
    assert.equal(told.iss, service.issuer);
    assert.equal(told.code, undefined);
  }
});

test("a scope that is not registered gives no data", async () => {
  await connect("sans-famille");
  const { url } = await party.begin(clients["sans-famille"], { scope: "openid profile family" });
  const visitor = new Visitor();
  const page = await visitor.visit(url);
  if (page.address.origin === party.origin) {
    assert.equal(page.address.searchParams.get("error"), "invalid_scope");
    return;
  }
  const { address } = await visitor.submit(page, { identifiant: CLAIRE.identifier, "mot-de-passe": CLAIRE.password });
  const person = await userInfo(await party.finish(address));
  assert.equal(person.children, undefined);
  assert.equal(person.person_type, undefined);
});

test("a request whose way back is not proven ends on a page", async () => {
  const { url } = await party.begin(clients.cantine);
  for (const [name, value] of [
    ["redirect_uri", "https://ailleurs.example/callback"],
    ["redirect_uri", `${party.callback}?x=1`],
    ["client_id", "personne"],
  ]) {
    const changed = new URL(url);
    changed.searchParams.set(name, value);
    const response = await new Visitor().request(changed);
    assert.equal(response.status, 400, `${name}=${value}`);
    assert.equal(response.headers.get("location"), null);
    assert.match(await response.text(), /Ce service est mal réglé/);
  }
});

test("one sign-in serves every service, until it is asked for anew", async () => {
  const { visitor, claims } = await signedIn("cantine", CLAIRE);
  const silently = await party.begin(clients.voisine, { prompt: "none" });
  const voisine = await party.finish(await answered(silently.url, visitor));
  assert.equal(voisine.claims.sid, claims.sid);
  assert.equal(voisine.claims.auth_time, claims.auth_time);
  for (const changes of [{ prompt: "login" }, { max_age: "0" }]) {
    const anew = await party.begin(clients.cantine, changes);
    const page = await visitor.visit(anew.url);
    assert.match(page.text, /name="mot-de-passe"/);
    assert.match(page.text, /value="c\.martin1"/);
  }
});

test("a request sent as a form comes to the same", async () => {
  const visitor = new Visitor();
  const { url } = await party.begin(clients.cantine);
  const headers = { "content-type": "application/x-www-form-urlencoded", origin: party.origin };
  const body = url.searchParams.toString();
  const page = await visitor.visit(url.origin + url.pathname, { method: "POST", headers, body });
  const { address } = await visitor.submit(page, { identifiant: CLAIRE.identifier, "mot-de-passe": CLAIRE.password });
  assert.ok((await party.finish(address)).tokens.id_token);
});

test("a logout with the ID token's proof ends the session and its tokens, but offline ones", async () => {
  const offline = await signedIn("cantine", CLAIRE);
  const { visitor } = offline;
  const { url } = await party.begin(clients.voisine, { scope: "openid profile" });
  const online = await party.finish(await answered(url, visitor));
  const logout = openid.buildEndSessionUrl(clients.cantine, {
    id_token_hint: offline.tokens.id_token,
    post_logout_redirect_uri: `${party.origin}/`,
    state: "au-revoir",
  });
  assert.equal((await answered(logout, visitor)).href, `${party.origin}/?state=au-revoir`);
  const silently = await party.begin(clients.cantine, { prompt: "none" });
  const refused = await answered(silently.url, visitor);
  assert.equal(refused.searchParams.get("error"), "login_required");
  await assert.rejects(userInfo(online), { status: 401 });
  const refreshed = await openid.refreshTokenGrant(clients.cantine, offline.tokens.refresh_token);
  assert.ok(refreshed.access_token);
});

test("a logout without proof asks first, and leads nowhere", async () => {
  const { visitor } = await signedIn("cantine", CLAIRE);
  const url = openid.buildEndSessionUrl(clients.cantine, { post_logout_redirect_uri: "https://ailleurs.example/" });
  url.searchParams.delete("client_id");
  const page = await visitor.visit(url);
  assert.match(page.text, /Se déconnecter\s\?/);
  const silently = await party.begin(clients.cantine, { prompt: "none" });
  assert.ok((await answered(silently.url, visitor)).searchParams.get("code"));
  assert.match((await visitor.submit(page)).text, /Vous êtes déconnecté/);
  assert.equal((await answered((await party.begin(clients.cantine, { prompt: "none" })).url, visitor)).searchParams.get("error"), "login_required");
});

test("a service that is not first-party asks the person once", async () => {
  const { url } = await party.begin(clients.tiers, { scope: "openid profile" });
  const visitor = new Visitor();
  const page = await visitor.signIn(url, CLAIRE);
  assert.match(page.text, /Autoriser Cantine de la commune/);
  const refused = await visitor.submit(page, { choix: "refuser" });
  assert.equal(refused.address.searchParams.get("error"), "access_denied");
  const again = await party.begin(clients.tiers, { scope: "openid profile" });
  const agreed = await visitor.submit(await visitor.visit(again.url), { choix: "autoriser" });
  assert.equal((await userInfo(await party.finish(agreed.address))).name, CLAIRE.name);
  const third = await party.begin(clients.tiers, { scope: "openid profile", prompt: "none" });
  assert.ok((await answered(third.url, visitor)).searchParams.get("code"));
});

test("a pupil under fifteen is not given to a service without a legal basis", async () => {
  const { url } = await party.begin(clients.tiers, { scope: "openid profile" });
  const visitor = new Visitor();
  const page = await visitor.signIn(url, ADAM);
  assert.match(page.text, /Ce service demande l’accord d’un adulte/);
});

test("wrong passwords are answered alike, and after five somebody waits, known or not", async () => {
  for (const identifier of ["l.dubois7", "personne99"]) {
    const { url } = await party.begin(clients.cantine);
    const visitor = new Visitor();
    const page = await visitor.visit(url);
    const attempt = () => visitor.submit(page, { identifiant: identifier, "mot-de-passe": "faux" });
    for (let count = 1; count <= 5; count += 1) {
      const refused = await attempt();
      assert.equal(refused.status, 422, `${identifier}, try ${count}`);
      assert.match(refused.text, /L’identifiant ou le mot de passe n’est pas le bon/);
      assert.doesNotMatch(refused.text, /value="faux"/);
    }
    const slowed = await attempt();
    assert.equal(slowed.status, 429, identifier);
    assert.ok(Number(slowed.headers.get("retry-after")) >= 1);
  }
});

test("a browser that keeps no cookies is told so", async () => {
  const { url } = await party.begin(clients.cantine);
  const page = await new Visitor().visit(url);
  const values = { identifiant: CLAIRE.identifier, "mot-de-passe": CLAIRE.password };
  const refused = await new Visitor().submit(page, values);
  assert.equal(refused.status, 403);
  assert.match(refused.text, /Votre navigateur refuse les cookies/);
});

test("UserInfo without a good token says how to come", async () => {
  const response = await fetch(clients.cantine.serverMetadata().userinfo_endpoint, { headers: { authorization: "Bearer x" } });
  assert.equal(response.status, 401);
  assert.match(response.headers.get("www-authenticate"), /^Bearer .*error="invalid_token"/);
});
