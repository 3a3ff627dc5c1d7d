// The service proves itself by a key (private_key_jwt) at a provider that is not our code.
import assert from "node:assert/strict";
import { generateKeyPairSync } from "node:crypto";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";

import { startProduction } from "./support/service.mjs";
import { Upstream } from "./support/upstream.mjs";
import { Visitor } from "./support/visitor.mjs";

for (const [kind, options] of [["ec", { namedCurve: "P-256" }], ["rsa", { modulusLength: 2048 }]]) {
  describe(`a key of the kind ${kind}`, () => {
    let folder;
    let upstream;
    let service;

    before(async () => {
      folder = await mkdtemp(join(tmpdir(), "preau-key-"));
      const file = join(folder, "client.key");
      const { privateKey } = generateKeyPairSync(kind, options);
      await writeFile(file, privateKey.export({ type: "pkcs8", format: "pem" }), { mode: 0o600 });
      upstream = await Upstream.listen();
      service = await startProduction(() => upstream.settingsWithKey(file));
      const published = await fetch(`${service.issuer}/franceconnect/jwks`);
      upstream.register(service.issuer, await published.json());
    });

    after(async () => {
      await service?.stop();
      await upstream?.close();
      await rm(folder, { recursive: true, force: true });
    });

    test("codes are redeemed by it, each time with another assertion", async () => {
      for (let times = 0; times < 2; times += 1) {
        const visitor = new Visitor();
        const page = await visitor.visit(`${service.issuer}/compte`);
        let answer = await visitor.submit(page, {}, "/avec/franceconnect");
        for (let steps = 0; answer.text === "" && steps < 10; steps += 1) answer = await visitor.visit(answer.address);
        assert.match(answer.text, /J’active mon compte/);
      }
    });
  });
}
