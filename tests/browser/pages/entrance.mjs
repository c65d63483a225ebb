// Before anybody is signed in: signing in, setting up, and addresses at which there is nothing.

import { signIn } from "../chromium.mjs";
import { press } from "./steps.mjs";

async function trySignIn(page, username = "nobody") {
  await page.goto("/sign-in");
  await page.getByLabel("Username or e-mail address").fill(username);
  await page.getByLabel("Password", { exact: true }).fill("not the password");
  await press(page, "Sign in");
}

export const ENTRANCE = [
  { name: "sign-in", path: "/sign-in" },
  { name: "sign-in-ended", path: "/sign-in?ended=1&next=%2Factivity" },
  {
    name: "sign-in-errors",
    open: async (page) => {
      await page.goto("/sign-in");
      await press(page, "Sign in");
    },
  },
  { name: "sign-in-wrong", open: (page) => trySignIn(page) },
  {
    name: "signed-out",
    as: "leaving",
    open: async (page, { person }) => {
      await page.goto("/tokens");
      if (new URL(page.url()).pathname === "/sign-in") await signIn(page, person);
      await press(page, "Sign out");
      await page.getByText("You are signed out.").waitFor();
    },
  },

  { name: "sign-in-before-setup", as: "founder", path: "/sign-in" },
  { name: "setup", as: "founder", path: "/setup" },
  {
    name: "setup-errors",
    as: "founder",
    open: async (page) => {
      await page.goto("/setup");
      await press(page, "Make administrator");
    },
  },
  {
    name: "setup-wrong-code",
    as: "founder",
    open: async (page) => {
      await page.goto("/setup");
      const answers = { "Setup code": "0000-0000-0000", "Your name": "Asha Rao", Username: "asha" };
      const more = { "E-mail address": "asha@example.org", Password: "grey otters hum at noon" };
      for (const [label, value] of Object.entries({ ...answers, ...more })) {
        await page.getByLabel(label, { exact: true }).fill(value);
      }
      await press(page, "Make administrator");
    },
  },
  {
    name: "too-many-tries",
    as: "founder",
    open: async (page) => {
      const refused = page.getByText("Too many tries").first();
      for (let tries = 0; tries < 12; tries += 1) {
        await trySignIn(page);
        if (await refused.isVisible()) return;
      }
      throw new Error("twelve wrong passwords were let pass");
    },
  },

  { name: "setup-closed", path: "/setup", status: 404 },
  { name: "not-found", path: "/no/such/page", status: 404 },
  { name: "not-found-signed-in", as: "customer", path: "/no/such/page", status: 404 },
  { name: "not-found-file", path: "/static/no-such-file.css", status: 404 },
  { name: "not-my-token", as: "customer", path: "/tokens/00000000", status: 404 },
  { name: "not-allowed", as: "support", path: "/tokens", status: 403 },
  { name: "wrong-method", as: "customer", path: "/sign-out", status: 405 },

  { name: "problem", path: "/problems/token-expired" },
  { name: "problem-signed-in", as: "customer", path: "/problems/insufficient-scope" },
  { name: "problem-unknown", path: "/problems/no-such-problem", status: 404 },
];
