// Finding an account in the staff area.

export const STAFF_ACCOUNTS = [
  { name: "staff-accounts", as: "support", path: "/staff/accounts" },
  {
    name: "staff-accounts-next",
    as: "support",
    open: async (page) => {
      await page.goto("/staff/accounts");
      await page.getByRole("link", { name: "Next", exact: true }).click();
      await page.getByRole("link", { name: "Previous", exact: true }).waitFor();
    },
  },
  { name: "staff-accounts-search", as: "support", path: "/staff/accounts?q=example" },
  {
    name: "staff-accounts-token",
    as: "support",
    open: async (page, seat) => {
      await page.goto(`/staff/accounts?q=${seat.token}`);
      await page.getByText("is the token").waitFor();
    },
  },
  { name: "staff-accounts-filters", as: "support", path: "/staff/accounts?plan=starter&expiring=7" },
  { name: "staff-accounts-suspended", as: "support", path: "/staff/accounts?status=suspended" },
  { name: "staff-accounts-quiet", as: "admin", path: "/staff/accounts?quiet=90" },
  { name: "staff-accounts-no-match", as: "support", path: "/staff/accounts?q=nobody" },
  { name: "staff-accounts-none", as: "beginner", path: "/staff/accounts" },
  { name: "staff-accounts-nothing", as: "support", path: "/staff/accounts?status=suspended&quiet=180&expiring=7" },
];
