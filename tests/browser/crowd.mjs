// Customers with many tokens, some with names that are hard on a page.

import { randomBytes } from "node:crypto";
import { openWindow, signIn } from "./chromium.mjs";
import { run } from "./program.mjs";

/** A name is 50 characters at most; these test what it does to a page. */
const NAMES = [
  "W".repeat(50),
  "<b>Not bold</b> & \"quoted\"",
  "النسخ الاحتياطي الليلي",
  "हर रात का बैकअप",
  "one-very-long-word-without-a-place-to-break-it.ext",
];

/** 25 tokens and 50 events stand on a page; the smaller plan of the demo allows 10 tokens. */
const CUSTOMERS = [
  { username: "crowded", plan: "standard", tokens: 52, names: NAMES },
  { username: "full", plan: "starter", tokens: 10, names: [] },
  { username: "suspended", plan: "standard", tokens: 3, names: [] },
];

/** Sends the form of a new token as often as is asked for, each time with another name. */
async function makeTokens(page, count, names) {
  await page.goto("/tokens/new?template=read-only&name=One");
  await page.getByRole("button", { name: "Review token", exact: true }).click();
  const keys = Array.from({ length: count }, () => randomBytes(64).toString("base64").replace(/[+/=]/g, ""));
  await page.getByRole("button", { name: "Create token", exact: true }).waitFor();
  await page.evaluate(
    async ({ keys, names }) => {
      const form = document.querySelector("form[action='/tokens']");
      for (const [index, key] of keys.entries()) {
        const body = new URLSearchParams(new FormData(form));
        body.set("name", names[index] ?? `Token ${index + 1}`);
        body.set("creation_key", key.slice(0, body.get("creation_key").length));
        const answer = await fetch("/tokens", { method: "POST", body });
        if (!answer.ok) throw new Error(`token ${index + 1}: ${answer.status}`);
      }
    },
    { keys, names },
  );
}

/** Makes the customers beside those of the demo, with their tokens. Returns them by their names, signed in. */
export async function addCustomers(browser, demo) {
  const made = {};
  for (const { username, plan, tokens, names } of CUSTOMERS) {
    const password = randomBytes(18).toString("base64url");
    const who = ["--username", username, "--email", `${username}@example.org`, "--plan", plan];
    const sites = ["--site", `${username}.example`, "--site", `${"long-".repeat(11)}label.${username}.example`];
    run(["account", "create", ...demo.where, ...who, ...sites, "--password-stdin"], `${password}\n`);
    const person = { username, password };
    const { context, page } = await openWindow(browser, demo.url);
    await signIn(page, person);
    await makeTokens(page, tokens, names);
    made[username] = { url: demo.url, person, cookies: await context.storageState() };
    await context.close();
  }
  return made;
}
