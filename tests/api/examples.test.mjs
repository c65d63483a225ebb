// The examples of docs/examples/, as people start them, against the real program.

import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { postgresDatabase } from "../browser/program.mjs";
import { openPanel } from "../gateways/panel.mjs";

const EXAMPLES = [["sh", "token.sh"], ["python3", "token.py"], [process.execPath, "token.mjs"]];

/** Runs an example to its end. */
function example([program, file], environment) {
  const path = fileURLToPath(new URL(`../../docs/examples/${file}`, import.meta.url));
  const { PATH, HOME } = process.env;
  return new Promise((resolve) => {
    execFile(program, [path], { env: { PATH, HOME, ...environment }, timeout: 30_000 }, (error, stdout, stderr) => {
      resolve({ code: error ? (error.code ?? error.signal) : 0, stdout, stderr });
    });
  });
}

/** The names of the tokens that still work. */
async function live(panel) {
  const listed = JSON.parse(await panel.command("token", "list", "--account", "priya", "--json"));
  return (listed.tokens ?? listed).filter(({ status }) => status !== "revoked").map(({ name }) => name);
}

for (const name of ["SQLite", "PostgreSQL"]) {
  const skip = name === "PostgreSQL" && !process.env.LATCHKEY_TEST_POSTGRES && "there is no PostgreSQL; tests/run starts one";
  test(`on ${name}`, { skip }, async (t) => {
    const database = name === "PostgreSQL" ? postgresDatabase() : undefined;
    const panel = await openPanel({ database: database?.url });
    try {
      const { secret } = await panel.token("Manager", ["tokens:manage", "backups:create"]);
      const narrow = await panel.token("Reader", ["backups:read"]);
      const sees = { LATCHKEY_URL: panel.url, HOSTING_API_TOKEN: secret };
      for (const one of EXAMPLES) {
        await t.test(one[1], async () => {
          const done = await example(one, sees);
          assert.equal(done.code, 0, done.stdout + done.stderr);
          assert.match(done.stdout, /^Made token \w{8}\.\nIt (may|says).*\nIt has a new secret, .*\nIt is revoked\.\n$/);
          assert.equal(done.stderr, "");
          assert.deepEqual((await live(panel)).sort(), ["Manager", "Reader"]);
        });
        await t.test(`${one[1]} says what is wrong`, async () => {
          const said = async (environment, words) => {
            const done = await example(one, { ...sees, ...environment });
            assert.notEqual(done.code, 0);
            assert.match(done.stderr, words);
            assert.ok(!done.stderr.includes("Traceback") && !done.stderr.includes("    at "), done.stderr);
            assert.ok(!(done.stdout + done.stderr).includes(secret), "no secret is shown");
          };
          await said({ HOSTING_API_TOKEN: "" }, /HOSTING_API_TOKEN/);
          await said({ HOSTING_API_TOKEN: "lk_nothing" }, /The token is not valid/);
          await said({ HOSTING_API_TOKEN: narrow.secret }, /may not/);
          await said({ LATCHKEY_URL: "http://127.0.0.1:1" }, /127\.0\.0\.1/);
        });
      }
    } finally {
      assert.equal(await panel.stop(), 0);
      database?.remove();
    }
  });
}
