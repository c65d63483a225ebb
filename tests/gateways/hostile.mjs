// What a caller sends to get what it may not have: headers that speak for the gateway, and paths with two readings.

import assert from "node:assert/strict";
import { values } from "./backend.mjs";
import { SITE } from "./panel.mjs";
import { PACKAGED } from "./servers.mjs";
import { BACKUPS } from "./stage.mjs";
import { CLIENT, HOST, exchange, open, request } from "./wire.mjs";

const FORGED = "forged";

/** Every header by which somebody could speak for the gateway, or make a service do something else than was asked about. */
export const SPEAKING = [
  "Remote-User", "Remote-Groups", "Remote-Name", "Remote-Email", "X-Token-Id", "X-Token-Name", "X-Token-Scopes",
  "X-Token-Resources", "X-Service-Credential", "Forwarded", "X-Real-IP", "X-Forwarded-For", "X-Forwarded-Host",
  "X-Forwarded-Method", "X-Forwarded-Uri", "X-Forwarded-Port", "X-Forwarded-Prefix", "X-Forwarded-Server", "X-Original-URI",
  "X-Original-URL", "X-Original-Method", "X-Original-Host", "X-Rewrite-URL", "X-HTTP-Method", "X-HTTP-Method-Override",
  "X-Method-Override", "X-Error-Status", "X-Error-Body",
];

/** Names that a CGI, WSGI or Rack service reads as `X-Token-Id`. */
export const ALIASED = ["X_Token_Id", "X-Token_Id", "X.Token.Id", "X~Token+Id", "X!Token#Id", "X$Token%Id", "X&Token'Id", "X^Token`Id", "X|Token*Id"];

/** What a header that a gateway passes on as it is would say; nobody reads these two but on answers. */
const HARMLESS = ["x-error-status", "x-error-body"];

async function forged_headers_have_no_effect({ ask, refuses, tokens: { good, poor } }) {
  const headers = [...SPEAKING, ...ALIASED].map((name) => [name, FORGED]);
  const { status, seen, asked } = await ask(BACKUPS, { token: good, headers });
  assert.equal(status, 200);
  const pairs = seen[0].headers.map((name, at) => [name.toLowerCase(), seen[0].headers[at + 1]]).filter((_, at) => at % 2 === 0);
  const through = pairs.filter(([name, value]) => value.includes(FORGED) && !HARMLESS.includes(name));
  assert.deepEqual(through, [], "the service sees no forged header");
  assert.deepEqual(values(seen[0].headers, "x-token-id"), [good.id]);
  assert.deepEqual(values(seen[0].headers, "x-forwarded-for"), [CLIENT]);
  const { method, target, host, headers: sent } = asked[0];
  assert.deepEqual([method, target, host], ["GET", BACKUPS, HOST]);
  for (const name of ["x-forwarded-for", "x-service-credential", "x-real-ip", "forwarded"]) {
    assert.ok(!values(sent, name).join().includes(FORGED), `the panel is not told by ${name}`);
  }
  const allowed = [
    ["X-Original-URI", "/statistics"], ["X-Original-Method", "GET"], ["X-Forwarded-Uri", "/statistics"],
    ["X-Forwarded-Method", "GET"], ["X-HTTP-Method-Override", "GET"], ["X-Token-Scopes", "*"],
  ];
  for (const method of ["GET", "POST"]) {
    await refuses(BACKUPS, { method, token: poor, headers: [...allowed, ...allowed] }, 403);
  }
}

async function nobody_is_somebody_by_a_header({ refuses, tokens: { good } }) {
  const headers = [["Remote-User", "priya"], ["X-Token-Id", good.id], ["X-Token-Scopes", "*"]];
  await refuses(BACKUPS, { headers }, 401);
}

async function a_query_does_not_say_what_is_needed({ ask, refuses, tokens: { poor } }) {
  for (const query of ["scope=statistics:read", `scope=statistics%3Aread&site=${SITE}`, "scope=statistics:read&"]) {
    await refuses(`${BACKUPS}?${query}`, { token: poor }, 403);
    assert.equal((await ask(`/statistics?${query}`, { token: poor })).status, 200);
  }
}

async function the_questions_own_address_is_not_served({ refuses, tokens: { full } }) {
  for (const path of ["/.latchkey", "/authz/nginx", "/authz/forward", "/@refused", "/oauth/introspect"]) {
    await refuses(path, { token: full }, 403, 404);
  }
}

/** Paths that servers read in more than one way, from the one that the token's route has. */
const AMBIGUOUS = [
  `${BACKUPS}/../databases`, `${BACKUPS}/..`, `${BACKUPS}/.`, `/./sites/${SITE}/backups`, `/../sites/${SITE}/backups`,
  `${BACKUPS}/%2e%2e/databases`, `${BACKUPS}/.%2E/databases`, `${BACKUPS}/%2e`, `/sites/${SITE}%2fbackups`,
  `/sites/${SITE}%2Fbackups`, `/sites%2f${SITE}/backups`, `/sites/${SITE}%5cbackups`, `/sites/${SITE}\\backups`,
  `//sites/${SITE}/backups`, `/sites//${SITE}/backups`, `${BACKUPS}/`, `${BACKUPS};jsessionid=1`, `/sites;x/${SITE}/backups`,
  `/sites/${SITE}/..;/x/backups`, `/sites/${SITE}/%2e%2e;/backups`, `${BACKUPS}%00`, `${BACKUPS}%0a`, `${BACKUPS}%0d%0aX-Token-Id:%20x`,
  `${BACKUPS}%7f`, `${BACKUPS}%`, `${BACKUPS}%2`, `${BACKUPS}%zz`, `${BACKUPS}%252e%252e`, `/sites/${SITE}%252fbackups`,
  `${BACKUPS}%c3%a9`, `${BACKUPS}%c0%ae`, `${BACKUPS}\xe9`, `${BACKUPS}#x`, `${BACKUPS}%23`, `${BACKUPS}%3fx`, `*`, `sites`,
  `http:${BACKUPS}`, `/sites/${SITE}/backups/${"a".repeat(5000)}`, `/%73ites/${SITE}/../${SITE}/backups`, `/sites/./${SITE}/backups`,
];

