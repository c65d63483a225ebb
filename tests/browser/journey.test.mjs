// From an empty folder to a token that works, and through its whole life: as a newcomer goes, in a real browser.

import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { join } from "node:path";
import test, { after, before } from "node:test";
import { setTimeout as pause } from "node:timers/promises";
import { launch, openWindow, signIn } from "./chromium.mjs";
import { paste, postgresDatabase, run, startServer, temporaryFolder } from "./program.mjs";

const CUSTOMER = { username: "meena", email: "meena@example.org", site: "meena.example" };
const OTHER_SITE = "shop.meena.example";

let browser;
before(async () => {
  browser = await launch();
});
after(() => browser?.close());

const password = () => randomBytes(18).toString("base64url");

/** Calls the API as a script with a token would. */
async function call(url, token, path, body) {
  const response = await fetch(new URL(path, url), {
    method: body ? "POST" : "GET",
    headers: { Authorization: `Bearer ${token}`, ...(body && { "Content-Type": "application/json" }) },
    body: body && JSON.stringify(body),
  });
  return { status: response.status, body: await response.json() };
}

/** Looks again until `found` is true: what is counted in memory is written every few seconds. */
async function eventually(what, found) {
  const deadline = Date.now() + 30_000;
  while (!(await found())) {
    assert.ok(Date.now() < deadline, `${what}: not within 30 seconds`);
    await pause(100);
  }
}

const press = (page, name) => page.getByRole("button", { name, exact: true }).click();
const follow = (page, name) => page.getByRole("link", { name, exact: true }).first().click();
const secretOn = async (page) => (await page.locator("#secret").innerText()).trim();

async function setUp(server, admin) {
  const { context, page, problems } = await openWindow(browser, server.url);
  await page.goto("/setup");
  await page.getByLabel("Setup code").fill(server.setupCode);
  await page.getByLabel("Name", { exact: true }).fill(admin.name);
  await page.getByLabel("E-mail address").fill(admin.email);
  await page.locator("input[autocomplete~=new-password]").fill(admin.password);
  await press(page, "Create administrator");
  await page.waitForURL((url) => url.pathname !== "/setup");
  const again = await page.goto("/setup");
  assert.equal(again.status(), 404, "the setup page is closed for ever");
  assert.deepEqual(problems, []);
  await context.close();
}

async function createToken(page) {
  await follow(page, "Create token");
  await page.goto(new URL("/tokens/new?template=nightly-backup", page.url()).href);
  await page.getByLabel("Name", { exact: true }).fill("Nightly backup");
  await press(page, "Review token");
  assert.match(await page.locator("main").innerText(), /can create backups/i);
  await press(page, "Create token");
  const token = await secretOn(page);
  assert.match(token, /^[a-z]+_[0-9A-Za-z]{8}_[0-9A-Za-z]{38}$/);
  const line = (await page.locator("code, pre").allInnerTexts()).map((text) => text.trim()).find((text) => text.startsWith("curl"));
  const printed = await paste(`${line} --silent --show-error --write-out '\\n%{http_code}\\n'`);
  assert.match(printed, /\n200\n$/, "the curl line works as it is pasted");
  await follow(page, "Yes, I saved my token");
  return token;
}

async function seeUsage(page, server, token) {
  const ask = { scope: "backups:create", site: CUSTOMER.site };
  for (let count = 0; count < 10; count += 1) {
    const decision = await call(server.url, token, "/api/v1/decide", ask);
    assert.equal(decision.status, 200, JSON.stringify(decision.body));
  }
  await follow(page, "Nightly backup");
  const address = page.url();
  await eventually("ten calls on the usage page", async () => {
    await page.goto(`${address}/usage`);
    return /\b1[0-9]\b/.test(await page.locator("main table").first().innerText());
  });
  await page.goto(address);
}

async function renew(page) {
  const expiry = () => page.locator("main time").allInnerTexts();
  const before = await expiry();
  await follow(page, "Renew");
  await page.getByLabel("365 days").check();
  await press(page, "Renew token");
  assert.notDeepEqual(await expiry(), before, "the expiry moved");
}

async function rotate(page, server, old) {
  const address = page.url();
  await follow(page, "Rotate");
  await page.getByLabel("1 hour").check();
  await press(page, "Rotate token");
  const fresh = await secretOn(page);
  assert.notEqual(fresh, old);
  for (const token of [old, fresh]) {
    assert.equal((await call(server.url, token, "/api/v1/token")).status, 200, "both secrets work while they overlap");
  }
  await page.goto(address);
  await press(page, "Retire the old one now");
  assert.equal((await call(server.url, old, "/api/v1/token")).status, 401, "the old secret is dead");
  assert.equal((await call(server.url, fresh, "/api/v1/token")).status, 200);
  return fresh;
}

async function revoke(page, servers, token) {
  await follow(page, "Revoke");
  await press(page, "Revoke token");
  const answers = await Promise.all(servers.map(({ url }) => call(url, token, "/api/v1/token")));
  assert.deepEqual(answers.map(({ status }) => status), servers.map(() => 401), "refused on every server");
}

async function journey(t, { database, javaScript = true }) {
  const data = temporaryFolder();
  const onDatabase = ["--data", data.path, ...(database ? ["--database", database] : [])];
  const servers = [];
  t.after(async () => {
    const codes = await Promise.all(servers.map((server) => server.stop()));
    data.remove();
    assert.deepEqual(codes, servers.map(() => 0), "every server ends in good order");
  });
  const server = await startServer(data.path, { database, firstRun: true });
  servers.push(server);
  const customer = { ...CUSTOMER, password: password() };
  let window, token;

  await t.test("the setup page makes the first administrator, once", () =>
    setUp(server, { name: "Asha Rao", email: "asha@example.org", password: password() }));
  await t.test("a customer is made with the command line", () => {
    const sites = [CUSTOMER.site, OTHER_SITE].flatMap((site) => ["--site", site]);
    const args = ["account", "create", ...onDatabase, "--username", customer.username, "--email", customer.email, ...sites];
    run([...args, "--password-stdin"], `${customer.password}\n`);
  });
  await t.test("the customer signs in", async () => {
    window = await openWindow(browser, server.url, { javaScript });
    await signIn(window.page, customer);
    await window.page.goto("/tokens");
  });
  await t.test("a token from a template, and its curl line", async () => {
    token = await createToken(window.page);
  });
  await t.test("ten calls are seen on its usage page", () => seeUsage(window.page, server, token));
  await t.test("it is renewed", () => renew(window.page));
  await t.test("it is rotated, and the old secret retired", async () => {
    token = await rotate(window.page, server, token);
  });
  if (database) {
    await t.test("a second server joins", async () => {
      const other = temporaryFolder();
      t.after(other.remove);
      const environment = { LATCHKEY_SERVER_KEY_FILE: join(data.path, "server.key") };
      servers.push(await startServer(other.path, { database, environment }));
      assert.equal((await call(servers[1].url, token, "/api/v1/token")).status, 200);
    });
  }
  await t.test("it is revoked, and refused at once", () => revoke(window.page, servers, token));
  assert.deepEqual(window.problems, []);
  await window.context.close();
}

test("on SQLite", (t) => journey(t, {}));
test("on SQLite, without scripts", (t) => journey(t, { javaScript: false }));
test("on PostgreSQL, with two servers", { skip: !process.env.LATCHKEY_TEST_POSTGRES && "needs PostgreSQL: tests/run" }, async (t) => {
  const database = postgresDatabase();
  t.after(database.remove);
  await journey(t, { database: database.url });
});
