// The npm package oidc-provider, in memory, doing what it can of the same work:
// discovery, key set, client_credentials with JWTs signed by ES256, introspection of
// opaque tokens. Arguments: the port, the client's secret.
import { generateKeyPairSync } from 'node:crypto';
import { createRequire } from 'node:module';

const require = createRequire(new URL('../tests/node/package.json', import.meta.url));
const { default: Provider } = await import(require.resolve('oidc-provider'));

const [port, secret] = process.argv.slice(2);
const issuer = `http://localhost:${port}`;
const resource = 'https://api.example.org';
const key = generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey.export({ format: 'jwk' });

// It warns of development settings, once each, on standard output.
console.warn = () => {};
console.info = () => {};

const provider = new Provider(issuer, {
  jwks: { keys: [{ ...key, use: 'sig', alg: 'ES256', kid: 'bench' }] },
  clients: [
    {
      client_id: 'bench-service',
      client_secret: secret,
      grant_types: ['client_credentials'],
      redirect_uris: [],
      response_types: [],
      id_token_signed_response_alg: 'ES256',
      token_endpoint_auth_method: 'client_secret_basic',
    },
  ],
  scopes: ['directory:read'],
  features: {
    devInteractions: { enabled: false },
    clientCredentials: { enabled: true },
    introspection: { enabled: true },
    resourceIndicators: {
      enabled: true,
      getResourceServerInfo: () => ({
        scope: 'directory:read',
        audience: resource,
        accessTokenFormat: 'jwt',
        accessTokenTTL: 600,
        jwt: { sign: { alg: 'ES256' } },
      }),
    },
  },
});

const server = provider.listen(Number(port), '127.0.0.1', () => {
  process.stdout.write(`ready ${issuer}\n`);
});
server.keepAliveTimeout = 60_000;
