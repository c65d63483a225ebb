// The rules of the staff area: the policy, the plans, and staff members.

import { press } from "./steps.mjs";

/** Opens the policy's form, fills it in and goes on to the review. */
const reviewed = async (page, days) => {
  await page.goto("/staff/policy");
  await page.getByLabel("Longest lifetime of a token, in days").fill(days);
  await page.getByLabel("No", { exact: true }).check();
  await press(page, "Review changes");
};

export const STAFF_RULES = [
  { name: "staff-policy", as: "admin", path: "/staff/policy" },
  {
    name: "staff-policy-errors",
    as: "admin",
    open: async (page) => {
      await reviewed(page, "many");
      await page.getByText("There is a problem").waitFor();
    },
  },
  {
    name: "staff-policy-review",
    as: "admin",
    open: async (page) => {
      await reviewed(page, "30");
      await page.getByText("What it touches").waitFor();
    },
  },
  { name: "staff-plans", as: "admin", path: "/staff/plans" },
  { name: "staff-plan-new", as: "admin", path: "/staff/plans/new" },
  {
    name: "staff-plan",
    as: "admin",
    open: async (page) => {
      await page.goto("/staff/plans");
      await page.getByRole("link", { name: "starter" }).click();
      await page.getByRole("link", { name: "Remove plan" }).waitFor();
    },
  },
  {
    name: "staff-plan-errors",
    as: "admin",
    open: async (page) => {
      await page.goto("/staff/plans/new");
      await press(page, "Make plan");
      await page.getByText("There is a problem").waitFor();
    },
  },
  {
    name: "staff-plan-review",
    as: "admin",
    open: async (page) => {
      await page.goto("/staff/plans");
      await page.getByRole("link", { name: "starter" }).click();
      await page.getByLabel("Most tokens of one account").fill("1");
      await page.getByLabel("List and download files").uncheck();
      await press(page, "Review changes");
      await page.getByText("What it touches").waitFor();
    },
  },
  {
    name: "staff-plan-remove-in-use",
    as: "admin",
    open: async (page) => {
      await page.goto("/staff/plans");
      await page.getByRole("link", { name: "starter" }).click();
      await page.getByRole("link", { name: "Remove plan" }).click();
      await page.getByRole("heading", { name: /cannot be removed/ }).waitFor();
    },
  },
  {
    name: "staff-plan-remove",
    as: "admin",
    open: async (page) => {
      await page.goto("/staff/plans");
      await page.getByRole("link", { name: "seasonal" }).click();
      await page.getByRole("link", { name: "Remove plan" }).click();
      await page.getByRole("button", { name: "Remove plan" }).waitFor();
    },
  },
  { name: "staff-plans-one", as: "beginner", path: "/staff/plans" },
  { name: "staff-members-one", as: "beginner", path: "/staff/members" },
  { name: "staff-members", as: "admin", path: "/staff/members" },
  { name: "staff-member-new", as: "admin", path: "/staff/members/new" },
  {
    name: "staff-member-new-errors",
    as: "admin",
    open: async (page) => {
      await page.goto("/staff/members/new");
      await press(page, "Invite");
      await page.getByText("There is a problem").waitFor();
    },
  },
  ...["Deactivate", "Send a password link"].map((name) => ({
    name: `staff-member-${name.split(" ")[0].toLowerCase()}`,
    as: "admin",
    open: async (page) => {
      await page.goto("/staff/members");
      await page.getByRole("table").getByRole("link").first().click();
      await page.getByRole("link", { name }).click();
      await page.getByRole("heading", { name: "?" }).waitFor();
    },
  })),
  {
    name: "staff-member-myself",
    as: "admin",
    open: async (page) => {
      await page.goto("/staff/members");
      await page.getByRole("table").getByRole("link").last().click();
      await page.getByRole("button", { name: "Save" }).waitFor();
    },
  },
  {
    name: "staff-member",
    as: "admin",
    open: async (page) => {
      await page.goto("/staff/members");
      await page.getByRole("table").getByRole("link").first().click();
      await page.getByRole("button", { name: "Save" }).waitFor();
    },
  },
];
