// A provider that is not our code, set up as FranceConnect's core is: the npm package
// oidc-provider with the pivot identity's scopes, signed UserInfo and `eidas1`.
import { generateKeyPairSync, randomBytes } from "node:crypto";
import { createServer } from "node:http";

import { SignJWT, decodeJwt, generateKeyPair, importJWK } from "jose";
import Provider from "oidc-provider";

const CLIENT = { id: "preau", secret: randomBytes(32).toString("hex") };

/** Key managements that a client may register. */
const ENCRYPTIONS = ["ECDH-ES", "ECDH-ES+A128KW", "ECDH-ES+A256KW", "RSA-OAEP", "RSA-OAEP-256"];

export const PAUL = {
  sub: "paul",
  given_name: "Paul Marie",
  given_name_array: ["Paul", "Marie"],
  family_name: "DURAND",
  birthdate: "1980-06-15",
};

export const NOBODY = { ...PAUL, sub: "nobody", family_name: "SANSLIEN" };

/**
 * The provider at work; `citizen` is who comes, `acr` the level, `cancels` whether they go back,
 * `misbehaves` what it does wrong: one of `misbehaviours`.
 */
export class Upstream {
  citizen = PAUL;
  acr = "eidas1";
  cancels = false;
  misbehaves = null;
  #server = createServer((request, response) => this.#serve(request, response));
  #provider;

  static async listen() {
    const upstream = new Upstream();
    await new Promise((resolve) => upstream.#server.listen(0, "localhost", resolve));
    upstream.issuer = `http://localhost:${upstream.#server.address().port}`;
    return upstream;
  }

  /** The settings of a service that asks here. */
  settings = () => `[upstream.franceconnect]
issuer = "${this.issuer}"
client_id = "${CLIENT.id}"
client_secret = "${CLIENT.secret}"
`;

  /**
   * Registers the service at this issuer, which proves itself by its secret or by these keys; answers are
   * encrypted for the one of them that is for that, where a key management is named.
   */
  register(issuer, jwks, encryption) {
    this.key = key("ES256", "ec", { namedCurve: "P-256" });
    this.#provider = new Provider(this.issuer, {
      clients: [{ ...registration(issuer), ...(jwks && proof(jwks)), ...(encryption && encrypted(encryption)) }],
      jwks: { keys: [this.key, key("RS256", "rsa", { modulusLength: 2048 })] },
      cookies: { keys: [randomBytes(32).toString("hex")] },
      acrValues: ["eidas1", "eidas2"],
      enabledJWA: { idTokenEncryptionAlgValues: ENCRYPTIONS, userinfoEncryptionAlgValues: ENCRYPTIONS },
      pkce: { required: () => false },
      features: { devInteractions: { enabled: false }, jwtUserinfo: { enabled: true }, encryption: { enabled: true } },
      claims: {
        openid: ["sub"],
        given_name: ["given_name", "given_name_array"],
        family_name: ["family_name"],
        preferred_username: ["preferred_username"],
        birthdate: ["birthdate"],
        idp_birthdate: ["idp_birthdate"],
        acr: null,
      },
      interactions: { url: (_, interaction) => `/interaction/${interaction.uid}` },
      findAccount: (_, sub) => ({ accountId: sub, claims: () => ({ ...this.citizen, sub }) }),
      ttl: { AccessToken: 60, AuthorizationCode: 30 },
    });
    this.#provider.use(async (context, next) => {
      await next();
      if (this.misbehaves) await misbehaviours[this.misbehaves](context, this);
    });
  }

  close() {
    return new Promise((resolve) => {
      this.#server.close(resolve);
      this.#server.closeAllConnections();
    });
  }

  /** The settings of a service that proves itself by a key. */
  settingsWithKey = (file) => `[upstream.franceconnect]
issuer = "${this.issuer}"
client_id = "${CLIENT.id}"
client_key_file = "${file}"
`;

  async #serve(request, response) {
    if (request.url.startsWith("/interaction/")) await this.#interact(request, response);
    else await this.#provider.callback()(request, response);
  }

  /** The citizen signs in and agrees at once, or goes back. */
  async #interact(request, response) {
    const details = await this.#provider.interactionDetails(request, response);
    if (this.cancels) {
      const error = { error: "access_denied", error_description: "User auth aborted" };
      return this.#provider.interactionFinished(request, response, error);
    }
    const grant = new this.#provider.Grant({ accountId: this.citizen.sub, clientId: CLIENT.id });
    grant.addOIDCScope(details.params.scope);
    const result = {
      login: { accountId: this.citizen.sub, acr: this.acr },
      consent: { grantId: await grant.save() },
    };
    return this.#provider.interactionFinished(request, response, result);
  }
}

