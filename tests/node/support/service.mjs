// Starts the service for one test file: on SQLite, or on a database of its own in
// PostgreSQL, with Redis; the demo, or `preau serve`.
import { randomBytes } from "node:crypto";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

import { Running, eventually, freePorts, run } from "./processes.mjs";

const ROOT = fileURLToPath(new URL("../../../", import.meta.url));
const PROGRAM = process.env.PREAU_BIN ?? join(ROOT, "target/debug/preau");
const PEOPLE = join(ROOT, "config/demo-people.json");

/** Which store this run is about. */
export const STORE = process.env.PREAU_TEST_STORE ?? "sqlite";

/** Starts the service with these registrations beside its own. */
export async function startService(clients = []) {
  const folder = await mkdtemp(join(tmpdir(), "preau-node-"));
  const service = STORE === "postgres" ? await Production.start(folder, clients) : await Demo.start(folder, clients);
  await service.knows(clients);
  return service;
}

/** Starts the demo on this run's store, with these registrations beside its own. */
export async function startDemo(clients = []) {
  const folder = await mkdtemp(join(tmpdir(), "preau-node-"));
  const service = await Demo.start(folder, clients);
  await service.knows(clients);
  return service;
}

/** Starts `preau serve` on this run's store, with more settings than it needs. */
export async function startProduction(settings) {
  const folder = await mkdtemp(join(tmpdir(), "preau-node-"));
  return Production.start(folder, [], settings);
}

class Service {
  constructor(folder, port, place, process) {
    Object.assign(this, { folder, place, process });
    this.issuer = `http://localhost:${port}`;
  }

  /** Runs a command of the program on this service's store. */
  command(...args) {
    return command(this.place, ...args);
  }

  /** Adds or changes registrations; returns once the running service knows them. */
  async apply(clients) {
    await apply(this.folder, this.place, clients);
    await this.knows(clients);
  }

  /** Waits until the running service has read these registrations. */
  async knows(clients) {
    for (const client of clients.filter((client) => client.redirect_uris)) {
      const query = new URLSearchParams({ client_id: client.client_id, redirect_uri: client.redirect_uris[0] });
      const known = async () => {
        const response = await fetch(`${this.issuer}/oauth2/authorize?${query}`, { redirect: "manual" });
        await response.arrayBuffer();
        return response.status === 303;
      };
      await eventually(known, `the service knows ${client.client_id}`);
    }
  }

  /** Stops it; how it ended. */
  async stop() {
    const end = await this.process.stop();
    await rm(this.folder, { recursive: true, force: true });
    await this.store.release();
    return end;
  }
}

class Demo extends Service {
  static async start(folder, clients) {
    const store = STORE === "postgres" ? await Servers.claim() : new File(folder);
    for (let tries = 1; ; tries += 1) {
      const port = await freePorts(4);
      const running = new Running(PROGRAM, ["demo", "--port", String(port), "--data", folder, ...store.options()]);
      try {
        await running.until(() => running.output.includes(`ready http://localhost:${port}\n`), "the demo is ready");
      } catch (error) {
        if (tries < 3 && /is taken/.test(error.message)) continue;
        throw error;
      }
      const service = new Demo(folder, port, ["--data", folder], running);
      service.store = store;
      service.portal = `http://localhost:${port + 1}`;
      service.inbox = `http://localhost:${port + 3}`;
      if (clients.length > 0) await apply(folder, service.place, clients);
      return service;
    }
  }
}

class Production extends Service {
  static async start(folder, clients, settings = () => "") {
    const port = await freePorts(1);
    const store = STORE === "postgres" ? await Servers.claim() : new File(folder);
    const file = join(folder, "preau.toml");
    const all = `${configuration(port)}${store.settings()}${settings(`http://localhost:${port}`)}`;
    await writeFile(file, all, { mode: 0o600 });
    const place = ["--config", file];
    await command(place, "migrate");
    await command(place, "directory", "import", "--format", "preau", PEOPLE);
    if (clients.length > 0) await apply(folder, place, clients);
    const running = new Running(PROGRAM, ["serve", ...place], { env: environment() });
    const service = new Production(folder, port, place, running);
    service.store = store;
    const ready = async () => (await fetch(`${service.issuer}/health/ready`)).ok;
    await running.until(ready, "the service is ready");
    return service;
  }
}

