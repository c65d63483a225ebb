// A public fuzzer, schemathesis, asks the real program everything that its OpenAPI document lets it ask, and much that it
// does not, and holds every answer against the document. LATCHKEY_FUZZ_SEED and LATCHKEY_FUZZ_SECONDS ask otherwise, and for
// longer.

import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { existsSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { postgresDatabase } from "../browser/program.mjs";
import { openPanel } from "../gateways/panel.mjs";

const PROGRAMS = fileURLToPath(new URL("environment/bin", import.meta.url));
const SEED = process.env.LATCHKEY_FUZZ_SEED ?? "1";
/** For each of the runs. */
const SECONDS = process.env.LATCHKEY_FUZZ_SECONDS ?? "20";

/** No 5xx, nothing that the document does not have, and nothing taken that it does not let programs send. */
const CHECKS = [
  "not_a_server_error", "status_code_conformance", "content_type_conformance", "response_headers_conformance",
  "response_schema_conformance", "negative_data_rejection", "missing_required_header", "unsupported_method",
  "allow_header_conformance", "ignored_auth",
];

/** What ends the very token that asks: the calls after it would find out nothing. */
const LAST = ["revokeOwnToken"];

/** Everything that a staff member's token can be allowed. */
const STAFF_SCOPES = [
  "accounts:read", "accounts:create", "accounts:change", "accounts:suspend", "accounts:remove", "accounts:password",
  "accounts:sign-in", "tokens:read", "tokens:stop", "audit:read", "policy:read", "policy:change", "staff-tokens:manage",
];

/** Runs one of the programs and returns all that it printed. */
function run(program, args, cwd) {
  return new Promise((resolve, reject) => {
    execFile(join(PROGRAMS, program), args, { cwd, maxBuffer: 64 << 20, timeout: 240_000 }, (error, stdout, stderr) => {
      if (error) reject(new Error(`${program} ended with ${error.code ?? error.signal}:\n${stdout}${stderr}`));
      else resolve(stdout);
    });
  });
}

/** Fuzzes the calls that take tokens of a kind, as the document names it, with one of them; says how many calls that were. */
async function fuzz(panel, kind, secret) {
  const { paths } = await (await fetch(`${panel.url}/api/openapi.json`)).json();
  const calls = Object.values(paths).flatMap((methods) => Object.values(methods));
  const taken = calls.filter(({ security, operationId }) => security.some((one) => kind in one) && !LAST.includes(operationId));
  assert.ok(taken.length > 0);
  const printed = await run("st", [
    "run", `${panel.url}/api/openapi.json`, "--header", `Authorization: Bearer ${secret}`, "--checks", CHECKS.join(","),
    "--seed", SEED, "--max-time", SECONDS, "--no-color",
    ...taken.flatMap(({ operationId }) => ["--include-operation-id", operationId]),
  ], panel.folder);
  assert.match(printed, /\d+ generated/);
  return printed.match(/\d+ generated/)[0];
}

const missing = !existsSync(join(PROGRAMS, "st")) && "the fuzzer is not installed; tests/run does it";

for (const name of ["SQLite", "PostgreSQL"]) {
  const skip = missing || (name === "PostgreSQL" && !process.env.LATCHKEY_TEST_POSTGRES && "there is no PostgreSQL; tests/run starts one");
  test(`on ${name}`, { skip }, async (t) => {
    const database = name === "PostgreSQL" ? postgresDatabase() : undefined;
    const panel = await openPanel({ database: database?.url });
    try {
      await t.test("the document is OpenAPI 3.1", async () => {
        const path = join(panel.folder, "openapi.json");
        writeFileSync(path, await panel.command("openapi"));
        await run("openapi-spec-validator", ["--schema", "3.1", path]);
      });
      await t.test("a token of an account", async () => {
        const { secret } = await panel.token("Fuzzer", ["*"]);
        t.diagnostic(await fuzz(panel, "accountToken", secret));
      });
      await t.test("a token of a staff member", async () => {
        const make = await panel.administrator();
        const { secret } = await make("Fuzzer", STAFF_SCOPES);
        t.diagnostic(await fuzz(panel, "staffToken", secret));
      });
    } finally {
      assert.equal(await panel.stop(), 0);
      database?.remove();
    }
  });
}