function registration(issuer) {
  return {
    client_id: CLIENT.id,
    client_secret: CLIENT.secret,
    redirect_uris: [`${issuer}/franceconnect/callback`],
    post_logout_redirect_uris: [`${issuer}/franceconnect/deconnexion`],
    token_endpoint_auth_method: "client_secret_post",
    id_token_signed_response_alg: "ES256",
    userinfo_signed_response_alg: "ES256",
    scope: "openid given_name family_name preferred_username birthdate idp_birthdate",
  };
}

/** As FranceConnect+ has it for ECDH-ES and RSA-OAEP. */
function encrypted(alg) {
  return {
    id_token_encrypted_response_alg: alg,
    id_token_encrypted_response_enc: "A256GCM",
    userinfo_encrypted_response_alg: alg,
    userinfo_encrypted_response_enc: "A256GCM",
  };
}

function proof(jwks) {
  return { token_endpoint_auth_method: "private_key_jwt", client_secret: undefined, jwks };
}

/** Alters an answer of the token endpoint: its ID token with other claims, or by another key. */
const idToken = (changes, signer) => async (context, upstream) => {
  if (context.path !== "/token" || !context.body?.id_token) return;
  const claims = { ...decodeJwt(context.body.id_token), ...changes };
  context.body = { ...context.body, id_token: await sign(claims, signer ?? upstream.key) };
};

/** Alters the answer of `UserInfo`. */
const userInfo = (changes, signer) => async (context, upstream) => {
  if (context.path !== "/me" || context.status !== 200) return;
  const claims = { ...decodeJwt(context.body), ...changes };
  context.body = await sign(claims, signer ?? upstream.key);
};

/** Answers with this status where the address is this one. */
const fails = (path, status) => async (context) => {
  if (context.path === path) Object.assign(context, { status, body: { error: "server_error" } });
};

/** Leads back with an error in the place of the code. */
const refuses = (error) => async (context) => {
  const target = context.response.get("location");
  if (!target?.includes("code=")) return;
  const address = new URL(target);
  address.searchParams.delete("code");
  address.searchParams.set("error", error);
  context.redirect(address.href);
};

async function sign(claims, { kid, alg, ...jwk }) {
  const signer = jwk.foreign ?? (await importJWK({ kid, alg, ...jwk }, alg));
  return new SignJWT(claims).setProtectedHeader({ alg, kid }).sign(signer);
}

const foreign = async (kid) => ({ kid, alg: "ES256", foreign: (await generateKeyPair("ES256")).privateKey });

/** What a provider may do wrong, as the simulator of our own does. */
export const misbehaviours = {
  "another nonce": idToken({ nonce: "0".repeat(64) }),
  "another issuer": idToken({ iss: "https://ailleurs.example" }),
  "another audience": idToken({ aud: "un-autre-service" }),
  "an ID token that has ended": idToken({ iat: 1_000_000_000, exp: 1_000_000_060 }),
  "a lower level": idToken({ acr: "eidas0" }),
  "another key under a known name": idToken({}, await foreign("ES256-1")),
  "a key that is nowhere published": idToken({}, await foreign("inconnue")),
  "no ID token": async (context) => {
    if (context.path === "/token" && context.body?.id_token) delete context.body.id_token;
  },
  "an unsigned ID token": async (context) => {
    if (context.path !== "/token" || !context.body?.id_token) return;
    const [, claims] = context.body.id_token.split(".");
    const header = Buffer.from('{"alg":"none"}').toString("base64url");
    context.body = { ...context.body, id_token: `${header}.${claims}.` };
  },
  "UserInfo about somebody else": userInfo({ sub: "quelqu-un-d-autre" }),
  "UserInfo for somebody else": userInfo({ aud: "un-autre-service" }),
  "UserInfo by another key": userInfo({}, await foreign("ES256-1")),
  "UserInfo in plain JSON": async (context) => {
    if (context.path === "/me" && context.status === 200) context.body = decodeJwt(context.body);
  },
  "a token endpoint that refuses": fails("/token", 400),
  "a token endpoint that fails": fails("/token", 500),
  "UserInfo that fails": fails("/me", 500),
  "a server error": refuses("server_error"),
  "an upstream that is not available": refuses("temporarily_unavailable"),
};

function key(alg, kind, options) {
  const { privateKey } = generateKeyPairSync(kind, options);
  return { ...privateKey.export({ format: "jwk" }), alg, use: "sig", kid: `${alg}-1` };
}
