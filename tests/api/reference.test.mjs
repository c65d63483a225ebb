// The line for curl on the page of each call, pasted into a shell as it stands there, but for the names of things that
// nobody has.

import assert from "node:assert/strict";
import { test } from "node:test";
import { paste } from "../browser/program.mjs";
import { openPanel, SITE, STAFF_SCOPES } from "../gateways/panel.mjs";

const ENTITIES = { "&#60;": "<", "&#62;": ">", "&#38;": "&", "&#34;": '"', "&#39;": "'" };

/** The text of the page's line. */
function lineOf(html) {
  const [, text] = html.match(/<pre id="curl"[^>]*>([^]*?)<\/pre>/) ?? assert.fail(html);
  return text.replaceAll(/&#\d+;/g, (entity) => ENTITIES[entity] ?? assert.fail(entity));
}

/** Runs the line of a call's page with a token, and other names in place of the examples; what it answers is in the document. */
async function holds(panel, { operationId, responses }, secret, names) {
  const page = await (await fetch(`${panel.url}/reference/${operationId}`)).text();
  const renamed = Object.entries(names).reduce((text, [from, to]) => text.replaceAll(from, to), lineOf(page));
  const line = renamed.replace(/If-Match: "[^"]*"/, "If-Match: *");
  const printed = await paste(`HOSTING_API_TOKEN=${secret}\n${line} -s -w '\\n%{http_code}'`);
  const done = Object.keys(responses).filter((status) => status.startsWith("2"));
  assert.ok(done.includes(printed.split("\n").at(-1)), `${line}\n${printed}`);
}

/** The calls of the document that take tokens of a kind. */
async function callsFor(panel, kind) {
  const { paths } = await (await fetch(`${panel.url}/api/openapi.json`)).json();
  const calls = Object.values(paths).flatMap((methods) => Object.values(methods));
  return calls.filter(({ security }) => security.some((one) => kind in one));
}

/** What can be done only with a token that was rotated just before. */
const AFTERWARDS = ["retireSecret"];

test("every line for tokens of an account does what its page says", async (t) => {
  const panel = await openPanel();
  try {
    const calls = await callsFor(panel, "accountToken");
    assert.ok(calls.length >= 3);
    for (const call of calls.filter(({ operationId }) => !AFTERWARDS.includes(operationId))) {
      await t.test(call.operationId, async () => {
        const caller = await panel.token(`Calls ${call.operationId}`, ["*"]);
        const about = await panel.token(`Is called ${call.operationId}`, ["backups:create"]);
        await holds(panel, call, caller.secret, { EXAMPLE1: about.id, "blog.example": SITE });
      });
    }
  } finally {
    assert.equal(await panel.stop(), 0);
  }
});

/** What has to be done before: to end a suspension somebody must be suspended. */
const BEFORE = { unsuspendAccount: "suspend", resumeTokenOfAccount: "pause" };

test("every line for tokens of staff does what its page says", async (t) => {
  const panel = await openPanel();
  try {
    const make = await panel.administrator();
    const { secret } = await make("Calls", STAFF_SCOPES);
    const send = async (method, path, body) => {
      const headers = { Authorization: `Bearer ${secret}`, "Content-Type": "application/json" };
      const answer = await fetch(`${panel.url}/api/v1/${path}`, { method, headers, body: body && JSON.stringify(body) });
      const text = await answer.text();
      assert.ok(answer.ok, `${method} ${path}: ${text}`);
      return text && JSON.parse(text);
    };
    const rules = { max_live_tokens: 100 };
    const plan = (name) => send("POST", "plans", { name, scopes: ["backups:create"], rules });
    const [standard] = (await send("GET", "plans")).items;
    await plan("Business");
    const [trial] = (await send("GET", "accounts?q=arjun")).items;
    const calls = await callsFor(panel, "staffToken");
    assert.ok(calls.length >= 30);
    for (const [number, call] of calls.entries()) {
      await t.test(call.operationId, async () => {
        const username = `c${number}`;
        const email = `${username}@mail.example`;
        const ofToken = call.operationId.includes("OfAccount");
        const account = ofToken ? trial : (await send("POST", "accounts", { username, email, plan: standard.name })).account;
        const token = ofToken
          ? await panel.trialToken(call.operationId, ["backups:create"])
          : await make(call.operationId, ["accounts:read"]);
        const before = BEFORE[call.operationId];
        const about = ofToken ? `accounts/${account.id}/tokens/${token.id}` : `accounts/${account.id}`;
        if (before) await send("POST", `${about}/${before}`, { reason: "A test" });
        await holds(panel, call, secret, {
          EXAMPLE1: token.id,
          Qm7Xk2PdA9Lz: account.id,
          Zp3Kd8LmQ1Xw: (await plan(`Plan ${number}`)).id,
          '"plan": "Standard"': `"plan": "${standard.name}"`,
          '"name": "Standard"': `"name": "Another plan ${number}"`,
          Billing: `Billing ${number}`,
          priya: `n${number}`,
          "blog.example": `n${number}.example`,
        });
      });
    }
  } finally {
    assert.equal(await panel.stop(), 0);
  }
});
