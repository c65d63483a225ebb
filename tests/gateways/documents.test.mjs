// The documents as texts: what they name is what the program reads and says. For the gateways that are not installed
// this is all that is looked at.

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { readFileSync, readdirSync } from "node:fs";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { ALIASED, SPEAKING } from "./hostile.mjs";
import { document } from "./servers.mjs";

const file = (path) => readFileSync(fileURLToPath(new URL(`../../${path}`, import.meta.url)), "utf8");
const yaml = (name) => JSON.parse(execFileSync("/usr/bin/python3", ["-c", "import json, sys, yaml; json.dump(yaml.safe_load(sys.stdin), sys.stdout)"], {
  input: document(name), encoding: "utf8",
}));
const lower = (names) => names.map((name) => name.toLowerCase()).sort();

/** The header names that a source file has. */
const named = (path) => [...file(path).matchAll(/HeaderName::from_static\("([^"]+)"\)/g)].map(([, name]) => name);

/** What the service is told; the source is what counts. */
const IDENTITY = named("src/web/authz/identity.rs");

/** What a client may not say, of what gateways do not set themselves. */
const FORGED = SPEAKING.filter((name) => !/^X-Error-/.test(name));

test("every document is in the text, and has what the program says and reads", () => {
  const text = file("docs/gateways.md");
  const documents = readdirSync(fileURLToPath(new URL("../../docs/gateways", import.meta.url)));
  assert.equal(IDENTITY.length, 5);
  for (const name of documents) assert.ok(text.includes(`(gateways/${name})`), name);
  for (const name of [...IDENTITY, ...named("src/web/authz/nginx.rs"), ...named("src/web/authz/forward.rs")]) {
    assert.ok(text.toLowerCase().includes(`\`${name}\``), name);
  }
  for (const name of ["nginx.conf", "latchkey.lua", "Caddyfile", "traefik-routes.yml", "envoy.yaml"]) {
    for (const header of IDENTITY) assert.ok(document(name).toLowerCase().includes(header), `${name}: ${header}`);
  }
  const nginx = document("nginx.conf").toLowerCase();
  for (const name of named("src/web/authz/nginx.rs")) {
    const set = name.startsWith("x-error-") ? `$upstream_http_${name.replaceAll("-", "_")}` : `proxy_set_header ${name}`;
    assert.ok(nginx.includes(set), set);
  }
  for (const name of FORGED) assert.ok(nginx.includes(`proxy_set_header ${name.toLowerCase()} `), name);
  for (const name of named("src/web/authz/forward.rs")) assert.ok(document("latchkey.lua").includes(`["${name}"]`), name);
});

test("Traefik takes away what is forged, asks, and keeps the secret, in this order", () => {
  const { entryPoints } = yaml("traefik.yml");
  assert.equal(entryPoints.web.http.aliasHeadersStrategy, "delete");
  assert.equal(entryPoints.web.forwardedHeaders, undefined, "nobody in front is believed");
  const { routers, middlewares } = yaml("traefik-routes.yml").http;
  assert.deepEqual(routers.api.middlewares, ["forged-headers", "latchkey", "secret"]);
  const taken = middlewares["forged-headers"].headers.customRequestHeaders;
  // The others Traefik sets itself, or takes away from clients that it does not trust.
  const own = ["X-Forwarded-For", "X-Forwarded-Host", "X-Forwarded-Port", "X-Forwarded-Server", "X-Forwarded-Prefix", "X-Real-IP"];
  assert.deepEqual(lower(Object.keys(taken)), lower(FORGED.filter((name) => !own.includes(name))));
  assert.ok(Object.values(taken).every((value) => value === ""));
  const { address, trustForwardHeader, authRequestHeaders, authResponseHeaders } = middlewares.latchkey.forwardAuth;
  assert.equal(new URL(address).pathname, "/authz/forward");
  assert.equal(trustForwardHeader, false);
  assert.deepEqual(authRequestHeaders, ["Authorization"]);
  assert.deepEqual(lower(authResponseHeaders), lower(IDENTITY));
  assert.deepEqual(middlewares.secret.headers.customRequestHeaders, { Authorization: "" });
});

test("Envoy takes away what is forged, asks, and keeps the secret", () => {
  const { listeners, clusters } = yaml("envoy.yaml").static_resources;
  const manager = listeners[0].filter_chains[0].filters[0].typed_config;
  assert.equal(manager.use_remote_address, true);
  const { mutations } = manager.early_header_mutation_extensions[0].typed_config;
  const taken = mutations.flatMap(({ remove }) => remove ?? []);
  assert.deepEqual(lower(taken), lower(FORGED));
  const pattern = new RegExp(`^${mutations[0].remove_on_match.key_matcher.safe_regex.regex}$`);
  for (const name of ALIASED) assert.match(name.toLowerCase(), pattern);
  for (const name of [":path", ":authority", "host", "x-any-1"]) assert.doesNotMatch(name, pattern);
  assert.deepEqual(manager.http_filters.map(({ name }) => name.split(".").at(-1)), ["ext_authz", "router"]);
  const check = manager.http_filters[0].typed_config;
  assert.equal(check.failure_mode_allow, false);
  const exact = ({ patterns }) => lower(patterns.map(({ exact: name }) => name));
  assert.deepEqual(exact(check.allowed_headers), ["authorization", "x-forwarded-for"]);
  assert.equal(check.http_service.path_prefix, "/authz/envoy");
  const { allowed_upstream_headers: told, allowed_client_headers: answered } = check.http_service.authorization_response;
  assert.deepEqual(exact(told), lower(IDENTITY));
  assert.deepEqual(exact(answered), ["cache-control", "content-type", "retry-after", "www-authenticate"]);
  assert.deepEqual(manager.route_config.virtual_hosts[0].request_headers_to_remove, ["authorization"]);
  assert.ok(clusters.some(({ name }) => name === check.http_service.server_uri.cluster));
});
