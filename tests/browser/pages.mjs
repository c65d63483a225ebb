// Every page and state that the audit looks at and of which screenshots are taken. A new page gets an entry here.
//
//   name    what the state is called; also the name of its screenshots
//   as      whose browser it is: "customer", "newcomer" (the customer without a token), "support", "admin", or nobody's
//   path    what to open, or
//   open    a function that goes there by clicking and filling, given the page
//   status  what the server answers, if not 200; only with `path`

/** The address of a token's page, taken from the list under a filter. */
async function tokenPath(page, filter) {
  await page.goto(`/tokens?status=${filter}`);
  const links = await page.locator("tbody a[href^='/tokens/']").evaluateAll((all) => all.map((a) => new URL(a.href).pathname));
  const path = links.map((link) => link.match(/^\/tokens\/[0-9A-Za-z]{8}(?=\/|$)/)?.[0]).find(Boolean);
  if (!path) throw new Error(`no token under the filter ${filter}`);
  return path;
}

/** Opens a page of a token that the list shows under `filter`. */
function ofToken(filter, rest = "") {
  return async (page) => {
    await page.goto((await tokenPath(page, filter)) + rest);
  };
}

const submit = (page, name) => page.getByRole("button", { name, exact: true }).click();

/** Fills in a form for a new token as far as the review. */
async function toReview(page, name) {
  await page.goto(`/tokens/new?template=nightly-backup&name=${encodeURIComponent(name)}`);
  await submit(page, "Review token");
}

const LONG = "A name as long as a name may be, fifty characters!";
const SENTENCE = "Reads the nightly database dumps and uploads them. ".repeat(4).trim();

export const PAGES = [
  { name: "sign-in", path: "/sign-in" },
  { name: "sign-in-next", path: "/sign-in?next=%2Factivity" },
  {
    name: "sign-in-wrong",
    open: async (page) => {
      await page.goto("/sign-in");
      await page.locator("input[autocomplete~=username]").fill("nobody");
      await page.locator("input[autocomplete~=current-password]").fill("not the password");
      await submit(page, "Sign in");
    },
  },
  { name: "not-found", path: "/no/such/page", status: 404 },

  { name: "list", as: "customer", path: "/tokens" },
  ...["active", "expiring", "never-used", "expired", "paused", "revoked"].map((filter) => ({
    name: `list-${filter}`,
    as: "customer",
    path: `/tokens?status=${filter}`,
  })),
  { name: "list-search", as: "customer", path: "/tokens?q=backup" },
  { name: "list-no-match", as: "customer", path: "/tokens?q=nothing-is-called-this" },
  { name: "list-by-expiry", as: "customer", path: "/tokens?sort=expires" },
  { name: "list-empty", as: "newcomer", path: "/tokens" },

  { name: "new", as: "customer", path: "/tokens/new" },
  { name: "new-prefilled", as: "customer", path: "/tokens/new?template=nightly-backup&name=From+a+link&days=30" },
  {
    name: "new-errors",
    as: "customer",
    open: async (page) => {
      await page.goto("/tokens/new");
      await submit(page, "Review token");
    },
  },
  { name: "new-review", as: "customer", open: (page) => toReview(page, LONG) },
  {
    name: "new-created",
    as: "customer",
    open: async (page) => {
      await toReview(page, `Audit ${page.viewportSize().width} ${Math.random().toString(36).slice(2)}`);
      await submit(page, "Create token");
    },
  },

  ...["active", "expiring", "never-used", "expired", "paused", "revoked"].map((filter) => ({
    name: `token-${filter}`,
    as: "customer",
    open: ofToken(filter),
  })),
  { name: "token-usage", as: "customer", open: ofToken("active", "/usage") },
  { name: "token-usage-refused", as: "customer", open: ofToken("active", "/usage?outcome=refused") },
  { name: "token-history", as: "customer", open: ofToken("active", "/history") },
  { name: "edit", as: "customer", open: ofToken("active", "/edit") },
  {
    name: "edit-errors",
    as: "customer",
    open: async (page) => {
      await ofToken("active", "/edit")(page);
      await page.locator("input[name=name]").fill("");
      await submit(page, "Review changes");
    },
  },
  {
    name: "edit-review",
    as: "customer",
    open: async (page) => {
      await ofToken("active", "/edit")(page);
      await page.locator("input[name=name]").fill(LONG);
      await page.locator("[name=description]").fill(SENTENCE);
      await submit(page, "Review changes");
    },
  },
  { name: "edit-by-link", as: "customer", open: ofToken("active", "/edit?add=backups:delete&add=moon:land") },
  {
    name: "edit-conflict",
    as: "customer",
    open: async (page) => {
      await ofToken("active", "/edit")(page);
      // A revision that no token has: as if another window had saved in between.
      await page.locator("input[name=revision]").evaluate((field) => (field.value = "-2"));
      await page.locator("input[name=name]").fill(LONG);
      await submit(page, "Review changes");
    },
  },
  { name: "renew", as: "customer", open: ofToken("expiring", "/renew") },
  { name: "rotate", as: "customer", open: ofToken("active", "/rotate") },
  { name: "rotate-expired", as: "customer", open: ofToken("expired", "/rotate") },
  {
    name: "rotated",
    as: "customer",
    open: async (page) => {
      await ofToken("active", "/rotate")(page);
      await submit(page, "Make a new secret");
    },
  },
  { name: "revoke", as: "customer", open: ofToken("active", "/revoke") },
  { name: "revoke-again", as: "customer", open: ofToken("revoked", "/revoke") },
  {
    name: "bulk-revoke",
    as: "customer",
    open: async (page) => {
      await page.goto("/tokens");
      for (const box of await page.locator("tbody input[type=checkbox]").all()) await box.check();
      await page.getByRole("button", { name: /^Revoke \d+ tokens$/ }).click();
    },
  },
  { name: "bulk-renew", as: "customer", path: "/tokens/renew" },
  { name: "bulk-renew-none", as: "newcomer", path: "/tokens/renew" },

  { name: "activity", as: "customer", path: "/activity" },
  { name: "activity-empty", as: "customer", path: "/activity?kind=account&by=latchkey" },
  { name: "security", as: "customer", path: "/security" },
  { name: "not-my-token", as: "customer", path: "/tokens/00000000", status: 404 },
];
