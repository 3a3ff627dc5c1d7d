// What a server of the tests tells whoever started it: lines of JSON that are out before
// it goes on, so that its death loses none.
import { writeSync } from "node:fs";

export function tell(what) {
  let rest = Buffer.from(`${JSON.stringify(what)}\n`);
  while (rest.length > 0) rest = rest.subarray(write(rest));
}

/** How many bytes the pipe took; none while it is full. */
function write(bytes) {
  try {
    return writeSync(1, bytes);
  } catch (error) {
    if (error.code === "EAGAIN") return 0;
    throw error;
  }
}

/** As the power fails. */
export function die() {
  process.kill(process.pid, "SIGKILL");
}
