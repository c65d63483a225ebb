// Libraries that were written for cPanel and WHM, as their registries have them, against the real program: on the
// panel's own port and on ports of their own, with and without TLS.

import assert from "node:assert/strict";
import { statSync } from "node:fs";
import { after, before, test } from "node:test";
import { promisify } from "node:util";
import cpanelLib from "cpanel-lib";
import { openStage, python } from "./stage.mjs";

let stage;
before(async () => {
  stage = await openStage();
});
after(() => stage?.stop());

const HOST = "127.0.0.1";

/** A client of cpanel-lib whose calls are awaited. */
function client(port, options) {
  const made = cpanelLib.createClient({ host: HOST, port, secure: false, ignoreCertError: true, ...options });
  return {
    call: promisify((name, parameters, done) => made.call(name, parameters, done)),
    uapi: promisify((module, name, parameters, done) => made.callUapi(module, name, parameters, done)),
    api2: promisify((module, name, parameters, done) => made.callApi2(module, name, parameters, "priya", done)),
  };
}

test("a library for accounts makes, lists, renames and revokes tokens", async () => {
  for (const [port, encryption] of [[stage.panel, "plain"], [stage.cpanel.plain, "plain"], [stage.cpanel.tls, "tls"]]) {
    const said = await python("account.py", [HOST, port, encryption, "priya"], { CLIENT_PASSWORD: stage.customer });
    assert.equal(said, "ok");
  }
});

test("a library for resellers makes, suspends and removes accounts", async () => {
  const trusted = { CLIENT_PASSWORD: stage.staff, REQUESTS_CA_BUNDLE: stage.certificate };
  for (const [address, port, domain] of [
    [`http://${HOST}`, stage.panel, "one.example"],
    [`https://${HOST}`, stage.whm.tls, "two.example"],
  ]) {
    assert.equal(await python("accounts.py", [address, port, "asha", domain], trusted), "ok");
  }
});

test("a library for servers lists, restores and changes accounts", async () => {
  const whm = client(stage.whm.tls, { secure: true, username: "asha", password: stage.staff });
  const one = { "api.version": 1 };
  assert.match((await whm.call("version", {})).version, /^11\.\d+/);
  assert.ok((await whm.call("applist", {})).app.includes("listaccts"));
  const made = await whm.call("createacct", { ...one, username: "lena", domain: "lena.example", plan: "standard" });
  assert.equal(made.metadata.result, 1, JSON.stringify(made));
  assert.match(made.metadata.output.raw, /Password: \S{24}/);
  const listed = await whm.call("listaccts", { ...one, search: "^l", searchtype: "user" });
  assert.deepEqual(listed.data.acct.map((account) => account.user), ["lena"]);
  assert.equal((await whm.call("suspendacct", { ...one, user: "lena", reason: "Unpaid" })).metadata.result, 1);
  const suspended = await whm.call("accountsummary", { ...one, user: "lena" });
  assert.equal(suspended.data.acct[0].suspendreason, "Unpaid");
  assert.equal((await whm.call("unsuspendacct", { ...one, user: "lena" })).metadata.reason, "OK");
  assert.equal((await whm.call("removeacct", { ...one, user: "lena" })).metadata.reason, "lena account removed");
  assert.match((await whm.call("no_such_thing", one)).metadata.reason, /Unknown app\s+(\(.+\))?\s+requested/);
});

test("the same library works with tokens of both kinds", async () => {
  const one = { "api.version": 1 };
  const byPassword = client(stage.whm.tls, { secure: true, username: "asha", password: stage.staff });
  const expires_at = Math.floor(Date.now() / 1000) + 86_400;
  const made = await byPassword.call("api_token_create", {
    ...one, token_name: "billing", "acl-0": "list-accts", "acl-1": "manage-api-tokens", expires_at,
  });
  assert.equal(made.metadata.result, 1, JSON.stringify(made));
  for (const [port, secure] of [[stage.panel, false], [stage.whm.plain, false], [stage.whm.tls, true]]) {
    const whm = client(port, { secure, username: "asha", accessKey: made.data.token });
    const listed = await whm.call("listaccts", one);
    assert.ok(listed.data.acct.some((account) => account.user === "priya"), JSON.stringify(listed));
    assert.equal((await whm.call("removeacct", { ...one, user: "priya" })).metadata.result, 0);
  }
  const whm = client(stage.whm.tls, { secure: true, username: "asha", accessKey: made.data.token });
  assert.equal((await whm.call("api_token_list", one)).data.tokens.billing.acls["list-accts"], 1);
  assert.equal((await whm.call("api_token_update", { ...one, token_name: "billing", new_name: "shop" })).data.name, "shop");
  assert.equal((await whm.call("api_token_revoke", { ...one, token_name: "shop" })).metadata.result, 1);
  assert.equal((await whm.call("version", one)).cpanelresult.error, "Access denied");

  const account = client(stage.cpanel.tls, { secure: true, username: "priya", password: stage.customer });
  const own = await account.uapi("Tokens", "create_full_access", { name: "from-a-library" });
  const byToken = client(stage.cpanel.tls, { secure: true, username: "priya", accessKey: own.data.token });
  const old = await byToken.api2("Tokens", "list", {});
  assert.deepEqual(old.cpanelresult.data.map((token) => token.name), ["from-a-library"]);
  assert.equal((await byToken.uapi("Tokens", "revoke", { name: "from-a-library" })).data, 1);
});

test("each port has the functions of its own product", async () => {
  const account = client(stage.whm.plain, { username: "priya", password: stage.customer });
  assert.equal((await account.uapi("Tokens", "list", {}).catch(() => ({}))).data ?? null, null);
  const staff = client(stage.cpanel.plain, { username: "asha", password: stage.staff });
  const answer = await staff.call("listaccts", { "api.version": 1 });
  assert.notEqual(answer.metadata?.result, 1, JSON.stringify(answer));
});

test("nobody else on the machine reads the key of the certificate", () => {
  const key = statSync(stage.certificate.replace(/crt$/, "key"));
  assert.equal(key.mode & 0o777, 0o600);
});
