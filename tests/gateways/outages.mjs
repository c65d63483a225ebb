// Changes and failures while requests fly: whoever cannot tell never says yes. The last of these ends the panel.

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { join } from "node:path";
import { BACKUPS } from "./stage.mjs";
import { open, request } from "./wire.mjs";

/** How many callers there are at once. */
const CALLERS = 8;

/** Callers that go on until `done()`; what each request was answered with, and when it started. */
async function traffic(gateway, token, done, answers) {
  const caller = async () => {
    let connection = await open(gateway.port);
    while (!done()) {
      const started = performance.now();
      const { status } = await connection.send(request(BACKUPS, { token }));
      answers.push({ started, status });
      if (status === 0 || status >= 500) {
        connection.close();
        connection = await open(gateway.port);
      }
    }
    connection.close();
  };
  await Promise.all(Array.from({ length: CALLERS }, caller));
}

/** Waits until so many answers are there. */
const until = async (answers, count) => {
  while (answers.length < count) await new Promise((resolve) => setImmediate(resolve));
};

/** No request that starts after a change was confirmed is allowed, however many fly; and before it all were. */
async function holds_at_once(gateway, token, change) {
  let confirmed = Infinity;
  const answers = [];
  const enough = () => confirmed < Infinity && answers.filter(({ started }) => started > confirmed).length >= 10 * CALLERS;
  const flying = traffic(gateway, token, enough, answers);
  await until(answers, 5 * CALLERS);
  const before = answers.map(({ status }) => status);
  await change();
  confirmed = performance.now();
  await flying;
  assert.ok(before.every((status) => status === 200), `all were allowed before: ${before.join(" ")}`);
  const late = answers.filter(({ started }) => started > confirmed).map(({ status }) => status);
  assert.ok(late.every((status) => status === 401), `after it: ${late.join(" ")}`);
}

async function revoked_while_requests_fly({ panel, gateway }) {
  const first = await panel.token("Revoked by another process", ["backups:read"]);
  await holds_at_once(gateway, first, () => panel.command("token", "revoke", first.id, "--reason", "Found in a log"));
  const second = await panel.token("Revoked by its holder", ["backups:read"]);
  await holds_at_once(gateway, second, async () => {
    const headers = { Authorization: `Bearer ${second.secret}` };
    const answer = await fetch(new URL("/api/v1/token", panel.url), { method: "DELETE", headers });
    assert.ok(answer.ok, `${answer.status}`);
    await answer.arrayBuffer();
  });
}

async function paused_and_resumed_while_requests_fly({ panel, gateway, ask }) {
  const token = await panel.token("Paused", ["backups:read"]);
  await holds_at_once(gateway, token, () => panel.command("token", "pause", token.id, "--reason", "To look at it"));
  await panel.command("token", "resume", token.id, "--reason", "Looked at");
  assert.equal((await ask(BACKUPS, { token })).status, 200);
}

async function the_panel_out_of_reach({ name, tap, ask, refuses, tokens: { good } }) {
  // Traefik waits half a minute for whoever is silent, and that cannot be set.
  for (const state of name === "traefik" ? ["closed"] : ["closed", "silent"]) {
    tap.set(state);
    const sent = [{ token: good }, { token: good, method: "POST", body: "x" }, {}];
    await Promise.all(sent.map((options) => refuses(BACKUPS, options)));
    tap.set("open");
    assert.equal((await ask(BACKUPS, { token: good })).status, 200, `after ${state}`);
  }
}

/** Renames a table from another process, which to the panel is a database that cannot be read. */
function rename(panel, from, to) {
  const script = "import sqlite3, sys; c = sqlite3.connect(sys.argv[1], timeout=20); c.execute('PRAGMA legacy_alter_table = ON'); c.execute(sys.argv[2])";
  execFileSync("/usr/bin/python3", ["-c", script, join(panel.folder, "latchkey.db"), `ALTER TABLE ${from} RENAME TO ${to}`]);
}

async function the_database_out_of_order({ panel, ask, refuses, tokens: { good, poor } }) {
  rename(panel, "token_standings", "standings_gone");
  try {
    for (const options of [{ token: good }, { token: poor }, { token: good, method: "POST" }]) await refuses(BACKUPS, options);
  } finally {
    rename(panel, "standings_gone", "token_standings");
  }
  assert.equal((await ask(BACKUPS, { token: good })).status, 200);
}

async function the_panel_stopped_while_requests_fly({ panel, gateway, refuses, tokens: { good } }) {
  let stopped = Infinity;
  const answers = [];
  const enough = () => answers.some(({ started }) => started > stopped) && performance.now() > stopped;
  const flying = traffic(gateway, good, enough, answers);
  await until(answers, 5 * CALLERS);
  await panel.stop();
  stopped = performance.now();
  await flying;
  const late = answers.filter(({ started }) => started > stopped).map(({ status }) => status);
  assert.ok(late.length > 0 && late.every((status) => status === 0 || status >= 500), late.join(" "));
  assert.ok(answers.every(({ status }) => status === 200 || status === 0 || status >= 500), "nobody was refused for another reason");
  await refuses(BACKUPS, { token: good });
}

export const OUTAGES = [
  revoked_while_requests_fly, paused_and_resumed_while_requests_fly, the_panel_out_of_reach, the_database_out_of_order,
  the_panel_stopped_while_requests_fly,
];
