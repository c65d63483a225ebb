// Tokens that were found, and secrets that were used after their end.

import { ofToken, press } from "./steps.mjs";

/** Of the right form, and nobody's. */
const NOBODYS = "lk_EXAMPLE1_0000000000000000000000000000000019WjLP";

async function paste(page, text) {
  await page.goto("/leaks");
  await page.getByLabel("The token, or the text in which it stands").fill(text);
  await page.getByLabel("Where did you find it?").fill("https://code.example/shop/blob/main/.env");
  await press(page, "End the token");
}

async function reported(page) {
  await paste(page, `export TOKEN=${NOBODYS}`);
  await page.getByText("Thank you. If what you pasted were tokens of ours").waitFor();
}

export const LEAKS = [
  { name: "leaks", path: "/leaks" },
  { name: "leaks-signed-in", as: "customer", path: "/leaks" },
  { name: "leaks-staff", as: "support", path: "/leaks" },
  {
    name: "leaks-errors",
    open: async (page) => {
      await paste(page, NOBODYS.slice(0, 40));
      await page.getByText("There is a problem").waitFor();
    },
  },
  { name: "leaks-reported", open: reported },

  { name: "reuse-expired", as: "customer", open: ofToken("Shop plugin") },
  { name: "reuse-revoked", as: "customer", open: ofToken("Priya's old laptop") },
  { name: "reuse-list", as: "customer", path: "/tokens?status=expired" },
  { name: "reuse-list-revoked", as: "customer", path: "/tokens?status=revoked" },
];
