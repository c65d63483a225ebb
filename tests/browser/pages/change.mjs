// Changing one token: edit, renew, rotate, revoke, and what happens when another window was faster.

import { LONG, SENTENCES, confirm, newName, ofToken, press, read, send } from "./steps.mjs";

/** A token that entries may change; it is the same after each but for its name and its secret. */
const CLAY = "Mailbox for interns";

const problem = (page) => page.getByText("There is a problem").waitFor();

/** Opens the form that changes it. */
async function edit(page, rest = "") {
  await ofToken(CLAY, `/edit${rest}`)(page);
}

async function rotate(page, seat) {
  await ofToken(CLAY, "/rotate")(page);
  const action = new URL(page.url()).pathname;
  await page.getByLabel(/^(At once|Now)/).check();
  const sent = await read(page, action);
  await confirm(page, "Make a new secret", seat);
  await page.locator("#secret").waitFor();
  return { action, sent };
}

export const CHANGE = [
  { name: "edit", as: "customer", open: (page) => edit(page) },
  { name: "edit-from-a-link", as: "customer", open: (page) => edit(page, "?add=backups:create+files:levitate") },
  {
    name: "edit-errors",
    as: "customer",
    open: async (page) => {
      await edit(page);
      await page.getByLabel("Name", { exact: true }).fill("Nightly backup");
      await page.getByLabel("Which computers can use it").fill("not an address");
      const ticked = page.locator("input[name=scope]:checked");
      while ((await ticked.count()) > 0) await ticked.first().click();
      await press(page, "Review changes");
      await problem(page);
    },
  },
  {
    name: "edit-review",
    as: "customer",
    open: async (page) => {
      await edit(page, "?add=backups:create");
      await page.getByLabel("Name", { exact: true }).fill(LONG);
      await page.getByLabel("Description").fill(SENTENCES);
      await page.getByLabel("Which computers can use it").fill("192.0.2.1");
      await press(page, "Review changes");
      await page.getByText("The token can do more than before").waitFor();
    },
  },
  {
    name: "edit-review-password",
    as: "forgetful",
    open: async (page) => {
      await edit(page, "?add=backups:create");
      await press(page, "Review changes");
      await press(page, "Save the change");
      await problem(page);
    },
  },
  {
    name: "edit-conflict",
    as: "customer",
    open: async (page) => {
      await edit(page);
      const other = await page.context().newPage();
      await other.goto(page.url());
      await other.getByLabel("Description").fill(newName());
      await press(other, "Review changes");
      await press(other, "Save the change");
      await other.getByText("Saved.").waitFor();
      await other.close();
      await page.getByLabel("Description").fill(SENTENCES);
      await press(page, "Review changes");
      await page.getByText("Where the two differ").waitFor();
    },
  },
  {
    name: "edit-saved",
    as: "customer",
    open: async (page) => {
      await edit(page);
      await page.getByLabel("Description").fill(newName());
      await press(page, "Review changes");
      await press(page, "Save the change");
      await page.getByText("Saved.").waitFor();
    },
  },

  { name: "renew", as: "customer", open: ofToken("Blog editor on Priya's phone", "/renew") },
  { name: "renew-password", as: "forgetful", open: ofToken("Blog editor on Priya's phone", "/renew") },
  { name: "renew-expired", as: "customer", open: ofToken("Shop plugin", "/renew") },
  { name: "renew-revoked", as: "customer", open: ofToken("Chat bot", "/renew") },
  {
    name: "renew-errors",
    as: "customer",
    open: async (page, seat) => {
      await ofToken("Blog editor on Priya's phone", "/renew")(page);
      await page.getByLabel("On a date").check();
      await page.getByLabel("Date", { exact: true }).fill("");
      await confirm(page, "Renew", seat);
      await problem(page);
    },
  },

  { name: "rotate", as: "customer", open: ofToken("Nightly backup", "/rotate") },
  { name: "rotate-again", as: "customer", open: ofToken("Order export to accounting", "/rotate") },
  { name: "rotate-expired", as: "customer", open: ofToken("Shop plugin", "/rotate") },
  { name: "rotate-revoked", as: "customer", open: ofToken("Chat bot", "/rotate") },
  { name: "rotate-password", as: "forgetful", open: ofToken("Nightly backup", "/rotate") },
  { name: "rotated", as: "customer", open: async (page, seat) => void (await rotate(page, seat)) },
  {
    name: "rotated-before",
    as: "customer",
    open: async (page, seat) => {
      const { action, sent } = await rotate(page, seat);
      await send(page, action, sent);
      await page.getByText("was already rotated").waitFor();
    },
  },

  { name: "revoke-in-use", as: "customer", open: ofToken("Nightly backup", "/revoke") },
  { name: "revoke-never-used", as: "customer", open: ofToken("Phone app, trial", "/revoke") },
  { name: "revoke-again", as: "customer", open: ofToken("Chat bot", "/revoke") },
];
