// The tokens of an account as staff see and stop them, and a token that somebody found.

import { press } from "./steps.mjs";

const problem = (page) => page.getByText("There is a problem").waitFor();

/** The tokens of the demo's first customer. */
async function tokens(page, rest = "") {
  await page.goto("/staff/accounts?q=priya");
  const link = page.locator("tbody a", { hasText: "priya" }).first();
  await page.goto(`${new URL(await link.getAttribute("href"), page.url()).pathname}/tokens${rest}`);
}

/** Opens a page of the customer's token with this name. */
async function ofToken(page, name, rest = "") {
  const ended = name === "Chat bot" ? "&status=revoked" : "";
  await tokens(page, `?q=${encodeURIComponent(name)}${ended}`);
  const link = page.locator("tbody a.name", { hasText: name }).first();
  await page.goto(new URL(await link.getAttribute("href"), page.url()).pathname + rest);
}

/** A token of the demo in each state that matters to staff. */
const STATES = {
  active: "Nightly backup",
  paused: "Restore drill",
  "paused-by-staff": "Import from the old host",
  expired: "Shop plugin",
  rotating: "Order export to accounting",
  revoked: "Chat bot",
};

/** A page that asks, and the same with nothing filled in. */
const asks = (step, name, button) => [
  { name: `staff-token-${step}`, as: "support", open: (page) => ofToken(page, name, `/${step}`) },
  {
    name: `staff-token-${step}-errors`,
    as: "support",
    open: async (page) => {
      await ofToken(page, name, `/${step}`);
      await press(page, button);
      await problem(page);
    },
  },
];

async function identify(page, text) {
  await page.goto("/staff/identify");
  await page.locator("#pasted").fill(text);
  await press(page, "Identify");
}

async function tickTwo(page, button) {
  await tokens(page);
  const boxes = page.locator("tbody input[type=checkbox]");
  await boxes.nth(0).check();
  await boxes.nth(1).check();
  await page.getByRole("button", { name: button }).click();
  await page.getByLabel("Reason").waitFor();
}

export const STAFF_TOKENS = [
  { name: "staff-tokens", as: "support", open: (page) => tokens(page) },
  { name: "staff-tokens-revoked", as: "support", open: (page) => tokens(page, "?status=revoked") },
  { name: "staff-tokens-no-match", as: "support", open: (page) => tokens(page, "?q=nothing-is-called-this") },
  ...Object.entries(STATES).map(([state, name]) => ({
    name: `staff-token-${state}`,
    as: "support",
    open: (page) => ofToken(page, name),
  })),
  { name: "staff-token-usage", as: "support", open: (page) => ofToken(page, "Nightly backup", "/usage") },
  { name: "staff-token-history", as: "support", open: (page) => ofToken(page, "Chat bot", "/history") },
  ...asks("pause", "Nightly backup", "Pause token"),
  ...asks("revoke", "Nightly backup", "Revoke token"),
  ...asks("leaked", "Nightly backup", "Revoke as leaked"),
  ...asks("shorten", "Nightly backup", "Shorten token"),
  ...asks("resume", "Import from the old host", "Resume token"),
  { name: "staff-token-revoke-again", as: "support", open: (page) => ofToken(page, "Chat bot", "/revoke") },
  { name: "staff-token-shorten-expired", as: "support", open: (page) => ofToken(page, "Shop plugin", "/shorten") },
  { name: "staff-tokens-pause", as: "support", open: (page) => tickTwo(page, /^Pause/) },
  {
    name: "staff-tokens-revoke-errors",
    as: "support",
    open: async (page) => {
      await tickTwo(page, /^Revoke (selected|2 tokens)$/);
      await press(page, "Revoke 2 tokens");
      await problem(page);
    },
  },
  { name: "staff-tokens-all", as: "support", open: (page) => tokens(page, "/revoke-all") },
  {
    name: "staff-tokens-all-errors",
    as: "support",
    open: async (page) => {
      await tokens(page, "/revoke-all");
      await page.getByRole("button", { name: /^Revoke all/ }).click();
      await problem(page);
    },
  },
  { name: "staff-identify", as: "support", path: "/staff/identify" },
  {
    name: "staff-identify-found",
    as: "support",
    open: async (page) => {
      await ofToken(page, "Nightly backup");
      const id = new URL(page.url()).pathname.split("/").pop();
      await identify(page, `a log line with lk_${id}_cut and lk_EXAMPLE1 in it`);
      await page.getByText("No token here has this id.").waitFor();
    },
  },
  {
    name: "staff-identify-staff-token",
    as: "admin",
    open: async (page) => {
      await page.goto("/staff/tokens");
      const [, id] = (await page.locator("main").innerText()).match(/lka_(\w{8})…/);
      await identify(page, `lka_${id}`);
      await page.getByText("Only its id was found").first().waitFor();
    },
  },
  {
    name: "staff-identify-staff-token-hidden",
    as: "support",
    open: async (page) => {
      await identify(page, "lka_EXAMPLE1");
      await page.getByText("Only an administrator sees whose it is.").first().waitFor();
    },
  },
  {
    name: "staff-identify-errors",
    as: "support",
    open: async (page) => {
      await identify(page, "nothing of ours");
      await problem(page);
    },
  },
];
