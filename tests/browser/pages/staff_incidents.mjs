// Changes of many tokens at once.

import { confirm, press } from "./steps.mjs";

const NEW = "/staff/incidents/new";
const SCOPE = `${NEW}?action=pause&issued_before=&scope=backups%3Acreate&used_from=`;
// Nobody calls from there: what is confirmed is a run of nothing but the demo's own tokens of one address.
const NOBODY = `${NEW}?action=revoke&issued_before=&scope=&used_from=192.0.2.200`;

const REASON = "Secrets leaked from a supplier. Ticket 4711.";

/** The run that was begun before, or one of what `path` shows: what it pauses cannot be paused twice. */
const run = (path) => async (page, seat) => {
  await page.goto("/staff/incidents");
  const begun = page.locator("main tbody tr", { hasText: REASON }).first().getByRole("link");
  if (await begun.isVisible()) {
    await begun.click();
    await page.getByRole("progressbar").waitFor();
    return;
  }
  await page.goto(path);
  await page.getByLabel("Reason").fill(REASON);
  await page.getByLabel(/I have looked at them/).check();
  await confirm(page, /^Pause \d+ tokens?$/, seat);
  await page.getByRole("progressbar").waitFor();
};

/** A run of the demo. */
const ofDemo = (title) => async (page) => {
  await page.goto("/staff/incidents");
  await page.locator("main tbody a", { hasText: title }).last().click();
  await page.getByRole("progressbar").waitFor();
};

export const STAFF_INCIDENTS = [
  { name: "staff-incidents", as: "admin", path: "/staff/incidents" },
  { name: "staff-incidents-none", as: "beginner", path: "/staff/incidents" },
  { name: "staff-incidents-finished", as: "admin", open: ofDemo("Revoke tokens") },
  { name: "staff-incidents-stopped", as: "admin", open: ofDemo("Pause tokens") },
  {
    name: "staff-incidents-audit",
    as: "admin",
    open: async (page) => {
      await ofDemo("Revoke tokens")(page);
      await page.getByRole("link", { name: "What it did, in the audit" }).click();
      await page.getByText("A change of many tokens was begun").waitFor();
    },
  },
  { name: "staff-incidents-new", as: "admin", path: NEW },
  { name: "staff-incidents-new-errors", as: "admin", path: `${NEW}?action=pause&issued_before=soon&used_from=10`, status: 422 },
  { name: "staff-incidents-preview", as: "admin", path: SCOPE },
  { name: "staff-incidents-preview-none", as: "admin", path: NOBODY },
  {
    name: "staff-incidents-confirm-errors",
    as: "admin",
    open: async (page) => {
      await page.goto(SCOPE);
      await press(page, /^Pause \d+ tokens?$/);
      await page.getByText("There is a problem").waitFor();
    },
  },
  {
    name: "staff-incidents-run",
    as: "admin",
    open: run(`${NEW}?action=pause&issued_before=&scope=dns%3Awrite&used_from=`),
  },
  { name: "staff-incidents-support", as: "support", path: "/staff/incidents", status: 403 },
];
