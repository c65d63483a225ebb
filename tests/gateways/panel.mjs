// The real program with two customers, whose tokens are made as people make them: by the form.

import assert from "node:assert/strict";
import { run, running, startServer, temporaryFolder } from "../browser/program.mjs";

/** The customers' sites; the tests' catalogue is the one that is compiled in. */
export const SITE = "sunrise.example";
export const OTHER_SITE = "shop.sunrise.example";
export const TRIAL_SITE = "trial.example";

/** Most calls that a token of the customer on the plan for trials can make in a minute. */
export const FEW = 3;

/** Everything that a staff member's token can be allowed. */
export const STAFF_SCOPES = [
  "accounts:read", "accounts:create", "accounts:change", "accounts:suspend", "accounts:remove", "accounts:password",
  "accounts:sign-in", "tokens:read", "tokens:stop", "audit:read", "policy:read", "policy:change", "staff-tokens:manage",
];

/** A visitor who keeps cookies and sends the forms that were served. */
class Visitor {
  #cookies = new Map();
  #url;

  constructor(url) {
    this.#url = url;
  }

  async #send(path, options = {}) {
    const cookie = [...this.#cookies].map(([name, value]) => `${name}=${value}`).join("; ");
    const headers = { Cookie: cookie, Origin: this.#url, ...options.headers };
    const response = await fetch(new URL(path, this.#url), { ...options, headers, redirect: "manual" });
    for (const line of response.headers.getSetCookie()) {
      const [, name, value] = line.match(/^([^=]+)=([^;]*)/);
      this.#cookies.set(name, value);
    }
    return { status: response.status, text: await response.text() };
  }

  /** Opens a page, fills in the form that is sent to `action`, and sends it. */
  async fill(page, action, fields) {
    return this.submit((await this.#send(page)).text, action, fields);
  }

  /** Sends the form of a page that is open already; `fields` are the pairs that somebody typed and ticked. */
  async submit(html, action, fields) {
    const form = html.split(`action="${action}"`)[1]?.split("</form>")[0];
    assert.ok(form, `the page has a form for ${action}: ${html.slice(0, 2000)}`);
    const hidden = [...form.matchAll(/<input type="hidden" name="([^"]*)" value="([^"]*)"/g)];
    const body = new URLSearchParams(hidden.map(([, name, value]) => [name, value.replaceAll("&amp;", "&")]));
    for (const [name, value] of fields) body.append(name, value);
    return this.#send(action, { method: "POST", body });
  }
}

/** A visitor who has signed in. */
async function signIn(url, username, password) {
  const visitor = new Visitor(url);
  const signedIn = await visitor.fill("/sign-in", "/sign-in", [["username", username], ["password", password]]);
  assert.equal(signedIn.status, 303, signedIn.text);
  return visitor;
}

/** The secret on the page that a form led to. */
function secretOn({ text }) {
  const secret = text.match(/lka?_[0-9A-Za-z]{8}_[0-9A-Za-z]{38}/)?.[0];
  assert.ok(secret, `no token was made: ${text.slice(0, 4000)}`);
  return { secret, id: secret.split("_")[1] };
}

/** Signs a customer in, and returns how that one makes a token by the forms. */
async function maker(url, username, password) {
  const visitor = await signIn(url, username, password);
  return async (name, scopes, { sites = [], addresses = "" } = {}) => {
    const review = await visitor.fill("/tokens/new", "/tokens/new", [
      ["name", name], ["description", ""], ...scopes.map((scope) => ["scope", scope]),
      ["where", sites.length > 0 ? "some" : "all"], ...sites.map((site) => ["site", site]),
      ["addresses", addresses], ["expires", "90"], ["date", ""],
    ]);
    return secretOn(await visitor.submit(review.text, "/tokens", []));
  };
}

/** The same for a staff member, whose form has everything on one page. */
async function staffMaker(url, username, password) {
  const visitor = await signIn(url, username, password);
  return async (name, scopes) => secretOn(await visitor.fill("/staff/tokens/new", "/staff/tokens/new", [
    ["name", name], ...scopes.map((scope) => ["scope", scope]), ["addresses", ""], ["expires", "30"], ["date", ""],
  ]));
}

/**
 * Starts a panel. The result has its `port` and `url`, `token(name, scopes, { sites, addresses })`: a new token with its
 * `secret` and `id`, `trialToken`: the same for the customer on the plan for trials, `administrator()`: how an administrator, who is made
 * then, makes a staff token of a name and scopes, `command(...)`: what a command on
 * the same data prints, its `folder`, and `stop()`. Where the database is reached through this process, `direct` is the way
 * past it: a command that is waited for would keep everything else here from going on.
 */
export async function openPanel({ database, direct = database, environment } = {}) {
  const folder = temporaryFolder();
  const where = ["--data", folder.path, ...(direct ? ["--database", direct] : [])];
  const customer = (username, ...options) => JSON.parse(run(
    ["account", "create", "--username", username, "--email", `${username}@${SITE}`, ...options, "--json", ...where],
  )).password;
  run(["plan", "create", "trial", "--max-calls", `${FEW}`, ...where]);
  const password = customer("priya", "--site", SITE, "--site", OTHER_SITE);
  const trialPassword = customer("arjun", "--site", TRIAL_SITE, "--plan", "trial");
  const server = await startServer(folder.path, { database, environment });
  let stopped;
  return {
    port: Number(new URL(server.url).port),
    url: server.url,
    token: await maker(server.url, "priya", password),
    trialToken: await maker(server.url, "arjun", trialPassword),
    administrator: async () => {
      const who = ["--role", "admin", "--username", "meera", "--email", `meera@${SITE}`, "--name", "Meera"];
      const made = JSON.parse(await running(["staff", "create", ...who, "--json", ...where]));
      return staffMaker(server.url, "meera", made.password);
    },
    command: (...args) => running([...args, ...where]),
    folder: folder.path,
    stop: () => (stopped ??= server.stop().finally(folder.remove)),
  };
}
