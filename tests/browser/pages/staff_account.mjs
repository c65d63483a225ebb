// One account in the hands of staff.

import { press } from "./steps.mjs";

/** Opens a page of the account of the demo's first customer. */
export const ofAccount = (username, rest = "") => async (page) => {
  await page.goto(`/staff/accounts?q=${username}`);
  const link = page.locator("tbody a.name", { hasText: username }).first();
  await page.goto(new URL(await link.getAttribute("href"), page.url()).pathname + rest);
};

const CUSTOMER = "priya";

export const STAFF_ACCOUNT = [
  { name: "staff-account", as: "admin", open: ofAccount(CUSTOMER) },
  { name: "staff-account-as-support", as: "support", open: ofAccount(CUSTOMER) },
  { name: "staff-account-sessions", as: "support", open: ofAccount(CUSTOMER, "/sessions") },
  { name: "staff-account-activity", as: "support", open: ofAccount(CUSTOMER, "/activity") },
  { name: "staff-account-notes", as: "support", open: ofAccount(CUSTOMER, "/notes") },
  {
    name: "staff-account-note-empty",
    as: "support",
    open: async (page) => {
      await ofAccount(CUSTOMER, "/notes")(page);
      await press(page, "Add note");
      await page.getByText("There is a problem").waitFor();
    },
  },
  { name: "staff-account-suspend", as: "support", open: ofAccount(CUSTOMER, "/suspend") },
  {
    name: "staff-account-suspend-errors",
    as: "support",
    open: async (page) => {
      await ofAccount(CUSTOMER, "/suspend")(page);
      await press(page, "Suspend account");
      await page.getByText("There is a problem").waitFor();
    },
  },
  { name: "staff-account-not-suspended", as: "support", open: ofAccount(CUSTOMER, "/unsuspend") },
  { name: "staff-account-remove", as: "admin", open: ofAccount(CUSTOMER, "/remove") },
  { name: "staff-account-change", as: "support", open: ofAccount(CUSTOMER, "/change") },
  {
    name: "staff-account-change-review",
    as: "support",
    open: async (page) => {
      await ofAccount(CUSTOMER, "/change")(page);
      await page.getByLabel("User name").fill("priyanka");
      await page.getByLabel("E-mail address").fill("priyanka@new.example");
      await page.getByLabel("Sites").fill("priyanka.example");
      await press(page, "Review the change");
      await page.getByText("What it means").waitFor();
    },
  },
  { name: "staff-account-new", as: "support", path: "/staff/accounts/new?username=arjun" },
  {
    name: "staff-account-new-errors",
    as: "support",
    open: async (page) => {
      await page.goto("/staff/accounts/new");
      await press(page, "Create account");
      await page.getByText("There is a problem").waitFor();
    },
  },
  {
    name: "staff-account-invitation",
    as: "support",
    open: async (page) => {
      const name = `a${Math.random().toString(36).slice(2, 12)}`;
      await page.goto(`/staff/accounts/new?username=${name}`);
      await page.getByLabel("E-mail address").fill(`${name}@customers.example`);
      await press(page, "Create account");
      await page.getByText("Hand over the invitation").first().waitFor();
    },
  },
  {
    name: "staff-account-suspended",
    as: "support",
    open: async (page) => {
      const name = `s${Math.random().toString(36).slice(2, 12)}`;
      await page.goto(`/staff/accounts/new?username=${name}`);
      await page.getByLabel("E-mail address").fill(`${name}@customers.example`);
      await press(page, "Create account");
      await page.getByRole("link", { name: "I handed it over" }).click();
      await page.getByRole("link", { name: "Suspend" }).click();
      await page.getByLabel("Reason").fill("Invoice 2026-117 is open.");
      await press(page, "Suspend account");
      await page.getByText("Suspended since").waitFor();
    },
  },
];
