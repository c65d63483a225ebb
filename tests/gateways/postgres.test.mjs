// A PostgreSQL that goes away behind the panel: closed connections, and ones on which nothing comes any more.

import assert from "node:assert/strict";
import { test } from "node:test";
import { setTimeout as pause } from "node:timers/promises";
import { postgresDatabase } from "../browser/program.mjs";
import { PACKAGED } from "./servers.mjs";
import { BACKUPS, openStage } from "./stage.mjs";
import { openTap } from "./wire.mjs";

/** How long the panel may take to find its database again, in milliseconds. */
const PATIENCE = 30_000;

async function returns({ ask, tokens: { good } }) {
  const deadline = Date.now() + PATIENCE;
  while ((await ask(BACKUPS, { token: good })).status !== 200) {
    assert.ok(Date.now() < deadline, "it is not served again");
    await pause(100);
  }
}

const skip = !process.env.LATCHKEY_TEST_POSTGRES && "there is no PostgreSQL; tests/run starts one";
for (const name of PACKAGED) {
  test(`${name} with PostgreSQL out of reach`, { skip }, async () => {
    const database = postgresDatabase();
    const url = new URL(database.url);
    const tap = await openTap(Number(url.port || 5432));
    url.port = `${tap.port}`;
    const stage = await openStage(name, { database: url.href, direct: database.url });
    try {
      const { ask, refuses, tokens: { good } } = stage;
      assert.equal((await ask(BACKUPS, { token: good })).status, 200);
      for (const state of ["closed", "silent"]) {
        tap.set(state);
        for (let call = 0; call < 3; call += 1) await refuses(BACKUPS, { token: good });
        // What was swallowed never comes, so these connections are of no use any more.
        tap.set("closed");
        tap.set("open");
        await returns(stage);
      }
    } finally {
      await stage.stop();
      await tap.stop();
      database.remove();
    }
  });
}
