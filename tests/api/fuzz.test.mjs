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
import { openPanel, STAFF_SCOPES } from "../gateways/panel.mjs";

const PROGRAMS = fileURLToPath(new URL("environment/bin", import.meta.url));
const SEED = process.env.LATCHKEY_FUZZ_SEED ?? "1";
/** For each part of the reference, and three times that for one with many calls. */
const SECONDS = Number(process.env.LATCHKEY_FUZZ_SECONDS ?? "3");

/** No 5xx, nothing that the document does not have, and nothing taken that it does not let programs send. */
const CHECKS = [
  "not_a_server_error", "status_code_conformance", "content_type_conformance", "response_headers_conformance",
  "response_schema_conformance", "negative_data_rejection", "missing_required_header", "unsupported_method",
  "allow_header_conformance", "ignored_auth",
];

/** What ends the very token that asks: the calls after it would find out nothing. */
const LAST = ["revokeOwnToken"];

/** Runs one of the programs and returns all that it printed. */
function run(program, args, cwd) {
  return new Promise((resolve, reject) => {
    execFile(join(PROGRAMS, program), args, { cwd, maxBuffer: 64 << 20, timeout: 240_000 }, (error, stdout, stderr) => {
      if (error) reject(new Error(`${program} ended with ${error.code ?? error.signal}:\n${stdout}${stderr}`));
      else resolve(stdout);
    });
  });
}

/** What bad input can be refused for first: that the change is one of something else, or that it does not say of what. */
const REFUSED = [400, 401, 403, 404, 405, 409, 412, 413, 415, 422, 428, 429];

/**
 * The fuzzer's settings. `things` are the public ids of what there is, by the part of the reference: made-up ones would find
 * nothing. Every change is one of whatever there is.
 */
function settings(things) {
  const part = ([tag, ids]) => {
    const named = Object.entries(ids).map(([name, id]) => `${name} = "${id}"`);
    return `[[operations]]\ninclude-tag = "${tag}"\nparameters = { ${named.join(", ")}, If-Match = "*" }\n`;
  };
  const refused = JSON.stringify(REFUSED);
  const checks = ["missing_required_header", "negative_data_rejection"].map((check) => `${check}.expected-statuses = ${refused}\n`);
  return `[checks]\n${checks.join("")}${Object.entries(things).map(part).join("")}`;
}

/**
 * Fuzzes the calls that take tokens of a kind, as the document names it, part by part of the reference, each with a token of
 * its own: so many calls as this makes, one token may not make in a minute. `own` is where a token is told what it is.
 */
async function fuzz(t, panel, kind, make, own, things = {}) {
  const { paths } = await (await fetch(`${panel.url}/api/openapi.json`)).json();
  const calls = Object.values(paths).flatMap((methods) => Object.values(methods));
  const taken = calls.filter(({ security, operationId }) => security.some((one) => kind in one) && !LAST.includes(operationId));
  const parts = new Set(taken.flatMap(({ tags }) => tags));
  assert.ok(parts.size > 1);
  const file = join(panel.folder, `${kind}.toml`);
  writeFileSync(file, settings(things));
  for (const tag of parts) {
    const those = taken.filter(({ tags }) => tags.includes(tag));
    const { secret } = await make(`Fuzzer ${tag}`);
    const printed = await run("st", [
      "--config-file", file, "run", `${panel.url}/api/openapi.json`, "--header", `Authorization: Bearer ${secret}`,
      "--checks", CHECKS.join(","), "--seed", SEED, "--max-time", `${those.length > 5 ? 3 * SECONDS : SECONDS}`, "--no-color",
      ...those.flatMap(({ operationId }) => ["--include-operation-id", operationId]),
    ], panel.folder);
    const [count] = printed.match(/\d+ generated/) ?? assert.fail(printed);
    t.diagnostic(`${kind}, ${tag}: ${count}`);
    const still = await fetch(`${panel.url}${own}`, { headers: { Authorization: `Bearer ${secret}` } });
    assert.ok([200, 429].includes(still.status), `${tag}: the token was ended: ${await still.text()}`);
  }
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
      await t.test("tokens of an account", async (t) => {
        const { id } = await panel.token("Fuzzed", ["backups:create"]);
        await fuzz(t, panel, "accountToken", (name) => panel.token(name, ["*"]), "/api/v1/token", { Tokens: { id } });
      });
      await t.test("tokens of a staff member", async (t) => {
        const make = await panel.administrator();
        const { id, secret } = await make("Fuzzed", ["accounts:read"]);
        const token = (await panel.trialToken("Fuzzed", ["backups:create"])).id;
        const accounts = await fetch(`${panel.url}/api/v1/accounts?q=arjun`, { headers: { Authorization: `Bearer ${secret}` } });
        const account = (await accounts.json()).items[0].id;
        await fuzz(t, panel, "staffToken", (name) => make(name, STAFF_SCOPES), "/api/v1/staff/token", {
          Accounts: { id: account, token }, "Staff tokens": { id },
        });
      });
    } finally {
      assert.equal(await panel.stop(), 0);
      database?.remove();
    }
  });
}
