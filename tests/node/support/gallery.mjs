// The gallery: each state of each page, as `web::testing::assert_renders` wrote it.
import { readFile, readdir } from "node:fs/promises";
import { createServer } from "node:http";
import { extname, join } from "node:path";
import { fileURLToPath } from "node:url";

const TEMPLATES = fileURLToPath(new URL("../../../templates", import.meta.url));
/** Messages are no pages; the demo's pages are not the service's, and are looked at as it runs. */
const FOREIGN = /^(messages|demo)\//;

const TYPES = { ".html": "text/html; charset=utf-8", ".css": "text/css", ".js": "text/javascript", ".svg": "image/svg+xml" };

/** The gallery's files over HTTP, as browsers load styles and scripts. */
export class Gallery {
  static async open() {
    const folder = process.env.PREAU_GALLERY;
    if (!folder) throw new Error("PREAU_GALLERY names the folder where `cargo test render` has written the pages");
    const gallery = new Gallery();
    gallery.folder = folder;
    gallery.names = (await readdir(folder)).filter((name) => name.endsWith(".html")).sort();
    gallery.server = createServer((request, response) => gallery.#answer(request, response));
    await new Promise((resolve) => gallery.server.listen(0, "127.0.0.1", resolve));
    gallery.origin = `http://127.0.0.1:${gallery.server.address().port}`;
    return gallery;
  }

  /** Each state, in French, of the page whose template is this one. */
  of(template) {
    const page = template.replace(/\.html$/, "").replaceAll("/", "-");
    const own = new RegExp(`^${page}\\.\\d+\\.fr\\.alone\\.html$`);
    return this.names.filter((name) => own.test(name));
  }

  async #answer(request, response) {
    const name = new URL(request.url, this.origin).pathname;
    // What sends a form by itself would lead away from the page.
    const content = /\/submit\.[^/]*js$/.test(name) ? "" : await readFile(join(this.folder, name)).catch(() => null);
    response.writeHead(content === null ? 404 : 200, { "Content-Type": TYPES[extname(name)] ?? "application/octet-stream" });
    response.end(content);
  }

  close() {
    this.server.closeAllConnections();
    return new Promise((resolve) => this.server.close(resolve));
  }
}

/** The service's templates that are whole pages: what extends a frame, and is none itself. */
export async function pageTemplates() {
  const files = await readdir(TEMPLATES, { recursive: true });
  const names = files.filter((name) => name.endsWith(".html") && !FOREIGN.test(name));
  const frames = await Promise.all(names.map(async (name) => [name, await frameOf(name)]));
  const extended = new Set(frames.map(([, frame]) => frame));
  return frames.filter(([name, frame]) => frame && !extended.has(name)).map(([name]) => name).sort();
}

async function frameOf(name) {
  const source = await readFile(join(TEMPLATES, name), "utf8");
  return /\{%-?\s*extends\s+"([^"]+)"/.exec(source)?.[1];
}
