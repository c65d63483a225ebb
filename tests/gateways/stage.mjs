// What a gateway is tested with: a panel with tokens, a tap on the way to it, a service, and the gateway between them.

import assert from "node:assert/strict";
import { openBackend, values } from "./backend.mjs";
import { SITE, openPanel } from "./panel.mjs";
import { QUESTION, document, openGateway } from "./servers.mjs";
import { CLIENT, ask, openTap } from "./wire.mjs";

/** A request that the catalogue has a route for; `good` may send it, `poor` may not. */
export const BACKUPS = `/sites/${SITE}/backups`;

/** What a gateway asked, from the bytes that it sent: the method, target and host of the request that it was about. */
function questions(sent) {
  return sent.split("\r\n\r\n").slice(0, -1).map((head) => {
    const [first, ...lines] = head.split("\r\n");
    assert.match(first, /^[A-Z]+ \/authz\//, "nothing is sent but questions, and no bodies");
    const headers = lines.flatMap((line) => [line.slice(0, line.indexOf(":")), line.slice(line.indexOf(":") + 1).trim()]);
    const [method, path] = first.split(" ");
    const prefix = path.startsWith("/authz/nginx") ? "x-original-" : "x-forwarded-";
    const of = (name) => values(headers, prefix + name).join(" and ");
    if (!path.startsWith("/authz/envoy")) return { method: of("method"), target: of("uri"), host: of("host"), headers };
    return { method, target: path.slice("/authz/envoy".length), host: values(headers, "host").join(" and "), headers };
  });
}

/**
 * Opens a stage for the gateway with this name; `changed` makes its document another text. The result has `panel`, `tap`, `backend`, `gateway`, the `tokens` and
 *
 *     ask(target, options)   one request, and what the others saw of it: `seen` by the service, `asked` at the panel
 *     refuses(target, options, status)   the same, and nothing reached the service
 */
export async function openStage(name, { database, direct, environment, changed } = {}) {
  const parts = [];
  const keep = (part) => {
    parts.unshift(part);
    return part;
  };
  const stop = async () => {
    for (const part of parts) await part.stop();
  };
  try {
    const panel = keep(await openPanel({ database, direct, environment }));
    const tokens = {
      good: await panel.token("Good", ["backups:create", "backups:read"]),
      other: await panel.token("Other", ["backups:create", "backups:read"]),
      poor: await panel.token("Poor", ["statistics:read"]),
      full: await panel.token("Full", ["*"]),
      bound: await panel.token("Bound", ["backups:read"], { addresses: CLIENT }),
    };
    const backend = keep(await openBackend());
    const tap = keep(await openTap(panel.port));
    const text = await changed?.(document(QUESTION[name]), panel);
    const gateway = keep(await openGateway(name, { panel: tap.port, backend: backend.port, text }));
    const watched = async (send) => {
      backend.seen.length = 0;
      tap.sent = "";
      const answer = await send();
      return Object.assign(answer, { seen: [...backend.seen], asked: questions(tap.sent) });
    };
    const stage = { name, panel, tokens, backend, tap, gateway, watched, stop };
    stage.ask = (target, options) => watched(() => ask(gateway.port, target, options));
    stage.refuses = async (target, options, ...statuses) => {
      const answer = await stage.ask(target, options);
      assert.deepEqual(answer.seen, [], `the service saw it, and the answer was ${answer.status}`);
      if (statuses.length > 0) assert.ok(statuses.includes(answer.status), `${answer.status}: ${answer.body}`);
      else assert.ok(answer.status >= 500 && answer.status < 600, `${answer.status}: ${answer.body}`);
      return answer;
    };
    return stage;
  } catch (error) {
    await stop();
    throw error;
  }
}
