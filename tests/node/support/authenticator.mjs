// The authenticator application of the demo's staff.
import { createHmac } from "node:crypto";

const KEY = "PREAUDEMOPREAUDEMOPREAUDEMOPREAU";

/** The code of the moment (RFC 6238): SHA-1, six digits, thirty seconds. */
export function codeOfTheMoment() {
  const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
  const bits = [...KEY].map((sign) => alphabet.indexOf(sign).toString(2).padStart(5, "0")).join("");
  const key = Buffer.from(bits.match(/.{8}/g).map((byte) => Number.parseInt(byte, 2)));
  const step = Buffer.alloc(8);
  step.writeBigUInt64BE(BigInt(Math.floor(Date.now() / 30_000)));
  const hash = createHmac("sha1", key).update(step).digest();
  const number = hash.readUInt32BE(hash.at(-1) & 15) & 0x7fffffff;
  return String(number % 1_000_000).padStart(6, "0");
}
