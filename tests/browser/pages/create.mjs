// Making a token: the form, the review, the token.

import { LONG, SENTENCES, confirm, newName, press, read, send, toReview } from "./steps.mjs";

const LINK = new URLSearchParams({
  name: "From a link",
  scopes: "backups:create files:read files:levitate",
  sites: "shop.teahouse.example not-mine.example",
  days: "9999",
});

/** As much as a token can be: the longest words, every permission, addresses, no end. */
const MOST = { template: "full-access", name: LONG, description: SENTENCES, addresses: "192.0.2.1\n2001:db8::/32", days: "never" };

async function create(page, seat) {
  await toReview(page, { template: "nightly-backup", name: newName() });
  const sent = await read(page, "/tokens");
  await confirm(page, "Create token", seat);
  await page.locator("#secret").waitFor();
  return sent;
}

export const CREATE = [
  { name: "new", as: "newcomer", path: "/tokens/new" },
  { name: "new-template", as: "customer", path: "/tokens/new?template=nightly-backup" },
  { name: "new-from-a-link", as: "customer", path: `/tokens/new?${LINK}` },
  { name: "new-no-more", as: "full", path: "/tokens/new" },
  {
    name: "new-errors",
    as: "customer",
    open: async (page) => {
      await page.goto("/tokens/new?expires=date");
      await page.getByLabel("Which computers can use it").fill("192.0.2.1\n300.1.1.1\nmy computer");
      await page.getByLabel("Only some sites").check();
      await press(page, "Review token");
      await page.getByText("There is a problem").waitFor();
    },
  },
  { name: "review", as: "newcomer", open: (page) => toReview(page, { template: "nightly-backup", name: newName() }) },
  { name: "review-full-access", as: "customer", open: (page) => toReview(page, MOST) },
  { name: "review-password", as: "forgetful", open: (page) => toReview(page, { template: "manage-databases", name: newName() }) },
  {
    name: "review-password-errors",
    as: "forgetful",
    open: async (page) => {
      await toReview(page, { template: "manage-databases", name: newName() });
      await press(page, "Create token");
      await page.getByText("There is a problem").waitFor();
    },
  },
  { name: "created", as: "customer", open: async (page, seat) => void (await create(page, seat)) },
  {
    name: "created-before",
    as: "customer",
    open: async (page, seat) => {
      await send(page, "/tokens", await create(page, seat));
      await page.getByText("was already created").waitFor();
    },
  },
];
