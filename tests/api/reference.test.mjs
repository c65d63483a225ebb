// The line for curl on the page of each call, pasted into a shell as it stands there, but for the names of things that
// nobody has.

import assert from "node:assert/strict";
import { test } from "node:test";
import { paste } from "../browser/program.mjs";
import { openPanel, SITE } from "../gateways/panel.mjs";

const ENTITIES = { "&#60;": "<", "&#62;": ">", "&#38;": "&", "&#34;": '"', "&#39;": "'" };

/** The text of the page's line. */
function lineOf(html) {
  const [, text] = html.match(/<pre id="curl"[^>]*>([^]*?)<\/pre>/) ?? assert.fail(html);
  return text.replaceAll(/&#\d+;/g, (entity) => ENTITIES[entity] ?? assert.fail(entity));
}

/** What can be done only with a token that was rotated just before. */
const AFTERWARDS = ["retireSecret"];

test("every line does what its page says", async (t) => {
  const panel = await openPanel();
  try {
    const { paths } = await (await fetch(`${panel.url}/api/openapi.json`)).json();
    const calls = Object.values(paths).flatMap((methods) => Object.values(methods));
    const ofAccounts = calls.filter(({ security }) => security.some((one) => "accountToken" in one));
    assert.ok(ofAccounts.length >= 3);
    for (const { operationId, responses } of ofAccounts.filter((call) => !AFTERWARDS.includes(call.operationId))) {
      await t.test(operationId, async () => {
        const caller = await panel.token(`Calls ${operationId}`, ["*"]);
        const about = await panel.token(`Is called ${operationId}`, ["backups:create"]);
        const page = await (await fetch(`${panel.url}/reference/${operationId}`)).text();
        const line = lineOf(page)
          .replaceAll("EXAMPLE1", about.id)
          .replaceAll("blog.example", SITE)
          .replace(/If-Match: "[^"]*"/, "If-Match: *");
        const asked = `HOSTING_API_TOKEN=${caller.secret}\n${line} -s -w '\\n%{http_code}'`;
        const printed = await paste(asked);
        const done = Object.keys(responses).filter((status) => status.startsWith("2"));
        assert.ok(done.includes(printed.split("\n").at(-1)), `${line}\n${printed}`);
      });
    }
  } finally {
    assert.equal(await panel.stop(), 0);
  }
});
