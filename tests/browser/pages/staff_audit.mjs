// What happened in the whole installation, and what was refused.

export const STAFF_AUDIT = [
  { name: "staff-audit", as: "support", path: "/staff/audit" },
  { name: "staff-audit-filtered", as: "admin", path: "/staff/audit?kind=tokens&by=staff&since=2020-01-01" },
  { name: "staff-audit-no-match", as: "support", path: "/staff/audit?q=nobody&by=latchkey" },
  {
    name: "staff-audit-older",
    as: "support",
    open: async (page) => {
      await page.goto("/staff/audit");
      await page.getByRole("link", { name: "Older" }).click();
      await page.getByRole("link", { name: "Latest" }).waitFor();
    },
  },
  {
    name: "staff-refusals",
    as: "support",
    open: async (page) => {
      // An administrator's page, so that there is something to show.
      await page.goto("/staff/policy");
      // It is counted in memory and written within seconds.
      const row = page.getByRole("cell", { name: "Staff area refused" }).first();
      const isThere = async () => {
        await page.goto("/staff/audit/refusals");
        return row.waitFor({ timeout: 1000 }).then(() => true, () => false);
      };
      for (let tries = 0; tries < 15 && !(await isThere()); tries += 1);
      await row.waitFor();
    },
  },
  { name: "staff-audit-first", as: "beginner", path: "/staff/audit" },
  { name: "staff-refusals-none", as: "beginner", path: "/staff/audit/refusals" },
  { name: "staff-refusals-no-match", as: "support", path: "/staff/audit/refusals?kind=setup-too-many" },
];
