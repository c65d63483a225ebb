// What staff do every day can be done with the keyboard alone, and without the page's own scripts.

import assert from "node:assert/strict";
import test, { after, before } from "node:test";
import { launch, openWindow, signIn } from "./chromium.mjs";
import { call, createStaffToken } from "./journey.mjs";
import { staffByKeyboard, staffTokenByKeyboard } from "./keyboard.mjs";
import { startDemo } from "./program.mjs";

let browser;
before(async () => {
  browser = await launch();
});
after(() => browser?.close());

/** Does `work` in a window on a demo of its own; nothing goes wrong in the window. */
async function onDemo(options, work) {
  const demo = await startDemo();
  try {
    const { context, page, problems } = await openWindow(browser, demo.url, options);
    await work(page, demo);
    assert.deepEqual(problems, []);
    await context.close();
  } finally {
    assert.equal(await demo.stop(), 0, "the server ends in good order");
  }
}

for (const [how, options] of [["", {}], [", without scripts", { emptyScripts: true }]]) {
  test(`staff work with the keyboard alone${how}`, { timeout: 180_000 }, () =>
    onDemo(options, async (page, demo) => {
      assert.ok((await staffByKeyboard(page, demo.staff[1])) > 0);
    }));
}

test("a staff token is made with the keyboard alone", { timeout: 180_000 }, () =>
  onDemo({}, async (page, demo) => {
    const token = await staffTokenByKeyboard(page, demo.staff[0]);
    const { status, body } = await call(demo.url, token, "/api/v1/staff/token");
    assert.equal(status, 200);
    assert.deepEqual([body.token.name, body.token.scopes], ["Made without a mouse", ["accounts:read", "tokens:read"]]);
  }));

for (const [how, javaScript] of [["", true], [", without JavaScript", false]]) {
  test(`a staff token is made, and its curl line works${how}`, { timeout: 180_000 }, () =>
    onDemo({ javaScript }, async (page, demo) => {
      if (javaScript) await page.context().grantPermissions(["clipboard-read", "clipboard-write"]);
      await signIn(page, demo.staff[0]);
      const token = await createStaffToken(page, javaScript);
      assert.equal((await call(demo.url, token, "/api/v1/accounts")).status, 200, "it can do what was ticked");
      assert.equal((await call(demo.url, token, "/api/v1/audit")).status, 403, "and nothing more");
    }));
}
