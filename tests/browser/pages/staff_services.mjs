// Service credentials: the list, making one, its secret, and its end.

import { confirm, newName, press, read, send } from "./steps.mjs";

const LIST = "/staff/services";
const NEW = `${LIST}/new`;

/** Fills in the form and sends it; returns all that it sent. */
async function make(page, seat, addresses = "") {
  await page.goto(NEW);
  await page.getByLabel("Name").fill(newName());
  await page.getByLabel("Which computers can use it").fill(addresses);
  const sent = await read(page, NEW);
  await confirm(page, "Make service credential", seat);
  await page.locator("#secret").waitFor();
  return sent;
}

/** Asks for the end of the demo's service credential with this name. */
const revoke = (name) => async (page) => {
  await page.goto(LIST);
  await page.getByRole("link", { name: `Revoke ${name}` }).click();
  await page.getByRole("button", { name: "Revoke service credential" }).waitFor();
};

export const STAFF_SERVICES = [
  { name: "staff-services", as: "admin", path: LIST },
  { name: "staff-services-revoked", as: "admin", path: `${LIST}?status=revoked` },
  { name: "staff-services-none", as: "beginner", path: LIST },
  { name: "staff-services-support", as: "support", path: LIST, status: 403 },
  { name: "staff-service-new", as: "admin", path: NEW },
  {
    name: "staff-service-new-errors",
    as: "admin",
    open: async (page) => {
      await page.goto(NEW);
      await page.getByLabel("Which computers can use it").fill("192.0.2.1\nedge-1.hosting.example\n10.0.0.0/40");
      await press(page, "Make service credential");
      await page.getByText("There is a problem").waitFor();
    },
  },
  { name: "staff-service-new-password", as: "forgetfulAdmin", path: NEW },
  { name: "staff-service-created", as: "admin", open: async (page, seat) => void (await make(page, seat)) },
  { name: "staff-service-created-elsewhere", as: "admin", open: async (page, seat) => void (await make(page, seat, "192.0.2.10\n2001:db8::/48")) },
  {
    name: "staff-service-created-before",
    as: "admin",
    open: async (page, seat) => {
      await send(page, NEW, await make(page, seat));
      await page.getByText("was already made").waitFor();
    },
  },
  { name: "staff-service-revoke", as: "admin", open: revoke("edge-1 (nginx)") },
  { name: "staff-service-revoke-unused", as: "admin", open: revoke("Statistics importer") },
  {
    name: "staff-service-revoke-again",
    as: "admin",
    open: async (page) => {
      await page.goto(`${LIST}?status=revoked`);
      const hint = await page.locator("tbody .mono").first().innerText();
      await page.goto(`${LIST}/${hint.match(/^lks_(\w{8})/)[1]}/revoke`);
      await page.getByRole("heading", { name: "is revoked" }).waitFor();
    },
  },
];
