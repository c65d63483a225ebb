// The gateways, each started with the file that the documentation shows; only addresses, ports and paths are replaced.

import assert from "node:assert/strict";
import { execFileSync, spawn } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { delimiter, join } from "node:path";
import { fileURLToPath } from "node:url";
import { setTimeout as pause } from "node:timers/promises";
import { temporaryFolder } from "../browser/program.mjs";
import { HOST, ask } from "./wire.mjs";

/** How long a gateway may take to start, in milliseconds. */
const PATIENCE = 20_000;

/** A file of the documentation. */
export const document = (name) => readFileSync(fileURLToPath(new URL(`../../docs/gateways/${name}`, import.meta.url)), "utf8");

/** A document with each of the texts replaced, all of which it has. */
function filled(name, replacements, text = document(name)) {
  return Object.entries(replacements).reduce((filling, [old, fresh]) => {
    assert.ok(filling.includes(old), `docs/gateways/${name} has ${old}`);
    return filling.replaceAll(old, fresh);
  }, text);
}

/** A document whose comment with a scope is taken in place of the line that it is said to replace. */
function stating(name) {
  const lines = document(name).split("\n");
  const at = lines.findIndex((line) => /^\s*# .*scope=statistics:read/.test(line));
  assert.ok(at >= 0, `docs/gateways/${name} says how to name scopes`);
  const line = lines[at].replace("# ", "");
  const replaced = lines.findIndex((other, index) => index > at && other.split(/authz/)[0] === line.split(/authz/)[0]);
  assert.ok(replaced > at, `docs/gateways/${name} has a line that ${line} is for`);
  lines[replaced] = line;
  return lines.join("\n");
}

/** The addresses that stand in every document for Latchkey and for the service. */
const addresses = ({ panel, backend }) => ({ "127.0.0.1:8080": `127.0.0.1:${panel}`, "127.0.0.1:9000": `127.0.0.1:${backend}` });

function nginx(folder, ports) {
  writeFileSync(join(folder, "latchkey.conf"), filled("nginx.conf", { ...addresses(ports), "listen 80;": `listen 127.0.0.1:${ports.own};` }, ports.text));
  const temporary = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"].map((kind) => `${kind}_temp_path ${folder}/${kind};`);
  writeFileSync(join(folder, "nginx.conf"), `daemon off; pid ${folder}/pid; error_log stderr warn; worker_processes 2; ${process.getuid() === 0 ? "user root;" : ""}
    events {} http { access_log off; client_max_body_size 8m; ${temporary.join(" ")} include ${folder}/latchkey.conf; }`);
  return ["nginx", ["-p", folder, "-e", "stderr", "-c", join(folder, "nginx.conf")]];
}

function haproxy(folder, ports) {
  const script = join(folder, "latchkey.lua");
  // Names of sockets are the machine's, and another HAProxy may have this one.
  const socket = { "abns@latchkey": `abns@latchkey-${ports.own}` };
  writeFileSync(script, filled("latchkey.lua", socket));
  writeFileSync(join(folder, "haproxy.cfg"), filled("haproxy.cfg", {
    ...addresses(ports), ...socket, "bind :80": `bind 127.0.0.1:${ports.own}`, "/etc/haproxy/latchkey.lua": script,
  }, ports.text));
  return ["haproxy", ["-db", "-f", join(folder, "haproxy.cfg")]];
}

function caddy(folder, ports) {
  const site = filled("Caddyfile", { ...addresses(ports), [`\n${HOST} {`]: `\nhttp://${HOST}:${ports.own} {` }, ports.text);
  writeFileSync(join(folder, "Caddyfile"), `{\n\tadmin off\n\tdefault_bind 127.0.0.1\n}\n${site}`);
  return ["caddy", ["run", "--adapter", "caddyfile", "--config", join(folder, "Caddyfile")]];
}

function traefik(folder, ports) {
  const routes = join(folder, "traefik-routes.yml");
  writeFileSync(routes, filled("traefik-routes.yml", addresses(ports), ports.text));
  writeFileSync(join(folder, "traefik.yml"), filled("traefik.yml", {
    '":80"': `"127.0.0.1:${ports.own}"`, "/etc/traefik/traefik-routes.yml": routes,
  }));
  return ["traefik", [`--configFile=${join(folder, "traefik.yml")}`]];
}

function envoy(folder, ports) {
  const at = (port) => `port_value: ${port} `;
  writeFileSync(join(folder, "envoy.yaml"), filled("envoy.yaml", {
    "127.0.0.1:8080": `127.0.0.1:${ports.panel}`, [at(8080)]: at(ports.panel), [at(9000)]: at(ports.backend),
    [`0.0.0.0, ${at(80)}`]: `127.0.0.1, ${at(ports.own)}`,
  }, ports.text));
  return ["envoy", ["--config-path", join(folder, "envoy.yaml"), "--use-dynamic-base-id", "--concurrency", "2", "--log-level", "warn"]];
}

/** Every gateway by its name: how it is started. */
export const SERVERS = { nginx, haproxy, caddy, traefik, envoy };

/** Those that Debian packages, and tests/run installs. The others are tested where somebody has them. */
export const PACKAGED = ["nginx", "haproxy", "caddy"];

/** Whether a program is there to be run. Debian keeps some where only root looks. */
const PATH = [process.env.PATH, "/usr/sbin", "/usr/local/sbin"].join(delimiter);
export function isInstalled(program) {
  try {
    execFileSync("sh", ["-c", `command -v ${program}`], { env: { PATH }, stdio: "ignore" });
    return true;
  } catch {
    return false;
  }
}

/** A port that was free a moment ago. */
async function freePort() {
  const server = createServer();
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address();
  await new Promise((resolve) => server.close(resolve));
  return port;
}

/** Whether a gateway has read all of its configuration: Traefik accepts connections before, and finds nothing. */
const answers = (port) => ask(port, "/").then(({ status }) => status !== 0 && status !== 404, () => false);

/** The document of each gateway that has the question. */
export const QUESTION = { nginx: "nginx.conf", haproxy: "haproxy.cfg", caddy: "Caddyfile", traefik: "traefik-routes.yml", envoy: "envoy.yaml" };

/**
 * Starts a gateway in front of a panel and a service, by their ports; with `scopes` it says itself that every
 * request needs `statistics:read`; `text` is read in place of the document. The result has its `port`, `said()` and `stop()`.
 */
export async function openGateway(name, { panel, backend, scopes = false, text = undefined }) {
  const folder = temporaryFolder();
  const own = await freePort();
  const [program, args] = SERVERS[name](folder.path, { panel, backend, own, text: scopes ? stating(QUESTION[name]) : text });
  const environment = { PATH, HOME: folder.path, XDG_DATA_HOME: folder.path, XDG_CONFIG_HOME: folder.path };
  const child = spawn(program, args, { cwd: folder.path, env: environment, stdio: ["ignore", "pipe", "pipe"] });
  let said = "";
  for (const stream of [child.stdout, child.stderr]) stream.setEncoding("utf8").on("data", (text) => (said += text));
  let ended = false;
  const exited = new Promise((resolve) => child.once("exit", resolve).once("error", (error) => { said += error; resolve(); }));
  exited.then(() => (ended = true));
  const stop = async () => {
    child.kill("SIGTERM");
    // Whoever waits for open connections is not waited for.
    const timer = setTimeout(() => child.kill("SIGKILL"), 2000);
    await exited;
    clearTimeout(timer);
    folder.remove();
  };
  const deadline = Date.now() + PATIENCE;
  while (!(await answers(own))) {
    if (ended || Date.now() > deadline) {
      await stop();
      throw new Error(`${program} does not start:\n${said}`);
    }
    await pause(20);
  }
  return { name, port: own, said: () => said, stop };
}
