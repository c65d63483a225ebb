// A second server on the demo's data that sends mail, into files, and the links that it sends.

import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { openWindow } from "./chromium.mjs";
import { run, startServer } from "./program.mjs";

/** How long a mail may take, in milliseconds: the server looks for new ones every five seconds. */
const PATIENCE = 30_000;

/** Starts the server. The result is that of `startServer`, and `folder`: where its mails are. */
export async function startPost(demo) {
  const [, data, , database] = demo.where;
  const environment = { LATCHKEY_MAIL_TRANSPORT: "file", LATCHKEY_MAIL_FROM: "panel@hosting.example" };
  return { ...(await startServer(data, { database, environment })), folder: join(data, "mail") };
}

/** The path of the link in the only mail to an address. */
async function linkIn(folder, address) {
  for (const end = Date.now() + PATIENCE; Date.now() < end; ) {
    const names = existsSync(folder) ? readdirSync(folder).filter((name) => name.endsWith(".eml")) : [];
    const mails = names.map((name) => readFileSync(join(folder, name), "utf8"));
    const mail = mails.find((text) => text.includes(`To: ${address}\r\n`));
    // Long lines are broken in a mail (RFC 2045, 6.7).
    const link = mail?.replaceAll("=\r\n", "").match(/\/link\/[\w-]+/)?.[0];
    if (link) return link;
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
  throw new Error(`no mail to ${address} came into ${folder}`);
}

/** An account that has no password yet: the demo sends no mail and shows its invitation. */
async function invite(browser, seat) {
  const { context, page } = await openWindow(browser, seat.url, { state: seat.cookies });
  await page.goto("/staff/accounts/new?username=invited");
  await page.locator("[name=email]").fill("invited@mail.example");
  await page.getByRole("button", { name: "Create account", exact: true }).click();
  const link = await page.locator("#invitation").innerText();
  seat.cookies = await context.storageState();
  await context.close();
  return new URL(link.trim()).pathname;
}

/** Asks for another address, and waits for the mail that brings the link to confirm it. */
async function askForAddress(browser, seat, post) {
  const address = "elsewhere@mail.example";
  const { context, page } = await openWindow(browser, post.url, { state: seat.cookies });
  await page.goto("/security");
  const form = page.locator('form[action="/security/email"]');
  await form.locator("[name=email]").fill(address);
  const password = form.locator("[name=password]");
  if ((await password.count()) > 0) await password.fill(seat.person.password);
  await form.getByRole("button", { name: "Change e-mail address" }).click();
  await page.getByText("We sent a link to the new address.").waitFor();
  seat.cookies = await context.storageState();
  await context.close();
  return linkIn(post.folder, address);
}

/** The paths of a link of each kind that works. `support` is a seat on the demo, `waiting` one on the server with mail. */
export async function makeLinks(browser, demo, post, { support, waiting }) {
  const reset = JSON.parse(run(["account", "reset-link", demo.accounts[1].username, "--json", ...demo.where])).link;
  return {
    invitation: await invite(browser, support),
    reset: new URL(reset).pathname,
    email: await askForAddress(browser, waiting, post),
  };
}
