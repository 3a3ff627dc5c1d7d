// A provider that is not our code, set up as FranceConnect's core is: the npm package
// oidc-provider with the pivot identity's scopes, signed UserInfo and `eidas1`.
import { generateKeyPairSync, randomBytes } from "node:crypto";
import { createServer } from "node:http";

import Provider from "oidc-provider";

const CLIENT = { id: "preau", secret: randomBytes(32).toString("hex") };

export const PAUL = {
  sub: "paul",
  given_name: "Paul Marie",
  given_name_array: ["Paul", "Marie"],
  family_name: "DURAND",
  birthdate: "1980-06-15",
};

export const NOBODY = { ...PAUL, sub: "nobody", family_name: "SANSLIEN" };

/** The provider at work; `citizen` is who comes, `acr` the level, `cancels` whether they go back. */
export class Upstream {
  citizen = PAUL;
  acr = "eidas1";
  cancels = false;
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

  /** Registers the service at this issuer. */
  register(issuer) {
    this.#provider = new Provider(this.issuer, {
      clients: [registration(issuer)],
      jwks: { keys: [key("ES256", "ec", { namedCurve: "P-256" }), key("RS256", "rsa", { modulusLength: 2048 })] },
      cookies: { keys: [randomBytes(32).toString("hex")] },
      acrValues: ["eidas1"],
      pkce: { required: () => false },
      features: { devInteractions: { enabled: false }, jwtUserinfo: { enabled: true } },
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
  }

  close() {
    return new Promise((resolve) => {
      this.#server.close(resolve);
      this.#server.closeAllConnections();
    });
  }

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

function key(alg, kind, options) {
  const { privateKey } = generateKeyPairSync(kind, options);
  return { ...privateKey.export({ format: "jwk" }), alg, use: "sig", kid: `${alg}-1` };
}
