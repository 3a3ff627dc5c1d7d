// Programs that the tests start, and ports for them.
import { spawn } from "node:child_process";
import { createServer } from "node:net";

/** Runs a program to its end and gives its output; fails where the program does. */
export function run(program, args, options = {}) {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, { stdio: ["ignore", "pipe", "pipe"], ...options });
    let output = "";
    let errors = "";
    child.stdout.on("data", (chunk) => (output += chunk));
    child.stderr.on("data", (chunk) => (errors += chunk));
    child.on("error", reject);
    child.on("close", (status) => {
      if (status === 0) resolve(output);
      else reject(new Error(`${program} ${args.join(" ")}: status ${status}\n${output}${errors}`));
    });
  });
}

/** A program that goes on running until it is told to stop. */
export class Running {
  constructor(program, args, options = {}) {
    this.log = "";
    this.child = spawn(program, args, { stdio: ["ignore", "pipe", "pipe"], ...options });
    this.output = "";
    this.ended = new Promise((resolve) => this.child.on("close", (status, signal) => resolve({ status, signal })));
    this.child.on("error", (error) => (this.log += error));
    this.child.stderr.on("data", (chunk) => (this.log += chunk));
    this.child.stdout.on("data", (chunk) => (this.output += chunk));
    // A test run that is broken off leaves nothing behind.
    this.kill = () => this.child.kill("SIGKILL");
    process.once("exit", this.kill);
  }

  /** Waits until `condition()` is true; fails where the program ends before. */
  async until(condition, what, milliseconds = 30_000) {
    let over = false;
    const end = this.ended.then(() => (over = true));
    await eventually(async () => over || (await condition()), what, milliseconds).catch((error) => {
      throw new Error(`${error.message}\n${this.output}${this.log}`);
    });
    if (over) {
      await end;
      throw new Error(`it ended before: ${what}\n${this.output}${this.log}`);
    }
  }

  /** SIGTERM; the status and how many milliseconds the end took. */
  async stop() {
    const begun = performance.now();
    this.child.kill("SIGTERM");
    const end = await this.ended;
    process.removeListener("exit", this.kill);
    return { ...end, milliseconds: performance.now() - begun };
  }
}

/** Waits until a condition holds: asked again and again, never a fixed pause. */
export async function eventually(condition, what, milliseconds = 10_000) {
  const end = performance.now() + milliseconds;
  let last;
  while (performance.now() < end) {
    try {
      const value = await condition();
      if (value) return value;
    } catch (error) {
      last = error;
    }
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  throw new Error(`not within ${milliseconds} ms: ${what}${last ? ` (${last.message})` : ""}`);
}

/** The first of `count` ports that follow one another and were all free just now. */
export async function freePorts(count) {
  for (let tries = 0; tries < 100; tries += 1) {
    // Below the range from which the system gives ports to connections.
    const first = 12_000 + Math.floor(Math.random() * 18_000);
    const ports = Array.from({ length: count }, (_, index) => first + index);
    if ((await Promise.all(ports.map(isFree))).every(Boolean)) return first;
  }
  throw new Error(`no ${count} free ports in a row`);
}

function isFree(port) {
  return new Promise((resolve) => {
    const server = createServer();
    server.once("error", () => resolve(false));
    server.listen(port, "127.0.0.1", () => server.close(() => resolve(true)));
  });
}
