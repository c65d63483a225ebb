// The list of tokens, and what is done to several at once.

import { confirm, press, read, send } from "./steps.mjs";

const FILTERS = ["active", "expiring", "never-used", "expired", "paused", "revoked"];

async function tickAll(page) {
  for (const box of await page.locator("tbody input[type=checkbox]").all()) await box.check();
}

export const LIST = [
  { name: "list", as: "customer", path: "/tokens" },
  ...FILTERS.map((filter) => ({ name: `list-${filter}`, as: "customer", path: `/tokens?status=${filter}` })),
  { name: "list-search", as: "customer", path: "/tokens?q=backup&sort=expires" },
  { name: "list-no-match", as: "customer", path: "/tokens?q=nothing-is-called-this" },
  { name: "list-empty", as: "newcomer", path: "/tokens" },
  { name: "list-full", as: "full", path: "/tokens" },
  { name: "list-many", as: "crowded", path: "/tokens" },
  { name: "list-many-last-page", as: "crowded", path: "/tokens?page=3" },
  { name: "list-filter-empty", as: "crowded", path: "/tokens?status=paused" },
  {
    name: "list-nothing-ticked",
    as: "customer",
    open: async (page) => {
      await page.goto("/tokens");
      await press(page, "Pause selected");
      await page.getByText("Tick the tokens that you mean first.").waitFor();
    },
  },

  {
    name: "bulk-revoke",
    as: "crowded",
    open: async (page) => {
      await page.goto("/tokens");
      await tickAll(page);
      await page.getByRole("button", { name: /^Revoke (selected|\d+ tokens)$/ }).click();
    },
  },
  {
    name: "bulk-revoke-errors",
    as: "customer",
    open: async (page) => {
      await page.goto("/tokens");
      await tickAll(page);
      await page.getByRole("button", { name: /^Revoke (selected|\d+ tokens)$/ }).click();
      await page.getByRole("button", { name: /^Revoke \d+ tokens$/ }).click();
      await page.getByText("There is a problem").waitFor();
    },
  },
  {
    name: "bulk-pause-again",
    as: "customer",
    open: async (page) => {
      await page.goto("/tokens?status=paused");
      await tickAll(page);
      const fields = await read(page, "/tokens/pause");
      await send(page, "/tokens/pause", fields);
      await page.getByText("These were left as they are").or(page.getByText("Nothing was changed")).first().waitFor();
    },
  },
  { name: "bulk-renew", as: "customer", path: "/tokens/renew" },
  { name: "bulk-renew-password", as: "forgetful", path: "/tokens/renew" },
  {
    name: "bulk-renew-errors",
    as: "customer",
    open: async (page, seat) => {
      await page.goto("/tokens/renew");
      for (const box of await page.locator("tbody input[type=checkbox]").all()) await box.uncheck();
      await confirm(page, /^Renew the ticked tokens$/, seat);
      await page.getByText("There is a problem").waitFor();
    },
  },
  { name: "bulk-renew-nothing", as: "newcomer", path: "/tokens/renew" },
];
