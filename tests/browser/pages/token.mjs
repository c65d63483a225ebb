// One token in each of its states, and what it shows of itself.

import { ofToken } from "./steps.mjs";

/** A token of the demo for each state. */
const STATES = {
  active: "Nightly backup",
  expiring: "Blog editor on Priya's phone",
  "never-used": "Phone app, trial",
  expired: "Shop plugin",
  paused: "Restore drill",
  "paused-by-support": "Import from the old host",
  rotating: "Order export to accounting",
  idle: "Yearly report",
  "full-access": "Agency, full access",
  limited: "Status board in the kitchen",
  revoked: "Priya's old laptop",
  "revoked-by-support": "Chat bot",
};

/** The words that show that it is the state which the name says. */
const SAYS = {
  active: "Active",
  expiring: "Expires in",
  "never-used": "Never used",
  expired: "This token has expired.",
  paused: "This token is paused.",
  "paused-by-support": "Support paused this token.",
  rotating: "Two secrets work until",
  idle: "Not used for 90 days",
  revoked: "This token was revoked.",
};

function inState(name, rest = "") {
  return async (page) => {
    await ofToken(STATES[name], rest)(page);
    if (SAYS[name] && !rest) await page.getByText(SAYS[name]).first().waitFor();
  };
}

export const TOKEN = [
  ...Object.keys(STATES).map((state) => ({ name: `token-${state}`, as: "customer", open: inState(state) })),
  { name: "usage", as: "customer", open: inState("active", "/usage") },
  { name: "usage-refused", as: "customer", open: inState("expired", "/usage?outcome=refused") },
  { name: "usage-none", as: "customer", open: inState("never-used", "/usage") },
  { name: "history", as: "customer", open: inState("rotating", "/history") },
  { name: "history-by-support", as: "customer", open: inState("revoked-by-support", "/history") },
];
