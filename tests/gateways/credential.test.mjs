// A gateway that is not in the setting, with the line of the documentation that shows its service credential.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { PACKAGED } from "./servers.mjs";
import { BACKUPS, openStage } from "./stage.mjs";

/** The gateways' lines as the text has them, by the first column of its table. */
const TEXT = readFileSync(fileURLToPath(new URL("../../docs/gateways.md", import.meta.url)), "utf8");
const LINES = Object.fromEntries([...TEXT.matchAll(/^\| (\w+) \| [^|]+ \| `([^`]*lks_\.\.\.;?)` \|$/gm)].map(([, name, line]) => [name.toLowerCase(), line]));

/** What each line stands below. */
const BELOW = { nginx: "location = /.latchkey {\n", haproxy: "listen latchkey\n", caddy: "forward_auth 127.0.0.1:8080 {\n" };

for (const name of PACKAGED) {
  test(`${name} with a service credential and without`, async () => {
    let credential;
    const stage = await openStage(name, {
      environment: { LATCHKEY_GATEWAYS: "192.0.2.1" },
      changed: async (text, panel) => {
        credential = JSON.parse(await panel.command("service", "create", name, "--address", "127.0.0.1", "--json"));
        assert.ok(text.includes(BELOW[name]), `docs/gateways has ${BELOW[name]}`);
        return text.replace(BELOW[name], `${BELOW[name]}${LINES[name].replace("lks_...", credential.secret)}\n`);
      },
    });
    try {
      const { ask, refuses, panel, tokens: { good } } = stage;
      const answer = await ask(BACKUPS, { token: good });
      assert.equal(answer.status, 200, answer.body);
      assert.ok(!JSON.stringify(answer.seen).includes(credential.secret), "the service does not see it");
      await panel.command("service", "revoke", credential.id);
      await refuses(BACKUPS, { token: good }, 403);
    } finally {
      await stage.stop();
    }
  });
}