/** Paths and queries with one reading, which every server must hand on as they are. */
const PLAIN = [
  BACKUPS, `${BACKUPS}?`, `${BACKUPS}?a=b&e=%2e%2e%2f/../x//y`, `${BACKUPS}?a?b`,
  `/sites/${SITE}/backups/2026-11-24T03:00:00Z`, `/sites/${SITE}/files/a%20b/c@d/$e,f=g!(h)*'`, `/sites/${SITE}/backups/~a-b_c.d`,
  `/sites/${SITE}/files/100%25`, `/sites/${SITE}/files/...`, `/sites/${SITE}/backups/a%3Ab`,
  `${BACKUPS}?${"a".repeat(3000)}`, `${BACKUPS}?next=http://evil.example/%0d%0aSet-Cookie:x`,
];

/** Others with one reading, which some servers rewrite before they ask, or refuse. */
const UNUSUAL = [`/%73ites/${SITE}/backups`, `${BACKUPS}?q=%00%zz&"<>\\^{|}`, `${BACKUPS}?a=b;c=d`];

/** Nothing is ever served but what the panel was asked about, and it is asked about nothing else. */
function same(path, { status, seen, asked }) {
  assert.ok(seen.length <= 1 && asked.length <= 1, path);
  if (seen.length === 0) return;
  assert.equal(status, 200);
  assert.deepEqual([asked[0].method, asked[0].target], [seen[0].method, seen[0].target], path);
  assert.deepEqual(values(seen[0].headers, "host"), [asked[0].host], path);
}

async function paths_with_two_readings_are_not_served(stage) {
  for (const path of AMBIGUOUS) {
    const answer = await stage.ask(path, { token: stage.tokens.full });
    same(path, answer);
    // A gateway may make a path plain before it asks; then all of them go by the plain one.
    const plain = answer.seen[0]?.target;
    if (plain !== undefined) assert.match(plain, /^(\/[A-Za-z0-9~_-][A-Za-z0-9.~_-]*)+$/, path);
    assert.ok(answer.status === 200 || answer.status === 0 || answer.status >= 300, `${path}: ${answer.status}`);
  }
}

async function paths_with_one_reading_arrive_as_they_were_sent(stage) {
  for (const path of PLAIN) {
    const answer = await stage.ask(path, { token: stage.tokens.full });
    same(path, answer);
    assert.deepEqual([answer.status, answer.seen[0]?.target], [200, path], `${path}: ${answer.body}`);
  }
  for (const path of UNUSUAL) {
    const answer = await stage.ask(path, { token: stage.tokens.full });
    same(path, answer);
    if (PACKAGED.includes(stage.name)) assert.equal(answer.seen[0]?.target, path);
  }
}

async function control_characters_end_the_request(stage) {
  for (const odd of ["\x00", "\x01", "\t", "\x0b", "\x7f", "\r", "\n"]) {
    const path = `${BACKUPS}${odd}x`;
    const answer = await stage.ask(path, { token: stage.tokens.full });
    assert.deepEqual(answer.seen.map(({ target }) => target), [], JSON.stringify(path));
  }
}

async function the_host_is_the_one_that_was_asked_about(stage) {
  const { tokens: { full }, watched, gateway } = stage;
  for (const [target, host] of [
    [`http://other.example${BACKUPS}`, HOST], [`http://${HOST}${BACKUPS}`, "other.example"], [BACKUPS, "other.example"],
    [BACKUPS, `${HOST}:80`], [BACKUPS, HOST.toUpperCase()], [BACKUPS, `${HOST}\r\nHost: other.example`],
  ]) {
    same(`${target} at ${host}`, await watched(() => exchange(gateway.port, request(target, { token: full, host }))));
  }
}

async function what_follows_a_refusal_is_a_request_of_its_own(stage) {
  const { gateway, backend, tokens: { poor, good } } = stage;
  const inner = request(BACKUPS, { token: good });
  for (const headers of [
    [["Content-Length", `${inner.length}`], ["Transfer-Encoding", "chunked"]], [["Transfer-Encoding", " chunked"], ["Content-Length", "4"]],
    [["Content-Length", "0"], ["Content-Length", `${inner.length}`]], [["Transfer-Encoding", "xchunked"]],
  ]) {
    backend.seen.length = 0;
    const connection = await open(gateway.port);
    await connection.send(request(BACKUPS, { method: "POST", token: poor, headers, trailer: `0\r\n\r\n` }));
    connection.close();
    assert.deepEqual(backend.seen, [], JSON.stringify(headers));
  }
  const connection = await open(gateway.port);
  const refused = await connection.send(request(BACKUPS, { method: "POST", token: poor, body: inner }));
  assert.equal(refused.status, 403);
  assert.deepEqual(backend.seen, [], "the body of a refused request is no request");
  connection.close();
}

export const HOSTILE = [
  forged_headers_have_no_effect, nobody_is_somebody_by_a_header, a_query_does_not_say_what_is_needed,
  the_questions_own_address_is_not_served, paths_with_two_readings_are_not_served, paths_with_one_reading_arrive_as_they_were_sent,
  control_characters_end_the_request, the_host_is_the_one_that_was_asked_about, what_follows_a_refusal_is_a_request_of_its_own,
];
