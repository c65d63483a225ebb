// Opens the pages of pages.mjs for the accounts of the demo, each signed in once.

import { openWindow, signIn } from "./chromium.mjs";

/** Signs each of `who` in and returns their cookies by name, for `openWindow`. */
export async function signInAll(browser, origin, who) {
  const states = {};
  for (const [name, account] of Object.entries(who)) {
    const { context, page } = await openWindow(browser, origin);
    await signIn(page, account);
    states[name] = await context.storageState();
    await context.close();
  }
  return states;
}

/** Whose browser each name in pages.mjs is, from what the demo printed. */
export function people(demo) {
  const [customer, newcomer] = demo.accounts;
  const [support, admin] = demo.staff;
  return { customer, newcomer, support, admin };
}

/** Goes to an entry of pages.mjs and checks the status. */
export async function visit(page, entry) {
  if (entry.open) {
    await entry.open(page);
    return;
  }
  const answer = await page.goto(entry.path);
  const status = entry.status ?? 200;
  if (answer.status() !== status) {
    throw new Error(`${entry.path} answered ${answer.status()} and not ${status}: ${await page.locator("body").innerText()}`);
  }
}
