// A relying party of the tests' own, written on openid-client, on another origin and
// another site than the provider: 127.0.0.1, not localhost.
import { createServer } from "node:http";

import * as openid from "openid-client";

const SECRET = "a-secret-of-the-node-tests-alone";
const SCOPE = "openid profile email phone offline_access family";

/** A server on a free port of 127.0.0.1; stop it with `stop()`. */
export class RelyingParty {
  static async start() {
    const party = new RelyingParty();
    party.server = createServer((request, response) => party.#answer(request, response));
    await new Promise((resolve) => party.server.listen(0, "127.0.0.1", resolve));
    party.origin = `http://127.0.0.1:${party.server.address().port}`;
    return party;
  }

  /** Sign-ins under way, by state: what each must come back with. */
  #pending = new Map();
  #clients = new Map();
  /** What the last sign-in ended with. */
  last = null;

  get callback() {
    return `${this.origin}/callback`;
  }

  /** A registration of a client whose answers come here. */
  registration(id, members = {}) {
    return {
      client_id: id,
      client_name: "Cantine de la commune",
      client_uri: "http://localhost/cantine",
      redirect_uris: [this.callback],
      post_logout_redirect_uris: [`${this.origin}/`],
      grant_types: ["authorization_code", "refresh_token"],
      token_endpoint_auth_method: "client_secret_basic",
      client_secret: SECRET,
      scope: SCOPE,
      sector: id,
      first_party: true,
      ...members,
    };
  }

  /** Reads the provider's metadata as this client; its ID tokens' signatures are checked too. */
  async connect(issuer, id, metadata = {}, authentication = openid.ClientSecretBasic(SECRET)) {
    const config = await openid.discovery(new URL(issuer), id, metadata, authentication, {
      execute: [openid.allowInsecureRequests, openid.enableNonRepudiationChecks],
    });
    this.#clients.set(id, config);
    return config;
  }

  /** An authorization request; its answer is checked against it. `undefined` leaves a parameter out. */
  async begin(config, changes = {}) {
    const verifier = openid.randomPKCECodeVerifier();
    const parameters = {
      redirect_uri: this.callback,
      scope: SCOPE,
      state: openid.randomState(),
      nonce: openid.randomNonce(),
      code_challenge: await openid.calculatePKCECodeChallenge(verifier),
      code_challenge_method: "S256",
      ...changes,
    };
    for (const [name, value] of Object.entries(parameters)) if (value === undefined) delete parameters[name];
    const checks = {
      pkceCodeVerifier: parameters.code_challenge ? verifier : undefined,
      expectedState: parameters.state ?? openid.skipStateCheck,
      expectedNonce: parameters.nonce,
      idTokenExpected: true,
    };
    if (parameters.max_age !== undefined) checks.maxAge = Number(parameters.max_age);
    this.#pending.set(parameters.state, { config, checks });
    return { url: openid.buildAuthorizationUrl(config, parameters), checks, config };
  }

  /** Redeems what the provider answered. */
  async finish(answer) {
    const form = answer instanceof Request ? await answer.clone().formData() : answer.searchParams;
    const pending = this.#pending.get(form.get("state"));
    if (!pending) throw new Error("an answer to no question of ours");
    const tokens = await openid.authorizationCodeGrant(pending.config, answer, pending.checks);
    return { config: pending.config, tokens, claims: tokens.claims() };
  }

  stop() {
    this.server.closeAllConnections();
    return new Promise((resolve) => this.server.close(resolve));
  }

  // For browsers: / , /sign-in?client=…&parameter=… , /sign-in-by-post , /callback , /frame?of=…
  async #answer(request, response) {
    const url = new URL(request.url, this.origin);
    try {
      await this.#route(url, request, response);
    } catch (error) {
      const code = error.error ?? error.code ?? error.message;
      page(response, 400, "Refus", `<p id="refus">${escape(String(code))}</p>`);
    }
  }

  async #route(url, request, response) {
    const { client, ...changes } = Object.fromEntries(url.searchParams);
    if (url.pathname === "/callback") return this.#callback(url, request, response);
    if (url.pathname === "/sign-in") {
      const { url: to } = await this.begin(this.#clients.get(client), changes);
      return void response.writeHead(303, { location: to.href }).end();
    }
    if (url.pathname === "/sign-in-by-post") {
      const { url: to } = await this.begin(this.#clients.get(client), changes);
      return page(response, 200, "Demande", form(to));
    }
    if (url.pathname === "/frame") return page(response, 200, "Cadre", `<iframe id="cadre" src="${escape(changes.of)}"></iframe>`);
    return page(response, url.pathname === "/" ? 200 : 404, "Accueil", "");
  }

  async #callback(url, request, response) {
    const answer = request.method === "POST" ? await posted(url, request) : url;
    this.last = await this.finish(answer);
    const { config, tokens, claims } = this.last;
    const person = await openid.fetchUserInfo(config, tokens.access_token, claims.sub);
    this.last.person = person;
    const names = (person.children ?? []).map((child) => `<li>${escape(child.given_name)}</li>`).join("");
    page(response, 200, "Bonjour", `<p id="nom">${escape(person.name)}</p><ul id="enfants">${names}</ul>`);
  }
}

async function posted(url, request) {
  const chunks = [];
  for await (const chunk of request) chunks.push(chunk);
  return new Request(url, { method: "POST", headers: { "content-type": request.headers["content-type"] }, body: Buffer.concat(chunks) });
}

function form(url) {
  const fields = [...url.searchParams].map(([name, value]) => `<input type="hidden" name="${name}" value="${escape(value)}">`);
  return `<form method="post" action="${url.origin}${url.pathname}">${fields.join("")}<button>Envoyer</button></form>`;
}

function page(response, status, title, body) {
  response.writeHead(status, { "content-type": "text/html; charset=utf-8", "cache-control": "no-store" });
  response.end(`<!DOCTYPE html><html lang="fr"><title>${title}</title><link rel="icon" href="data:,"><h1>${title}</h1>${body}</html>`);
}

function escape(text) {
  return String(text).replace(/[&<>"]/g, (character) => `&#${character.charCodeAt(0)};`);
}
