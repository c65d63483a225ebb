// The real program with a customer and an administrator, listening for programs of both kinds, with and without TLS.

import { execFile } from "node:child_process";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { run, start, temporaryFolder } from "../browser/program.mjs";

/** Where tests/run has put the Python packages that requirements.txt names. */
const PYTHON = process.env.LATCHKEY_TEST_CLIENTS_PYTHON ?? fileURLToPath(new URL("environment/bin/python", import.meta.url));

const SOCKETS = ["cpanel 127.0.0.1:0 tls", "cpanel 127.0.0.1:0", "whm 127.0.0.1:0 tls", "whm 127.0.0.1:0"];

/** The ports that the program says it has for programs, in the order of the setting. */
function ports(printed) {
  return [...printed.matchAll(/^ +Programs +\w+ 127\.0\.0\.1:(\d+)/gm)].map(([, port]) => Number(port));
}

/**
 * Starts it. The result has the port of the `panel`, those of `cpanel` and `whm`, each with `tls` and `plain`, the
 * passwords of `customer` and `staff`, the `certificate` that it made, and `stop()`.
 */
export async function openStage() {
  const folder = temporaryFolder();
  try {
    const where = ["--data", folder.path];
    const made = (...args) => JSON.parse(run([...args, "--json", ...where])).password;
    const customer = made("account", "create", "--username", "priya", "--email", "priya@sunrise.example");
    const staff = made(
      "staff", "create", "--role", "admin", "--username", "asha", "--email", "asha@hosting.example", "--name", "Asha",
    );
    const ready = ({ stdout, stderr }) => {
      const panel = stdout.match(/http:\/\/127\.0\.0\.1:([1-9]\d*)(?=\s)/)?.[1];
      const others = ports(stdout);
      return panel && others.length === SOCKETS.length && !stderr.includes("panicked") && { panel: Number(panel), others };
    };
    const server = await start(["serve", "--listen", "127.0.0.1:0", ...where], ready, {
      LATCHKEY_COMPAT_LISTEN: SOCKETS.join(","),
    });
    const [cpanelTls, cpanel, whmTls, whm] = server.others;
    return {
      panel: server.panel,
      cpanel: { tls: cpanelTls, plain: cpanel },
      whm: { tls: whmTls, plain: whm },
      customer,
      staff,
      certificate: join(folder.path, "compat.crt"),
      stop: () => server.stop().finally(folder.remove),
    };
  } catch (error) {
    folder.remove();
    throw error;
  }
}

/** Runs one of the Python programs beside this file; it fails where the program does. */
export async function python(program, args, environment) {
  const path = fileURLToPath(new URL(program, import.meta.url));
  const { stdout } = await promisify(execFile)(PYTHON, [path, ...args.map(String)], {
    env: { ...process.env, PYTHONDONTWRITEBYTECODE: "1", ...environment },
    encoding: "utf8",
    timeout: 60_000,
  });
  return stdout.trim();
}
