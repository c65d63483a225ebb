// What a caller gets through a gateway: the service's answer, or why not.

import assert from "node:assert/strict";
import { values } from "./backend.mjs";
import { FEW, OTHER_SITE, TRIAL_SITE } from "./panel.mjs";
import { openGateway } from "./servers.mjs";
import { BACKUPS } from "./stage.mjs";
import { CLIENT, ask, open, request } from "./wire.mjs";

/** The refusal's document and its challenge, of which there is at most one. */
function refusal(answer) {
  assert.match(answer.values("content-type").join(), /^application\/problem\+json/);
  const document = answer.json();
  assert.equal(document.status, answer.status, answer.body);
  const challenges = answer.values("www-authenticate");
  assert.ok(challenges.length <= 1, `one challenge: ${challenges.join(" | ")}`);
  return { kind: document.type.split("/").at(-1), document, challenge: challenges[0] };
}

async function an_allowed_request_comes_through({ ask, tokens: { good } }) {
  const { status, seen, asked } = await ask(`${BACKUPS}?page=2`, { token: good });
  assert.equal(status, 200);
  assert.equal(asked.length, 1);
  const [{ method, target, headers }] = seen;
  assert.deepEqual([method, target], ["GET", `${BACKUPS}?page=2`]);
  assert.deepEqual(values(headers, "remote-user"), ["priya"]);
  assert.deepEqual(values(headers, "x-token-id"), [good.id]);
  assert.deepEqual(values(headers, "x-token-name"), ["Good"]);
  assert.deepEqual(values(headers, "x-token-scopes"), ["backups:create backups:read"]);
  assert.deepEqual(values(headers, "x-token-resources"), ["*"]);
  assert.deepEqual(values(headers, "x-forwarded-for"), [CLIENT]);
  assert.ok(!headers.join("\n").includes(good.secret), "the service never sees the secret");
}

async function without_a_token_there_is_one_challenge({ refuses }) {
  for (const headers of [[], [["Authorization", "Basic cHJpeWE6eA=="]], [["Cookie", "session=x"]]]) {
    const { kind, challenge } = refusal(await refuses(BACKUPS, { headers }, 401));
    assert.equal(kind, "missing-token");
    assert.match(challenge, /^Bearer realm="[^"]+"$/);
  }
}

async function what_is_no_token_is_refused({ refuses, tokens: { good } }) {
  const odd = { secret: `${good.secret.slice(0, -1)}${good.secret.endsWith("0") ? "1" : "0"}` };
  const answer = refusal(await refuses(BACKUPS, { token: odd }, 401));
  assert.equal(answer.kind, "invalid-token");
  assert.match(answer.challenge, /error="invalid_token"/);
  const twice = { token: good, headers: [["Authorization", `Bearer ${odd.secret}`]] };
  await refuses(BACKUPS, twice, 400, 401);
  await refuses(BACKUPS, { headers: [["Authorization", "Bearer one two"]] }, 400);
}

async function a_missing_scope_is_named({ refuses, tokens: { poor } }) {
  for (const method of ["GET", "POST"]) {
    const scope = method === "GET" ? "backups:read" : "backups:create";
    const { kind, document, challenge } = refusal(await refuses(BACKUPS, { method, token: poor }, 403));
    assert.equal(kind, "insufficient-scope");
    assert.deepEqual(document.missing_scopes, [scope]);
    assert.ok(document.fix_url.includes(`/tokens/${poor.id}/edit?add=${scope}`), document.fix_url);
    assert.match(challenge, new RegExp(`error="insufficient_scope".*scope="${scope}"`));
  }
}

async function only_what_the_catalogue_knows_is_served({ refuses, tokens: { full } }) {
  assert.equal(refusal(await refuses("/nowhere", { token: full }, 403)).kind, "no-such-route");
  assert.equal(refusal(await refuses("/sites/nobody.example/backups", { token: full }, 403)).kind, "no-such-site");
}

async function the_address_is_the_connections({ ask, refuses, tokens: { bound } }) {
  assert.equal((await ask(BACKUPS, { token: bound })).status, 200);
  const elsewhere = { token: bound, from: "127.0.0.3" };
  for (const name of ["X-Forwarded-For", "X-Real-IP", "Forwarded", "X-Forwarded-for"]) {
    const value = name === "Forwarded" ? `for=${CLIENT}` : CLIENT;
    const answer = refusal(await refuses(BACKUPS, { ...elsewhere, headers: [[name, value]] }, 403));
    assert.equal(answer.kind, "ip-not-allowed");
    assert.match(answer.document.detail, /127\.0\.0\.3/);
  }
}

async function too_many_calls_are_told_when_to_come_again({ panel, ask, refuses }) {
  const token = await panel.trialToken("Busy", ["backups:read"]);
  const path = `/sites/${TRIAL_SITE}/backups`;
  for (let call = 0; call < FEW; call += 1) assert.equal((await ask(path, { token })).status, 200);
  const answer = await refuses(path, { token }, 429);
  assert.equal(refusal(answer).kind, "rate-limited");
  const [seconds, ...more] = answer.values("retry-after");
  assert.ok(Number(seconds) >= 1 && Number(seconds) <= 60, `Retry-After: ${seconds}`);
  assert.deepEqual(more, []);
}

