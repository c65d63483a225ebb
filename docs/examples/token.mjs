// Makes a token, asks with it what it may do, gives it a new secret, and revokes it.
//
//   LATCHKEY_URL=https://panel.example HOSTING_API_TOKEN=lk_... node token.mjs
//
// HOSTING_API_TOKEN may manage tokens and do what the new one is to do: the scopes tokens:manage and backups:create.
// It needs Node.js 18 or newer and no packages.

import { randomUUID } from "node:crypto";

const { LATCHKEY_URL: url, HOSTING_API_TOKEN: token } = process.env;

/** What was answered, and its ETag. A problem document becomes an error. */
async function call(bearer, method, path, { body, headers = {} } = {}) {
  const sent = { Authorization: `Bearer ${bearer}`, ...headers };
  if (body) sent["Content-Type"] = "application/json";
  const answer = await fetch(new URL(path, url), { method, headers: sent, body: body && JSON.stringify(body) });
  const json = answer.headers.get("Content-Type")?.includes("json") ? await answer.json() : undefined;
  if (!answer.ok) throw new Error(json ? `${json.detail} (${json.type})` : `${method} ${path} was answered with ${answer.status}`);
  return { ...json, revision: answer.headers.get("ETag") };
}

async function main() {
  if (!url || !token) throw new Error("Set LATCHKEY_URL and HOSTING_API_TOKEN: see the first lines of this file.");

  // The same key with the same body never makes a second token, so that a lost answer can be asked for again.
  const key = randomUUID();
  const made = await call(token, "POST", "/api/v1/tokens", {
    headers: { "Idempotency-Key": key },
    body: {
      name: `Example ${key}`,
      scopes: ["backups:create"],
      sites: "all",
      addresses: "any",
      expires: { days: 1 },
    },
  });
  const path = `/api/v1/tokens/${made.token.id}`;
  console.log(`Made token ${made.token.id}.`);
  try {
    const own = await call(made.secret, "GET", "/api/v1/token");
    console.log(`It may ${own.scopes.effective.map(({ can }) => can).join(", ")}.`);

    const rotated = await call(token, "POST", `${path}/rotate`, {
      headers: { "If-Match": made.revision },
      body: { overlap: "none" },
    });
    await call(rotated.secret, "GET", "/api/v1/token");
    console.log("It has a new secret, and works with that.");
  } finally {
    // What was made is not left behind, whatever goes wrong.
    await call(token, "DELETE", path);
    console.log("It is revoked.");
  }
}

main().catch(({ message, cause }) => {
  console.error(cause ? `${url} cannot be reached: ${cause.message}` : message);
  process.exitCode = 1;
});
