// The steps of a newcomer's way, from the setup page to a revoked token. Each takes the page where the one before left
// it, finds its way by what is written there, and checks with the API that it holds.

import assert from "node:assert/strict";
import { setTimeout as pause } from "node:timers/promises";
import { openWindow } from "./chromium.mjs";
import { paste } from "./program.mjs";

export const press = (page, name) => page.getByRole("button", { name, exact: true }).click();
export const follow = (page, name) => page.getByRole("link", { name, exact: true }).first().click();

/** The token that a page shows this once. */
export const secretOn = async (page) => (await page.locator("#secret").innerText()).trim();

/** What stands beside a name in a list of details. */
export const detail = (page, name) => page.locator(`dt:text-is("${name}") + dd`).innerText();

/** Calls the API as a script with a token would. */
export async function call(url, token, path, body) {
  const response = await fetch(new URL(path, url), {
    method: body ? "POST" : "GET",
    headers: { Authorization: `Bearer ${token}`, ...(body && { "Content-Type": "application/json" }) },
    body: body && JSON.stringify(body),
  });
  return { status: response.status, body: await response.json() };
}

const statusOf = async (url, token) => (await call(url, token, "/api/v1/token")).status;

/** Looks again until `found` is true: what is counted in memory is written every few seconds. */
async function eventually(what, found) {
  const deadline = Date.now() + 30_000;
  while (!(await found())) {
    assert.ok(Date.now() < deadline, `${what}: not within 30 seconds`);
    await pause(100);
  }
}

/** Makes the first administrator with the code that the server printed; the page is then closed for ever. */
export async function setUp(browser, server, admin) {
  const { context, page, problems } = await openWindow(browser, server.url);
  await page.goto("/sign-in");
  await follow(page, "Set it up");
  await page.getByLabel("Setup code").fill(server.setupCode);
  await page.getByLabel("Your name").fill(admin.name);
  await page.getByLabel("Username").fill(admin.username);
  await page.getByLabel("E-mail address").fill(admin.email);
  await page.getByLabel("Password", { exact: true }).fill(admin.password);
  await press(page, "Make administrator");
  await page.getByText("Latchkey is set up.").waitFor();
  const again = await page.goto("/setup");
  assert.equal(again.status(), 404, "the setup page is closed for ever");
  assert.deepEqual(problems, []);
  await context.close();
}

/** What a visitor has after pressing the copy button, or after marking the text where scripts are off. */
async function copy(page, id, javaScript) {
  if (!javaScript) return (await page.locator(`#${id}`).innerText()).trim();
  await page.locator(`[data-copy=${id}]`).click();
  await page.locator(`#${id}-said`).filter({ hasText: "Copied" }).waitFor();
  return page.evaluate(() => navigator.clipboard.readText());
}

/** Runs a `curl` line as it is pasted; returns what was answered, which has to be a 200. */
async function answerTo(line) {
  const printed = await paste(`${line} --silent --show-error --write-out '\\n%{http_code}'`);
  const [body, status] = printed.split(/\n(?=\d+$)/);
  assert.equal(status, "200", `the line works as it is pasted: ${line}\n${printed}`);
  return JSON.parse(body);
}

/** From the list to a token made from the template, whose `curl` line works as it is pasted. Returns the token. */
export async function createToken(page, javaScript) {
  await follow(page, "Create token");
  await follow(page, "Nightly backup");
  assert.equal(await page.getByLabel("Name", { exact: true }).inputValue(), "Nightly backup");
  await press(page, "Review token");
  assert.match(await page.locator("main").innerText(), /create backups/i);
  await press(page, "Create token");
  const token = await secretOn(page);
  assert.match(token, /^[a-z]+_[0-9A-Za-z]{8}_[0-9A-Za-z]{38}$/);
  assert.equal(await copy(page, "secret", javaScript), token);
  assert.equal((await answerTo(await copy(page, "curl", javaScript))).name, "Nightly backup");
  await follow(page, "Yes, I saved my token");
  return token;
}

/**
 * From the list to a staff token, after a form that lacked everything, with a `curl` line that works as it is pasted.
 * The staff member's password was just given. Ends on the list, with the new one in it.
 */
export async function createStaffToken(page, javaScript) {
  await follow(page, "Staff tokens");
  await follow(page, "New staff token");
  await press(page, "Make staff token");
  await page.getByText("There is a problem").waitFor();
  await page.getByLabel("Name", { exact: true }).fill("Billing system of a newcomer");
  await page.getByLabel("Search accounts and see what they are").check();
  await page.getByLabel("Which computers can use it").fill("127.0.0.1");
  await page.getByLabel("7 days", { exact: true }).check();
  await press(page, "Make staff token");
  const token = await secretOn(page);
  assert.match(token, /^lka_[0-9A-Za-z]{8}_[0-9A-Za-z]{38}$/);
  assert.equal(await copy(page, "secret", javaScript), token);
  assert.equal((await answerTo(await copy(page, "curl", javaScript))).token.name, "Billing system of a newcomer");
  await follow(page, "Yes, I saved it");
  await page.getByRole("link", { name: "Billing system of a newcomer", exact: true }).waitFor();
  return token;
}

/** Ten calls of the API, seen on the token's page of usage. Ends on the token's own page. */
export async function seeUsage(page, server, token, site) {
  for (let count = 0; count < 10; count += 1) {
    const decision = await call(server.url, token, "/api/v1/decide", { scopes: ["backups:create"], site });
    assert.equal(decision.status, 200, JSON.stringify(decision.body));
    assert.equal(decision.body.allowed, true, JSON.stringify(decision.body));
  }
  await follow(page, "Nightly backup");
  await follow(page, "Usage");
  const calls = page.locator("tr", { hasText: site }).locator("td[data-label=Calls]");
  await eventually("ten calls on the page of usage", async () => {
    await page.reload();
    return (await calls.allInnerTexts()).join() === "10";
  });
  await follow(page, "Details");
}

/** Moves the expiry; the secret stays. */
export async function renew(page, server, token) {
  const expiry = async () => Date.parse((await call(server.url, token, "/api/v1/token")).body.expires_at);
  const [shown, before] = [await detail(page, "Expires"), await expiry()];
  await follow(page, "Renew");
  await page.getByLabel("1 year").check();
  await press(page, "Renew");
  await page.getByText("The secret stays the same").first().waitFor();
  assert.notEqual(await detail(page, "Expires"), shown);
  assert.ok((await expiry()) > before, "it lives longer");
}

/** A new secret beside the old one, which is then retired. Returns the new one. */
export async function rotate(page, server, old) {
  await follow(page, "Rotate");
  await page.getByLabel("In 1 hour").check();
  await press(page, "Make a new secret");
  const fresh = await secretOn(page);
  assert.notEqual(fresh, old);
  for (const token of [old, fresh]) {
    assert.equal(await statusOf(server.url, token), 200, "both secrets work while they overlap");
  }
  await follow(page, "Yes, I saved my token");
  await press(page, "Retire the old one now");
  await page.getByText("The old secret no longer works.").waitFor();
  assert.equal(await statusOf(server.url, old), 401, "the old secret is dead");
  assert.equal(await statusOf(server.url, fresh), 200);
  return fresh;
}

/** Ends the token; every one of `servers` refuses the next call. */
export async function revoke(page, servers, token) {
  await follow(page, "Revoke");
  await press(page, "Revoke token");
  await page.getByText("Anything that still uses the token is refused").waitFor();
  const answers = await Promise.all(servers.map(({ url }) => statusOf(url, token)));
  assert.deepEqual(answers, servers.map(() => 401), "refused on every server");
}
