// What arrived in the demo's inbox, as contract.md has it.
import assert from "node:assert/strict";

import { eventually } from "./processes.mjs";

/** All messages to an address or number, oldest first. */
export async function messagesTo(service, to) {
  const answer = await fetch(`${service.inbox}/messages.json`);
  return (await answer.json()).filter((message) => message.to === to);
}

/** The message to somebody after the first `before` of them. */
export async function nextMessage(service, to, before = 0) {
  const arrived = async () => (await messagesTo(service, to))[before];
  return eventually(arrived, `message ${before + 1} to ${to}`);
}

/** The link to act on: the first URL, alone on its line. */
export function linkOf(message) {
  const line = message.text.split("\n").find((line) => /^https?:\/\/\S+$/.test(line.trim()));
  assert.ok(line, message.text);
  return line.trim();
}

/** The code: the first run of six or more digits. */
export function codeOf(message) {
  const code = /\d{6,}/.exec(message.text);
  assert.ok(code, message.text);
  return code[0];
}

/** Whether an identifier stands alone on a line. */
export function names(message, identifier) {
  return message.text.split("\n").some((line) => line.trim() === identifier);
}
