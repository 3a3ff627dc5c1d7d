// A provider that is not our code encrypts its answers for the service, as FranceConnect+ does.
import assert from "node:assert/strict";
import { generateKeyPairSync } from "node:crypto";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";

import { startProduction } from "./support/service.mjs";
import { Upstream } from "./support/upstream.mjs";
import { Visitor } from "./support/visitor.mjs";

const CURVE = ["ec", { namedCurve: "P-256" }];
const KINDS = [
  [...CURVE, ["ECDH-ES", "ECDH-ES+A128KW", "ECDH-ES+A256KW"]],
  ["rsa", { modulusLength: 2048 }, ["RSA-OAEP", "RSA-OAEP-256"]],
];

for (const [kind, options, algorithms] of KINDS) {
  describe(`a key of the kind ${kind}`, () => {
    let folder;
    let upstream;
    let service;
    let jwks;

    before(async () => {
      folder = await mkdtemp(join(tmpdir(), "preau-encryption-"));
      const signing = await key("client.key", ...CURVE);
      const encryption = await key("encryption.key", kind, options);
      upstream = Object.assign(await Upstream.listen(), { acr: "eidas2" });
      service = await startProduction(
        () => `${upstream.settingsWithKey(signing)}encryption_key_file = "${encryption}"
encryption_algorithms = ${JSON.stringify(algorithms)}
acr = "eidas2"
`,
      );
      jwks = await (await fetch(`${service.issuer}/franceconnect/jwks`)).json();
    });

    after(async () => {
      await service?.stop();
      await upstream?.close();
      await rm(folder, { recursive: true, force: true });
    });

    async function key(name, ...pair) {
      const file = join(folder, name);
      const { privateKey } = generateKeyPairSync(...pair);
      await writeFile(file, privateKey.export({ type: "pkcs8", format: "pem" }), { mode: 0o600 });
      return file;
    }

    async function identify() {
      const visitor = new Visitor();
      const page = await visitor.visit(`${service.issuer}/compte`);
      let answer = await visitor.submit(page, {}, "/avec/franceconnect");
      for (let steps = 0; answer.text === "" && steps < 10; steps += 1) answer = await visitor.visit(answer.address);
      return answer;
    }

    test("one key to sign and one to encrypt for are published", () => {
      assert.deepEqual(jwks.keys.map((published) => published.use), ["sig", "enc"]);
    });

    for (const algorithm of algorithms) {
      test(`${algorithm}: ID token and UserInfo are opened and verified`, async () => {
        upstream.register(service.issuer, jwks, algorithm);
        const page = await identify();
        assert.match(page.text, /J’active mon compte/);
      });
    }

    test("an upstream that encrypts no more is refused", async () => {
      upstream.register(service.issuer, jwks);
      const page = await identify();
      assert.equal(page.status, 502, page.text);
      assert.match(page.text, /amont-echec/);
    });
  });
}
