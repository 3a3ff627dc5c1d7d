// A browser without a screen: fetch with cookies, forms as HTML has them, no script.
export class Visitor {
  #cookies = new Map();

  /** One request; redirects are answers. */
  async request(url, options = {}) {
    const headers = new Headers(options.headers);
    if (this.#cookies.size > 0) {
      headers.set("cookie", [...this.#cookies].map(([name, value]) => `${name}=${value}`).join("; "));
    }
    const response = await fetch(url, { ...options, headers, redirect: "manual" });
    for (const cookie of response.headers.getSetCookie()) this.#keep(cookie);
    return response;
  }

  /** Follows redirects within the provider; the page, or the address that leads elsewhere. */
  async visit(url, options = {}) {
    const home = new URL(url).origin;
    let response = await this.request(url, options);
    let address = new URL(url);
    while (response.status >= 300 && response.status < 400) {
      await response.arrayBuffer();
      address = new URL(response.headers.get("location"), address);
      if (address.origin !== home) return { address, status: response.status, headers: response.headers, text: "" };
      response = await this.request(address);
    }
    return { address, status: response.status, headers: response.headers, text: await response.text() };
  }

  /** Sends a page's form with these values: the first one, or the one to such an address. */
  submit(page, values = {}, to = "") {
    const { action, fields } = formOf(page, to);
    const headers = { "content-type": "application/x-www-form-urlencoded", origin: page.address.origin };
    const body = new URLSearchParams({ ...fields, ...values }).toString();
    return this.visit(action, { method: "POST", headers, body });
  }

  /** Opens an authorization request and signs in; where it led. */
  async signIn(url, { identifier, password }) {
    const page = await this.visit(url);
    if (!page.text.includes('name="mot-de-passe"')) throw new Error(`no sign-in page: ${page.status} ${page.text}`);
    return this.submit(page, { identifiant: identifier, "mot-de-passe": password });
  }

  #keep(cookie) {
    const [pair, ...attributes] = cookie.split(";").map((part) => part.trim());
    const [name, value] = [pair.slice(0, pair.indexOf("=")), pair.slice(pair.indexOf("=") + 1)];
    if (attributes.some((attribute) => /^max-age=0$/i.test(attribute))) this.#cookies.delete(name);
    else this.#cookies.set(name, value);
  }
}

/** A page's first form to an address that holds `to`: where it goes, and its hidden fields. */
export function formOf(page, to = "") {
  const forms = page.text.matchAll(/<form[^>]*\saction="([^"]*)"/g);
  const action = [...forms].find(([, address]) => address.includes(to));
  if (!action) throw new Error(`no form: ${page.status} ${page.text}`);
  const form = page.text.slice(action.index).split("</form>")[0];
  const hidden = form.matchAll(/<input type="hidden" name="([^"]*)" value="([^"]*)"/g);
  const fields = Object.fromEntries([...hidden].map(([, name, value]) => [name, plain(value)]));
  return { action: new URL(plain(action[1]), page.address), fields };
}

/** HTML's references as text. */
export function plain(html) {
  const named = { amp: "&", lt: "<", gt: ">", quot: '"', apos: "'" };
  return html.replace(/&(#x?[0-9a-f]+|\w+);/gi, (whole, reference) => {
    if (reference[0] !== "#") return named[reference] ?? whole;
    const code = /^#x/i.test(reference) ? parseInt(reference.slice(2), 16) : parseInt(reference.slice(1), 10);
    return String.fromCodePoint(code);
  });
}
