// An SMTP server that is not our code, for tests that drive it from another process.
// It takes its wishes as JSON, its one argument:
//   port, key, cert      TLS by STARTTLS where there is a certificate
//   user, password       who must sign in first
//   refuse               whether every recipient is refused, in words that name them
//   die                  "before" or "after" it has taken letter number `at`, without an answer
// It tells each thing as a line of JSON: first its port, then each letter that it took.
import { convert } from "html-to-text";
import { simpleParser } from "mailparser";
import { SMTPServer } from "smtp-server";

import { die, tell } from "./tell.mjs";

const wishes = JSON.parse(process.argv[2]);
let taken = 0;

const server = new SMTPServer({
  key: wishes.key,
  cert: wishes.cert,
  hideSTARTTLS: !wishes.cert,
  authOptional: !wishes.user,
  disableReverseLookup: true,
  closeTimeout: 100,
  onAuth({ username, password }, session, answer) {
    const known = session.secure && username === wishes.user && password === wishes.password;
    answer(known ? null : new Error("who are you?"), known ? { user: username } : undefined);
  },
  onRcptTo({ address }, session, answer) {
    const refusal = Object.assign(new Error(`there is no <${address}> here`), { responseCode: 550 });
    answer(wishes.refuse ? refusal : null);
  },
  async onData(stream, session, answer) {
    const letter = await simpleParser(stream, { skipHtmlToText: true, skipTextToHtml: true });
    taken += 1;
    if (wishes.at === taken && wishes.die === "before") die();
    tell(described(letter, session));
    if (wishes.at === taken && wishes.die === "after") die();
    answer(null, "taken");
  },
});

server.on("error", () => {}); // A client that went away.
server.listen(wishes.port, "127.0.0.1", () => tell({ port: server.server.address().port }));
process.stdin.on("end", () => process.exit()).resume();

function described(letter, session) {
  const header = (name) => letter.headers.get(name) ?? null;
  return {
    id: letter.messageId,
    secure: session.secure,
    user: session.user ?? null,
    recipients: session.envelope.rcptTo.map(({ address }) => address),
    sender: session.envelope.mailFrom.address,
    to: letter.to.text,
    from: letter.from.value[0],
    subject: letter.subject,
    automatic: header("auto-submitted"),
    language: header("content-language"),
    attachments: letter.attachments.length,
    text: letter.text,
    html: letter.html,
    htmlLanguage: /<html lang="([^"]*)">/.exec(letter.html)?.[1] ?? null,
    ...read(letter.html),
  };
}

/** What the HTML says to who reads it, the label of each link between ⟦ and ⟧; its links. */
function read(html) {
  const links = [];
  const label = (element, walk, builder) => {
    links.push(element.attribs.href);
    builder.addInline(" ⟦");
    walk(element.children, builder);
    builder.addInline("⟧ ");
  };
  const htmlText = convert(html, {
    wordwrap: false,
    formatters: { label },
    selectors: [
      { selector: "a", format: "label" },
      { selector: "h1", options: { uppercase: false } },
      { selector: "title", format: "skip" },
    ],
  });
  return { htmlText, links };
}