async function one_connection_serves_several_callers({ gateway, tokens: { good, other, poor } }) {
  const connection = await open(gateway.port);
  for (const [token, status] of [[good, 200], [other, 200], [undefined, 401], [good, 200], [poor, 403], [other, 200]]) {
    const answer = await connection.send(request(BACKUPS, { token }));
    assert.equal(answer.status, status, answer.body);
    if (status === 200) assert.deepEqual(values(answer.json().headers, "x-token-id"), [token.id]);
  }
  connection.close();
}

async function callers_at_the_same_time_are_kept_apart({ gateway, tokens: { good, other, poor } }) {
  const caller = async (token) => {
    const connection = await open(gateway.port);
    for (let call = 0; call < 25; call += 1) {
      const answer = await connection.send(request(BACKUPS, { token }));
      assert.equal(answer.status, token === poor ? 403 : 200, answer.body);
      if (token !== poor) assert.deepEqual(values(answer.json().headers, "x-token-id"), [token.id]);
    }
    connection.close();
  };
  await Promise.all([good, other, poor, good, other, poor].map(caller));
}

async function other_ways_to_ask({ name, ask, refuses, tokens: { good, poor } }) {
  const head = await ask(BACKUPS, { method: "HEAD", token: good });
  assert.deepEqual([head.status, head.body, head.seen[0].method], [200, "", "HEAD"]);
  assert.equal((await refuses(BACKUPS, { method: "HEAD", token: poor }, 403)).body, "");
  // Envoy answers HTTP/1.0 only where it is told to.
  for (const version of name === "envoy" ? ["1.1"] : ["1.0", "1.1"]) {
    assert.equal((await ask(BACKUPS, { version, token: good, headers: [["Connection", "close"]] })).status, 200, version);
    await refuses(BACKUPS, { version, headers: [["Connection", "close"]] }, 401);
  }
}

async function a_body_goes_to_the_service_alone({ ask, refuses, tap, tokens: { good, poor } }) {
  const body = "x".repeat(1024 * 1024);
  const { status, seen } = await ask(BACKUPS, { method: "POST", token: good, body });
  assert.deepEqual([status, seen[0].method, seen[0].bytes], [200, "POST", body.length]);
  assert.ok(tap.sent.length < 2000, "the panel is not sent the body");
  const pieces = { method: "POST", token: good, headers: [["Transfer-Encoding", "chunked"]], trailer: "5\r\nhello\r\n0\r\n\r\n" };
  assert.equal((await ask(BACKUPS, pieces)).seen[0].bytes, 5);
  await refuses(BACKUPS, { method: "POST", token: poor, body }, 403);
  assert.ok(tap.sent.length < 2000, "nor the body of a refused request");
}

async function a_site_is_not_another({ panel, ask, refuses }) {
  const token = await panel.token("Shop", ["backups:read"], { sites: [OTHER_SITE] });
  assert.equal((await ask(`/sites/${OTHER_SITE}/backups`, { token })).status, 200);
  const { kind, document } = refusal(await refuses(BACKUPS, { token }, 403));
  assert.deepEqual([kind, document.resource_allowed], ["site-not-allowed", false]);
}

async function a_gateway_can_say_itself_what_is_needed({ name, tap, backend, refuses, watched, tokens: { good, poor } }) {
  const gateway = await openGateway(name, { panel: tap.port, backend: backend.port, scopes: true });
  const through = (target, token) => watched(() => ask(gateway.port, target, { token }));
  try {
    for (const target of ["/reports/2026/11", "/reports?scope=dns:read", "/reports/scope=dns:read", "/reports?site=a.b"]) {
      const allowed = await through(target, poor);
      assert.deepEqual([allowed.status, allowed.seen[0]?.target], [200, target], allowed.body);
      const refused = await through(target, good);
      assert.deepEqual([refused.status, refused.seen], [403, []], target);
      assert.deepEqual(refusal(refused).document.missing_scopes, ["statistics:read"]);
    }
    const own = await through("/reports?scope=backups:read", good);
    assert.deepEqual([own.status, own.seen], [403, []], "the client says nothing of what is needed");
  } finally {
    await gateway.stop();
  }
  await refuses("/reports/2026/11", { token: poor }, 403);
}

export const ANSWERS = [
  an_allowed_request_comes_through, without_a_token_there_is_one_challenge, what_is_no_token_is_refused,
  a_missing_scope_is_named, only_what_the_catalogue_knows_is_served, a_site_is_not_another, the_address_is_the_connections,
  too_many_calls_are_told_when_to_come_again, a_gateway_can_say_itself_what_is_needed, one_connection_serves_several_callers,
  callers_at_the_same_time_are_kept_apart, other_ways_to_ask, a_body_goes_to_the_service_alone,
];
