// The way to a new token with nothing but Tab, Enter, Space, arrows and letters.

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

/** Presses Tab until the focus is on what is called `words`. Wherever it stops on the way, it can be seen. */
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
    if (now.tag === tag && now.words === words) return;
    passed.push(`${now.tag} “${now.words}”`);
  }
  assert.fail(`no ${tag} “${words}” on ${page.url()}; passed: ${passed.join(", ")}`);
}

/** Goes to a link or button and presses Enter; waits for the page that it leads to. */
async function enter(page, tag, words) {
  await tabTo(page, tag, words);
  await Promise.all([page.waitForNavigation(), page.keyboard.press("Enter")]);
}

/** Signs in and makes a token. Returns the token. */
export async function createByKeyboard(page, customer) {
  const { keyboard } = page;
  await page.goto("/sign-in");
  await tabTo(page, "input", "Username or e-mail address");
  await keyboard.type(customer.username);
  await tabTo(page, "input", "Password");
  await keyboard.type(customer.password);
  await Promise.all([page.waitForNavigation(), keyboard.press("Enter")]);

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
  await tabTo(page, "button", "Copy token");
  await keyboard.press("Space");
  await page.locator("#secret-said").filter({ hasText: "Copied" }).waitFor();
  await enter(page, "a", "Yes, I saved my token");
  assert.equal(new URL(page.url()).pathname, "/tokens");
  return token;
}
