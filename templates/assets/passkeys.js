// Passkeys: what needs one appears where the browser knows them. The script gets the question
// and the device's answer; the answer travels in the page's own form.
const toBytes = (text) => Uint8Array.from(atob(text.replace(/-/g, "+").replace(/_/g, "/")), (sign) => sign.charCodeAt(0));
const toText = (bytes) =>
  btoa(String.fromCharCode(...new Uint8Array(bytes))).replace(/\+/g, "-").replace(/\//g, "_").replace(/=/g, "");

// Browsers know how to do this by themselves only since 2024 or 2025.
const listed = (list = []) =>
  list.map(({ id, type, transports }) => ({ id: toBytes(id), type, ...(transports && { transports }) }));

const ask = {
  create: ({ challenge, user, excludeCredentials, ...rest }) =>
    navigator.credentials.create({
      publicKey: {
        ...rest,
        challenge: toBytes(challenge),
        user: { ...user, id: toBytes(user.id) },
        excludeCredentials: listed(excludeCredentials),
      },
    }),
  get: ({ challenge, allowCredentials, ...rest }) =>
    navigator.credentials.get({
      publicKey: { ...rest, challenge: toBytes(challenge), allowCredentials: listed(allowCredentials) },
    }),
};

const said = ({ id, rawId, type, response }) => {
  const answer = { clientDataJSON: toText(response.clientDataJSON) };
  if (response.attestationObject) {
    answer.attestationObject = toText(response.attestationObject);
    answer.transports = response.getTransports?.() ?? null;
  } else {
    answer.authenticatorData = toText(response.authenticatorData);
    answer.signature = toText(response.signature);
    answer.userHandle = response.userHandle && toText(response.userHandle);
  }
  return JSON.stringify({ id, rawId: toText(rawId), type, response: answer });
};

for (const form of document.querySelectorAll("form[data-passkey]")) {
  if (!window.PublicKeyCredential || !navigator.credentials) break;
  form.closest("[data-passkeys]").hidden = false;
  const status = form.querySelector("[role=status]");
  const { ceremonie, reponse, csrf } = form.elements;
  let busy = false;
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    if (busy) return;
    busy = true;
    status.textContent = "";
    try {
      const answer = await fetch(form.dataset.question, { method: "POST", body: new URLSearchParams({ csrf: csrf.value }) });
      // The page is too old: it is shown anew, or where one signs in again.
      if (answer.redirected || [403, 404, 410].includes(answer.status)) return location.reload();
      if (!answer.ok) throw new Error(answer.status);
      const { ceremony, publicKey } = await answer.json();
      const credential = await ask[form.dataset.passkey](publicKey);
      ceremonie.value = ceremony;
      reponse.value = said(credential);
      form.submit();
    } catch (error) {
      const { cancelled, known, failed } = form.dataset;
      status.textContent = { NotAllowedError: cancelled, AbortError: cancelled, InvalidStateError: known }[error.name] ?? failed;
      busy = false;
    }
  });
}

// What stands in for it elsewhere goes.
if (document.querySelector("[data-passkeys]:not([hidden])"))
  for (const element of document.querySelectorAll("[data-without-passkeys]")) element.hidden = true;
