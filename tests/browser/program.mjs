// The real program: started, asked by its command line, and stopped, each with a folder of its own.

import { execFileSync, execFile, spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

const PROGRAM = process.env.LATCHKEY_TEST_BIN ?? fileURLToPath(new URL("../../target/debug/latchkey", import.meta.url));

/** How long a start may take; the demo makes 60 days of usage first. In milliseconds. */
const PATIENCE = 60_000;

/** The tests' own variables and whatever the machine has set are no settings of the program under test. */
const ENVIRONMENT = Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith("LATCHKEY_")));

/** An empty folder; `remove` takes it away with all that came into it. */
export function temporaryFolder() {
  const path = mkdtempSync(join(tmpdir(), "latchkey-browser-"));
  return { path, remove: () => rmSync(path, { recursive: true, force: true }) };
}

/**
 * Starts a command that serves and waits until `ready(output)` returns something, `output` being all that it printed
 * so far. The result has what `ready` returned, and `stop()`: the exit code after SIGTERM.
 */
export function start(args, ready, environment = {}) {
  const child = spawn(PROGRAM, args, { env: { ...ENVIRONMENT, ...environment }, stdio: ["ignore", "pipe", "pipe"] });
  const output = { stdout: "", stderr: "" };
  const exited = new Promise((resolve) => child.once("exit", (code, signal) => resolve(code ?? signal)));
  const stop = () => {
    child.kill("SIGTERM");
    return exited;
  };
  return new Promise((resolve, reject) => {
    const fail = (why) => {
      child.kill("SIGKILL");
      reject(new Error(`latchkey ${args.join(" ")}: ${why}\n${output.stdout}${output.stderr}`));
    };
    const timer = setTimeout(() => fail("it did not get ready in time"), PATIENCE);
    child.once("error", (error) => fail(error.message));
    exited.then((code) => {
      clearTimeout(timer);
      fail(`it ended with ${code}`);
    });
    for (const stream of ["stdout", "stderr"]) {
      child[stream].setEncoding("utf8").on("data", (text) => {
        output[stream] += text;
        const value = ready(output);
        if (value) {
          clearTimeout(timer);
          resolve({ ...value, output, stop });
        }
      });
    }
  });
}

/**
 * Starts the demo. The result has its `url`, its `accounts` and `staff` with passwords, `where`: the options with which
 * other commands reach its data, and `stop()`.
 */
export async function startDemo(database) {
  const folder = temporaryFolder();
  const onDatabase = database ? ["--database", database] : [];
  const args = ["demo", "--json", "--listen", "127.0.0.1:0", "--data", folder.path, ...onDatabase];
  try {
    const demo = await start(args, ({ stdout }) => stdout.includes("\n") && JSON.parse(stdout.split("\n", 1)[0]));
    const data = join(folder.path, "demo");
    return {
      ...demo,
      url: new URL(demo.url).origin,
      where: ["--data", data, "--database", database ?? `sqlite://${join(data, "demo.db")}`],
      stop: () => demo.stop().finally(folder.remove),
    };
  } catch (error) {
    folder.remove();
    throw error;
  }
}

/**
 * Starts a server. The result has its `url`, the `setupCode`, and `stop()`. The code is waited for only with `firstRun`:
 * a server that has an administrator prints none.
 */
export function startServer(data, { database, environment, firstRun = false } = {}) {
  const args = ["serve", "--listen", "127.0.0.1:0", "--data", data, ...(database ? ["--database", database] : [])];
  const ready = ({ stdout, stderr }) => {
    const printed = stdout + stderr;
    const url = printed.match(/http:\/\/127\.0\.0\.1:[1-9]\d*(?=[\s/])/)?.[0];
    const setupCode = printed.match(/setup code:\s+(\S+)\s/i)?.[1];
    return url && (setupCode || !firstRun) && { url, setupCode };
  };
  return start(args, ready, environment);
}

/** Runs a command to its end and returns what it printed. Input goes to its standard input. */
export function run(args, input = "", environment = {}) {
  return execFileSync(PROGRAM, args, { env: { ...ENVIRONMENT, ...environment }, input, encoding: "utf8" });
}

/** The same without waiting for it in the meantime: a promise of what the command printed. */
export async function running(args) {
  const { stdout } = await promisify(execFile)(PROGRAM, args, { env: ENVIRONMENT, encoding: "utf8" });
  return stdout;
}

/** Pastes a line into the plainest shell and returns what it printed. */
export async function paste(line) {
  const { stdout } = await promisify(execFile)("sh", ["-c", line], { env: ENVIRONMENT, encoding: "utf8" });
  return stdout;
}

/** A new PostgreSQL database, or `undefined` where the tests have no server; `sql` asks it, `remove` drops it. */
export function postgresDatabase() {
  if (!process.env.LATCHKEY_TEST_POSTGRES) return undefined;
  const psql = process.env.LATCHKEY_TEST_PSQL ?? "psql";
  const name = `latchkey_${randomBytes(6).toString("hex")}`;
  const server = process.env.LATCHKEY_TEST_POSTGRES;
  const sql = (statement, database = server) =>
    execFileSync(psql, ["--no-psqlrc", "--quiet", "--set=ON_ERROR_STOP=1", "--dbname", database, "--command", statement]);
  sql(`CREATE DATABASE ${name}`);
  const url = new URL(server);
  url.pathname = `/${name}`;
  return { url: url.href, sql: (statement) => sql(statement, url.href), remove: () => sql(`DROP DATABASE ${name} WITH (FORCE)`) };
}
