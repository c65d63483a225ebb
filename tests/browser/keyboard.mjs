// What people do with nothing but Tab, Enter, Space, arrows and letters: a customer on the way to a new token, and staff
// at their daily work.

import assert from "node:assert/strict";
import { secretOn } from "./journey.mjs";

/** What has the focus: its words, and whether one can see that it has. */
function focused(page) {
  return page.evaluate(() => {
    const element = document.activeElement;
    const hasRing = ({ outlineStyle, outlineWidth }) => outlineStyle !== "none" && parseFloat(outlineWidth) >= 2;
    // A card is ringed as a whole in place of what can be chosen in it.
    const ringed = [element, element.closest(".choice")].some((one) => one && hasRing(getComputedStyle(one)));
    const label = element.labels?.[0]?.textContent ?? element.textContent;
    const { width, height } = element.getBoundingClientRect();
    return {
      tag: element.tagName.toLowerCase(),
      words: (element.getAttribute("aria-label") ?? label).replace(/\s+/g, " ").trim(),
      isSeen: ringed && width > 0 && height > 0,
    };
  });
}

const isCalled = (wanted, words) => (wanted instanceof RegExp ? wanted.test(words) : wanted === words);

/** Presses Tab until the focus is on what is called `words`, a text or a pattern. Wherever it stops on the way, it can be seen. */
async function tabTo(page, tag, words) {
  const passed = [];
  // After the last stop the focus is on none before it comes to the first.
  for (let rounds = 0; rounds < 2; ) {
    await page.keyboard.press("Tab");
    const now = await focused(page);
    if (now.tag === "body") {
      rounds += 1;
      continue;
    }
    assert.ok(now.isSeen, `the focus is not seen on ${now.tag} “${now.words}” of ${page.url()}`);
    if (now.tag === tag && isCalled(words, now.words)) return;
    passed.push(`${now.tag} “${now.words}”`);
  }
  assert.fail(`no ${tag} “${words}” on ${page.url()}; passed: ${passed.join(", ")}`);
}

/** Goes to a link or button and presses Enter; waits for the page that it leads to. */
async function enter(page, tag, words) {
  await tabTo(page, tag, words);
  await Promise.all([page.waitForNavigation(), page.keyboard.press("Enter")]);
}

/** Goes to a field and types. */
async function type(page, tag, words, text) {
  await tabTo(page, tag, words);
  await page.keyboard.type(text);
}

async function signInByKeyboard(page, { username, password }) {
  await page.goto("/sign-in");
  await type(page, "input", "Username or e-mail address", username);
  await type(page, "input", "Password", password);
  await Promise.all([page.waitForNavigation(), page.keyboard.press("Enter")]);
}

/** Signs in and makes a token. Returns the token. */
export async function createByKeyboard(page, customer) {
  const { keyboard } = page;
  await signInByKeyboard(page, customer);
  await enter(page, "a", "Create token");
  await enter(page, "a", "Nightly backup");
  await tabTo(page, "input", "Name");
  await keyboard.press("Control+A");
  await keyboard.type("Made without a mouse");
  await tabTo(page, "summary", "Statistics 0 of 1");
  await keyboard.press("Enter");
  await tabTo(page, "input", "See visitor numbers, traffic and disk use");
  await keyboard.press("Space");
  await tabTo(page, "input", "90 days");
  await keyboard.press("ArrowUp");
  await enter(page, "button", "Review token");
  const review = await page.locator("main").innerText();
  assert.match(review, /visitor numbers/, "the box was ticked");
  await enter(page, "button", "Create token");
  const token = await secretOn(page);
  await saveSecret(page, "Yes, I saved my token");
  assert.equal(new URL(page.url()).pathname, "/tokens");
  return token;
}

/** Copies what is shown this once, and leaves the page by the link that says so. */
async function saveSecret(page, saved) {
  await tabTo(page, "button", "Copy token");
  await page.keyboard.press("Space");
  await page.locator("#secret-said").filter({ hasText: "Copied" }).waitFor();
  await enter(page, "a", saved);
}

const isShown = (page, words) => page.locator("main").getByText(words).first().waitFor();

/** An account is searched, suspended and let go on; one of its tokens is revoked. */
async function lookAfter(page, username, token) {
  await type(page, "input", "Name, domain, e-mail or token id", username);
  await Promise.all([page.waitForNavigation(), page.keyboard.press("Enter")]);
  await enter(page, "a", username);
  await enter(page, "a", "Suspend");
  await type(page, "textarea", "Reason", "The invoice is open.");
  await enter(page, "button", "Suspend account");
  await isShown(page, "Suspended since");
  await enter(page, "a", "End the suspension");
  await enter(page, "button", "End the suspension");
  await enter(page, "a", "Tokens");
  await enter(page, "a", token);
  await enter(page, "a", "Revoke");
  await type(page, "textarea", "Reason", "It was found in public.");
  await enter(page, "button", "Revoke token");
  await isShown(page, "Revoked");
}

/** Every token with a permission is paused. Returns how many. */
async function pauseMany(page) {
  const { keyboard } = page;
  await enter(page, "a", "Incidents");
  await enter(page, "a", "Stop many tokens");
  await tabTo(page, "input", "Revoke");
  await keyboard.press("ArrowDown");
  // The first letters choose.
  await type(page, "select", "Holding the permission", "DNS: See");
  await enter(page, "button", "Show the tokens");
  await type(page, "textarea", "Reason", "A supplier lost the tokens of its customers.");
  await tabTo(page, "input", /^I have looked at them/);
  await keyboard.press("Space");
  await enter(page, "button", /^Pause \d+ tokens?$/);
  const progress = await page.locator("main .num").first().innerText();
  return Number(progress.match(/of (\d+) tokens?/)[1]);
}

async function inviteMember(page, username) {
  await enter(page, "a", "Staff members");
  await enter(page, "a", "Invite a staff member");
  await type(page, "input", "Name", "Ben Okri");
  await type(page, "input", "User name", username);
  await type(page, "input", "E-mail address", `${username}@support.example`);
  await tabTo(page, "input", "Support");
  await page.keyboard.press("Space");
  await enter(page, "button", "Invite");
  await isShown(page, "Invited");
}

/** An administrator's day, on the demo. Returns how many tokens were paused at once. */
export async function staffByKeyboard(page, admin) {
  await signInByKeyboard(page, admin);
  await lookAfter(page, "priya", "Deploy shop from CI");
  const paused = await pauseMany(page);
  await inviteMember(page, "ben");
  return paused;
}

/** A staff member signs in and makes a staff token. Returns the token. */
export async function staffTokenByKeyboard(page, member) {
  const { keyboard } = page;
  await signInByKeyboard(page, member);
  await enter(page, "a", "Staff tokens");
  await enter(page, "a", "New staff token");
  await type(page, "input", "Name", "Made without a mouse");
  await tabTo(page, "input", "Search accounts and see what they are");
  await keyboard.press("Space");
  await tabTo(page, "input", /^See the tokens of accounts/);
  await keyboard.press("Space");
  await type(page, "textarea", /^Which computers can use it/, "127.0.0.1");
  await tabTo(page, "input", "90 days");
  await keyboard.press("ArrowUp");
  await enter(page, "button", "Make staff token");
  const token = await secretOn(page);
  await saveSecret(page, "Yes, I saved it");
  assert.equal(new URL(page.url()).pathname, "/staff/tokens");
  await isShown(page, "Made without a mouse");
  return token;
}
