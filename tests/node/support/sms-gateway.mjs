// An SMS gateway, for tests that drive it from another process. It takes its wishes as
// JSON, its one argument:
//   port
//   status               what it answers with (201)
//   die                  "before" or "after" it has taken message number `at`, without an answer
// It tells each thing as a line of JSON: first its port, then each message that it took.
import { createServer } from "node:http";

import { die, tell } from "./tell.mjs";

const wishes = JSON.parse(process.argv[2]);
let taken = 0;

const server = createServer(async (request, response) => {
  let body = "";
  for await (const chunk of request.setEncoding("utf8")) body += chunk;
  taken += 1;
  if (wishes.at === taken && wishes.die === "before") die();
  tell(described(request, body));
  if (wishes.at === taken && wishes.die === "after") die();
  const status = wishes.status ?? 201;
  response.writeHead(status, { "content-type": "application/json" });
  // As gateways do, it says whom it speaks of.
  response.end(JSON.stringify({ status: status < 300 ? "queued" : "refused", message: body }));
});

server.listen(wishes.port, "127.0.0.1", () => tell({ port: server.address().port }));
process.stdin.on("end", () => process.exit()).resume();

function described(request, body) {
  const isForm = request.headers["content-type"] === "application/x-www-form-urlencoded";
  return {
    id: request.headers["idempotency-key"],
    method: request.method,
    path: request.url,
    headers: request.headers,
    fields: isForm ? Object.fromEntries(new URLSearchParams(body)) : JSON.parse(body),
  };
}
