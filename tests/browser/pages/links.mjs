// Links that are sent by mail, and asking for one. The demo sends no mail: its page says whom to ask.

import { press } from "./steps.mjs";

const problem = (page) => page.getByText("There is a problem").waitFor();

/** A link of that kind that works; with `button`, pressed too soon. */
const link = (kind, button) => ({
  name: `link-${kind}${button ? "-errors" : ""}`,
  as: "recipient",
  open: async (page, { links }) => {
    await page.goto(links[kind]);
    if (!button) return;
    const password = page.locator("[name=new_password]");
    if ((await password.count()) > 0) await password.fill("short");
    await press(page, button);
    await problem(page);
  },
});

export const LINKS = [
  { name: "link-over", path: "/link/000000000000aaaaaaaaaaaaaaaaaaaaaa", status: 404 },
  { name: "link-over-with-mail", as: "recipient", path: "/link/000000000000aaaaaaaaaaaaaaaaaaaaaa", status: 404 },
  link("invitation"),
  link("invitation", "Set password"),
  link("reset"),
  link("reset", "Set password"),
  link("email"),
  link("email", "Confirm address"),

  { name: "forgot", path: "/sign-in/forgot" },
  { name: "forgot-with-mail", as: "recipient", path: "/sign-in/forgot" },
  {
    name: "forgot-errors",
    as: "recipient",
    open: async (page) => {
      await page.goto("/sign-in/forgot");
      await press(page, "Send link");
      await problem(page);
    },
  },
  {
    name: "forgot-asked",
    as: "recipient",
    open: async (page) => {
      await page.goto("/sign-in/forgot");
      await page.getByLabel("Username or e-mail address").fill("somebody");
      await press(page, "Send link");
      await page.getByText("Look among the unwanted mail").waitFor();
    },
  },
  { name: "sign-in-with-mail", as: "recipient", path: "/sign-in" },
  { name: "preferences-with-mail", as: "waiting", path: "/preferences" },
  { name: "security-waiting", as: "waiting", path: "/security" },
];