/** SQLite, in the service's folder. */
class File {
  constructor(folder) {
    this.path = join(folder, "preau.db");
  }

  settings() {
    return `[database]\nurl = "sqlite:${this.path}"\n`;
  }

  options() {
    return [];
  }

  async release() {}
}

/** A database of its own in PostgreSQL, and one in Redis. */
class Servers {
  static async claim() {
    const servers = new Servers();
    servers.name = `node_${randomBytes(8).toString("hex")}`;
    await psql(`CREATE DATABASE ${servers.name}`);
    servers.redis = await RedisDatabase.claim();
    return servers;
  }

  settings() {
    return `[database]\nurl = "${database(this.name)}"\n\n[redis]\nurl = "${this.redis.url}"\n`;
  }

  options() {
    return ["--database", database(this.name), "--redis", this.redis.url];
  }

  async release() {
    await this.redis.release();
    await psql(`DROP DATABASE ${this.name} WITH (FORCE)`);
  }
}

function command(place, ...args) {
  return run(PROGRAM, [...args, ...place], { env: environment() });
}

async function apply(folder, place, clients) {
  const file = join(folder, `clients-${randomBytes(4).toString("hex")}.json`);
  await writeFile(file, JSON.stringify(clients), { mode: 0o600 });
  await command(place, "client", "apply", file);
}

/** Settings of whoever runs the tests are none of the service's. */
function environment() {
  const foreign = ([name]) => !name.startsWith("PREAU__") && name !== "PREAU_CONFIG";
  return Object.fromEntries(Object.entries(process.env).filter(foreign));
}

function configuration(port) {
  return `[server]
issuer = "http://localhost:${port}"
listen = ["127.0.0.1:${port}"]
grace = 1

[secrets]
master_key = "${randomBytes(32).toString("base64")}"

`;
}

function database(name) {
  const url = new URL(process.env.PREAU_TEST_POSTGRES);
  url.pathname = `/${name}`;
  return url.href;
}

function psql(statement) {
  const url = process.env.PREAU_TEST_POSTGRES;
  return run("psql", [url, "--quiet", "--no-psqlrc", "--set", "ON_ERROR_STOP=1", "--command", statement]);
}

/** One of the server's numbered databases, for one test file alone. */
class RedisDatabase {
  static async claim() {
    for (let number = 1; number < 16; number += 1) {
      const claimed = await redis(number, "SET", "claimed-by-a-test", String(process.pid), "NX");
      if (claimed !== "+OK") continue;
      const database = new RedisDatabase(number);
      if ((await redis(number, "DBSIZE")) === ":1") return database;
      await redis(number, "DEL", "claimed-by-a-test");
    }
    throw new Error("every database of the Redis server is in use");
  }

  constructor(number) {
    this.number = number;
    const url = new URL(process.env.PREAU_TEST_REDIS);
    url.pathname = `/${number}`;
    this.url = url.href;
  }

  release() {
    return redis(this.number, "FLUSHDB");
  }
}

/** The first line of the answer to one command (RESP2). */
function redis(number, ...words) {
  const { hostname, port, username, password } = new URL(process.env.PREAU_TEST_REDIS);
  const credentials = [username, password].filter(Boolean).map(decodeURIComponent);
  const commands = [["SELECT", String(number)], words, ["QUIT"]];
  if (credentials.length > 0) commands.unshift(["AUTH", ...credentials]);
  return new Promise((resolve, reject) => {
    const socket = connect(Number(port || 6379), hostname, () => socket.write(commands.map(encode).join("")));
    let answer = "";
    socket.on("data", (chunk) => (answer += chunk));
    socket.on("error", reject);
    socket.on("close", () => resolve(answer.split("\r\n")[commands.length - 2]));
  });
}

function encode(words) {
  return `*${words.length}\r\n${words.map((word) => `$${Buffer.byteLength(word)}\r\n${word}\r\n`).join("")}`;
}
