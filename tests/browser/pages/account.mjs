// The account around its tokens: activity, security, preferences, and everything while it is suspended.

import { ofToken, press } from "./steps.mjs";

const SUSPENDED = ["/tokens", "/tokens/new", "/tokens/renew", "/activity", "/security", "/preferences"];

/** The reason stands on every page of a suspended account. */
const suspended = (name, open) => ({
  name: `suspended${name}`,
  as: "suspended",
  open: async (page) => {
    await open(page);
    await page.getByText("Invoice 2026-117 is open.").waitFor();
  },
});

export const ACCOUNT = [
  { name: "activity", as: "customer", path: "/activity" },
  { name: "activity-filtered", as: "customer", path: "/activity?kind=tokens&by=support" },
  { name: "activity-no-match", as: "newcomer", path: "/activity?by=tokens" },
  { name: "activity-short", as: "newcomer", path: "/activity" },
  {
    name: "activity-older",
    as: "crowded",
    open: async (page) => {
      await page.goto("/activity");
      await page.getByRole("link", { name: "Older" }).click();
      await page.getByRole("link", { name: "Latest" }).waitFor();
    },
  },

  { name: "security", as: "customer", path: "/security" },
  { name: "security-staff", as: "support", path: "/security" },
  {
    name: "security-errors",
    as: "customer",
    open: async (page) => {
      await page.goto("/security");
      await page.getByLabel("New password", { exact: true }).fill("password");
      await press(page, "Change password");
      await page.getByText("There is a problem").waitFor();
    },
  },
  { name: "preferences", as: "customer", path: "/preferences" },
  { name: "preferences-staff", as: "admin", path: "/preferences" },
  {
    name: "preferences-saved",
    as: "newcomer",
    open: async (page) => {
      await page.goto("/preferences");
      const zone = page.getByLabel("Time zone");
      await zone.selectOption((await zone.inputValue()) === "Europe/Berlin" ? "Europe/Paris" : "Europe/Berlin");
      await press(page, "Save");
      await page.getByText("Your preferences were saved.").waitFor();
    },
  },

  ...SUSPENDED.map((path) => suspended(path.replaceAll("/", "-"), (page) => page.goto(path))),
  suspended("-token", ofToken("Token 3")),
  suspended("-edit", ofToken("Token 3", "/edit")),
  suspended("-revoke", ofToken("Token 3", "/revoke")),
];
