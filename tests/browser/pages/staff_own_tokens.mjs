// A staff member's own tokens: the list, making one, its secret, changing one, and its end; and those of others.

import { confirm, newName, press, read, send } from "./steps.mjs";

const LIST = "/staff/tokens";
const NEW = `${LIST}/new`;

/** Fills in the form and sends it; returns all that it sent. */
async function make(page, seat, addresses = "") {
  await page.goto(NEW);
  await page.getByLabel("Name").fill(newName());
  await page.getByLabel("Search accounts and see what they are").check();
  await page.getByLabel("Which computers can use it").fill(addresses);
  const sent = await read(page, NEW);
  await confirm(page, "Make staff token", seat);
  await page.locator("#secret").waitFor();
  return sent;
}

/** Opens the page of the demo's staff token with this name. */
const one = (name) => async (page) => {
  await page.goto(LIST);
  await page.getByRole("link", { name, exact: true }).click();
  await page.getByRole("heading", { name, level: 1 }).waitFor();
};

/** Asks for its end. */
const revoke = (name) => async (page) => {
  await page.goto(LIST);
  await page.getByRole("link", { name: `Revoke ${name}` }).click();
  await page.getByRole("button", { name: "Revoke staff token" }).waitFor();
};

/** The page of the support member, whose tokens an administrator sees. */
async function member(page) {
  await page.goto("/staff/members");
  await page.locator("tbody tr", { hasText: "Support" }).locator("a").first().click();
  await page.getByRole("heading", { name: "Staff tokens" }).waitFor();
}

export const STAFF_OWN_TOKENS = [
  { name: "staff-own-tokens", as: "admin", path: LIST },
  { name: "staff-own-tokens-support", as: "support", path: LIST },
  { name: "staff-own-tokens-none", as: "beginner", path: LIST },
  { name: "staff-own-token-new", as: "admin", path: NEW },
  { name: "staff-own-token-new-support", as: "support", path: NEW },
  {
    name: "staff-own-token-new-errors",
    as: "admin",
    open: async (page) => {
      await page.goto(NEW);
      await page.getByLabel("Which computers can use it").fill("192.0.2.1\nbilling.hosting.example\n10.0.0.0/40");
      await press(page, "Make staff token");
      await page.getByText("There is a problem").waitFor();
    },
  },
  { name: "staff-own-token-new-password", as: "forgetfulAdmin", path: NEW },
  { name: "staff-own-token-created", as: "admin", open: async (page, seat) => void (await make(page, seat)) },
  { name: "staff-own-token-created-elsewhere", as: "admin", open: async (page, seat) => void (await make(page, seat, "192.0.2.40")) },
  {
    name: "staff-own-token-created-before",
    as: "admin",
    open: async (page, seat) => {
      await send(page, NEW, await make(page, seat));
      await page.getByText("was already made").waitFor();
    },
  },
  { name: "staff-own-token", as: "admin", open: one("Billing system") },
  { name: "staff-own-token-support", as: "support", open: one("Ticket system") },
  {
    name: "staff-own-token-errors",
    as: "admin",
    open: async (page) => {
      await one("Billing system")(page);
      await page.getByLabel("Name").fill("");
      await press(page, "Save");
      await page.getByText("There is a problem").waitFor();
    },
  },
  {
    name: "staff-own-token-overtaken",
    as: "admin",
    open: async (page, seat) => {
      await make(page, seat);
      const name = await page.locator("dl.kv bdi").first().innerText();
      await one(name)(page);
      const action = new URL(page.url()).pathname;
      const before = await read(page, action);
      await page.getByLabel("Name").fill(newName());
      await press(page, "Save");
      await page.getByText("Saved.").waitFor();
      await send(page, action, before.map(([field, value]) => [field, field === "name" ? newName() : value]));
      await page.getByText("Somebody else changed this").waitFor();
    },
  },
  { name: "staff-own-token-revoke", as: "admin", open: revoke("Billing system") },
  { name: "staff-own-token-revoke-unused", as: "support", open: revoke("Abuse desk") },
  {
    name: "staff-own-token-revoked",
    as: "admin",
    open: async (page, seat) => {
      await make(page, seat);
      const name = await page.locator("dl.kv bdi").first().innerText();
      await one(name)(page);
      const { pathname } = new URL(page.url());
      await page.goto(`${pathname}/revoke`);
      await press(page, "Revoke staff token");
      await page.goto(pathname);
      await page.getByText("is refused for good").waitFor();
    },
  },
  { name: "staff-member-tokens", as: "admin", open: member },
  {
    name: "staff-member-token-revoke",
    as: "admin",
    open: async (page) => {
      await member(page);
      await page.getByRole("link", { name: "Revoke Ticket system" }).click();
      await page.getByText("who gets a mail about it").waitFor();
    },
  },
];
