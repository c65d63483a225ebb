// The servers and the people that the pages of pages.mjs are seen with.
//
// The demo has most of them. What no page can bring about is done to its database where that is PostgreSQL: without
// LATCHKEY_TEST_POSTGRES the demo is on SQLite, and nobody is suspended or has forgotten when they gave their password.

import { randomBytes } from "node:crypto";
import { openWindow, signIn } from "./chromium.mjs";
import { addCustomers } from "./crowd.mjs";
import { makeLinks, startPost } from "./post.mjs";
import { postgresDatabase, run, startDemo, startServer, temporaryFolder } from "./program.mjs";

const SUSPEND = `UPDATE accounts SET suspended_at = now() AT TIME ZONE 'UTC', suspension_reason = 'Invoice 2026-117 is open.'
  WHERE login_id = (SELECT id FROM logins WHERE username = 'suspended')`;

/** The newest session's password was given long ago. */
const FORGET = `UPDATE sessions SET state = regexp_replace(state, '(password_at\\\\":\\[)\\d+', '\\12000')
  WHERE created_at = (SELECT max(created_at) FROM sessions)`;

/** Signs somebody in; with `known`, in a browser that has done so before: from strangers only a few tries are taken. */
async function seatOf(browser, url, person, known) {
  const cookies = known?.cookies.cookies.filter(({ name }) => name.endsWith("device")) ?? [];
  const { context, page } = await openWindow(browser, url, { state: { cookies, origins: [] } });
  await signIn(page, person);
  const seat = { url, person, cookies: await context.storageState() };
  await context.close();
  return seat;
}

/** Everybody who is signed in on the demo, by the name that pages.mjs gives them. */
async function seatsOf(browser, demo, database) {
  const [customer, newcomer] = demo.accounts;
  const [support, admin] = demo.staff;
  const { suspended, ...seats } = await addCustomers(browser, demo);
  for (const [name, person] of Object.entries({ customer, newcomer, support, admin })) {
    seats[name] = await seatOf(browser, demo.url, person);
  }
  seats.support.token = demo.tokens[0].secret.slice("lk_".length).split("_")[0];
  seats.leaving = await seatOf(browser, demo.url, customer, seats.customer);
  if (database) {
    database.sql(SUSPEND);
    seats.suspended = suspended;
    seats.forgetful = await seatOf(browser, demo.url, customer, seats.customer);
    database.sql(FORGET);
    seats.forgetfulAdmin = await seatOf(browser, demo.url, admin, seats.admin);
    database.sql(FORGET);
  }
  return seats;
}

/** What the demo has not: a plan that nobody is on, and a service credential that is hard on a page. */
function addToDemo(demo) {
  run(["plan", "create", "seasonal", ...demo.where]);
  const addresses = Array.from({ length: 40 }, (_, number) => `2001:db8:${number.toString(16)}:cafe:cafe:cafe:cafe:cafe`);
  run(["service", "create", "W".repeat(50), ...addresses.flatMap((address) => ["--address", address]), ...demo.where]);
}

/** The administrator of an installation that nobody has done anything in, and its server. */
async function openBare(browser, data) {
  const person = { username: "beginner", password: randomBytes(18).toString("base64url") };
  const who = ["--username", person.username, "--email", "beginner@staff.example", "--name", "Ana Lima", "--role", "admin"];
  run(["staff", "create", ...who, "--password-stdin", "--data", data], `${person.password}\n`);
  const server = await startServer(data);
  return { server, beginner: await seatOf(browser, server.url, person) };
}

/** Who looks at the server that sends mail: a visitor with links, and somebody who waits to confirm an address. */
async function seatsOfPost(browser, demo, post, seats) {
  const waiting = await seatOf(browser, post.url, seats.full.person);
  const links = await makeLinks(browser, demo, post, { support: seats.support, waiting });
  return { waiting, recipient: { url: post.url, links } };
}

/**
 * Starts the demo, a server on the same data that sends mail, one that is not set up and one with nothing in it; signs
 * everybody in. The result has `seats`: who can look at a page, with the address of the server and their cookies;
 * `windows`, for `visit`; and `stop()`, with the exit codes of all.
 */
export async function openStage(browser) {
  const database = postgresDatabase();
  const [folder, bareFolder] = [temporaryFolder(), temporaryFolder()];
  const servers = [];
  const stop = async () => {
    const codes = [];
    // The demo's folder goes with it, so that whoever uses it too ends before.
    for (const server of servers) codes.push(await server.stop());
    folder.remove();
    bareFolder.remove();
    database?.remove();
    return codes;
  };
  try {
    const demo = await startDemo(database?.url);
    servers.push(demo);
    const fresh = await startServer(folder.path, { firstRun: true });
    servers.push(fresh);
    addToDemo(demo);
    const { server: bare, beginner } = await openBare(browser, bareFolder.path);
    servers.push(bare);
    const seats = await seatsOf(browser, demo, database);
    const post = await startPost(demo);
    servers.unshift(post);
    Object.assign(seats, await seatsOfPost(browser, demo, post, seats));
    return { stop, windows: new Map(), seats: { ...seats, beginner, visitor: { url: demo.url }, founder: { url: fresh.url } } };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** The stage's window on a server, as if it were new: to open one takes longer than most entries take in it. */
async function windowOn(browser, stage, { url, cookies }, { dark = false, width = 1280, emptyScripts = false }) {
  const key = `${url} ${emptyScripts}`;
  const window = stage.windows.get(key) ?? { key, ...(await openWindow(browser, url, { emptyScripts })) };
  const { context, page, problems } = window;
  problems.length = 0;
  await context.clearCookies();
  await context.addCookies(cookies?.cookies ?? []);
  await page.emulateMedia({ colorScheme: dark ? "dark" : "light" });
  await page.setViewportSize({ width, height: 900 });
  // Outside, where it points at nothing.
  await page.mouse.move(-1, -1);
  return window;
}

async function open(page, entry, seat) {
  if (entry.open) {
    await entry.open(page, seat);
    await page.waitForLoadState();
    return;
  }
  const answer = await page.goto(entry.path);
  const status = entry.status ?? 200;
  if (answer.status() !== status) throw new Error(`${entry.path} answered ${answer.status()} and not ${status}`);
}

/** Opens an entry of pages.mjs in a window that keeps nothing of others, and returns what `look` sees in it. */
export async function visit(browser, stage, entry, look, options = {}) {
  const seat = stage.seats[entry.as ?? "visitor"];
  const window = await windowOn(browser, stage, seat, options);
  const { key, context, page } = window;
  // One that failed half-way may be in any state: only after a visit that ended well is it used again.
  stage.windows.delete(key);
  try {
    await open(page, entry, seat);
    const seen = await look(window);
    stage.windows.set(key, window);
    return seen;
  } catch (error) {
    const text = await page.locator("main").innerText({ timeout: 1000 }).catch(() => "no page");
    throw new Error(`${error.message}\nat ${page.url()}:\n${text}`, { cause: error });
  } finally {
    // The session may have got a new id in it.
    if (seat.person) seat.cookies = await context.storageState();
    if (!stage.windows.has(key)) await context.close();
  }
}
