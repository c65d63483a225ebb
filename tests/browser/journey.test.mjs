// From an empty folder to a token that works, and through its whole life: as a newcomer goes, in a real browser.

import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { join } from "node:path";
import test, { after, before } from "node:test";
import { launch, openWindow, signIn } from "./chromium.mjs";
import { call, createToken, renew, revoke, rotate, seeUsage, setUp } from "./journey.mjs";
import { createByKeyboard } from "./keyboard.mjs";
import { postgresDatabase, run, startServer, temporaryFolder } from "./program.mjs";

const ADMIN = { name: "Asha Rao", username: "asha", email: "asha@example.org" };
const CUSTOMER = { username: "meena", email: "meena@example.org", site: "meena.example" };

let browser;
before(async () => {
  browser = await launch();
});
after(() => browser?.close());

const password = () => randomBytes(18).toString("base64url");

/** Starts a server on an empty folder, and ends it, with those that joined it, in good order after the test. */
async function openServers(t, database) {
  const data = temporaryFolder();
  const servers = [];
  t.after(async () => {
    const codes = await Promise.all(servers.map((server) => server.stop()));
    data.remove();
    assert.deepEqual(codes, servers.map(() => 0), "every server ends in good order");
  });
  servers.push(await startServer(data.path, { database, firstRun: true }));
  return { data: data.path, servers };
}

/** Makes a customer with the command line, while the server runs. */
function makeCustomer(data, database) {
  const customer = { ...CUSTOMER, password: password() };
  const where = ["--data", data, ...(database ? ["--database", database] : [])];
  const sites = [CUSTOMER.site, `shop.${CUSTOMER.site}`].flatMap((site) => ["--site", site]);
  const who = ["--username", customer.username, "--email", customer.email, ...sites, "--password-stdin"];
  run(["account", "create", ...where, ...who], `${customer.password}\n`);
  return customer;
}

/** Runs named steps one after the other; none is tried after one that failed. */
function stepsOf(t) {
  let failed = false;
  return (name, step) =>
    t.test(name, { skip: failed && "a step before it failed" }, async () => {
      failed = true;
      await step();
      failed = false;
    });
}

async function journey(t, { database, javaScript = true } = {}) {
  const { data, servers } = await openServers(t, database);
  const [server] = servers;
  const step = stepsOf(t);
  let customer, token, window;

  await step("the setup page makes the first administrator, once", () =>
    setUp(browser, server, { ...ADMIN, password: password() }));
  await step("a customer is made with the command line", () => {
    customer = makeCustomer(data, database);
  });
  await step("the customer signs in", async () => {
    window = await openWindow(browser, server.url, { javaScript });
    await window.context.grantPermissions(["clipboard-read", "clipboard-write"]);
    await signIn(window.page, customer);
  });
  await step("a token from a template, and its curl line", async () => {
    token = await createToken(window.page, javaScript);
  });
  await step("ten calls are seen on its page of usage", () => seeUsage(window.page, server, token, customer.site));
  await step("it is renewed", () => renew(window.page, server, token));
  await step("it is rotated, and the old secret retired", async () => {
    token = await rotate(window.page, server, token);
  });
  if (database) {
    await step("a second server joins", async () => {
      const other = temporaryFolder();
      t.after(other.remove);
      const environment = { LATCHKEY_SERVER_KEY_FILE: join(data, "server.key") };
      servers.push(await startServer(other.path, { database, environment }));
      assert.equal((await call(servers[1].url, token, "/api/v1/token")).status, 200);
    });
  }
  await step("it is revoked, and refused at once", () => revoke(window.page, servers, token));
  assert.deepEqual(window.problems, []);
  await window.context.close();
}

test("on SQLite", (t) => journey(t));
test("on SQLite, without scripts", (t) => journey(t, { javaScript: false }));
test("on PostgreSQL, with two servers", { skip: !process.env.LATCHKEY_TEST_POSTGRES && "needs PostgreSQL: tests/run" }, async (t) => {
  const database = postgresDatabase();
  t.after(database.remove);
  await journey(t, { database: database.url });
});

test("a token is made with the keyboard alone", async (t) => {
  const { data, servers } = await openServers(t);
  const customer = makeCustomer(data);
  const { context, page, problems } = await openWindow(browser, servers[0].url);
  const token = await createByKeyboard(page, customer);
  const { status, body } = await call(servers[0].url, token, "/api/v1/token");
  assert.equal(status, 200);
  assert.equal(body.name, "Made without a mouse");
  assert.deepEqual(problems, []);
  await context.close();
});
