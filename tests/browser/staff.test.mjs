// What staff do every day can be done with the keyboard alone, and without the page's own scripts.

import assert from "node:assert/strict";
import test, { after, before } from "node:test";
import { launch, openWindow } from "./chromium.mjs";
import { staffByKeyboard } from "./keyboard.mjs";
import { startDemo } from "./program.mjs";

let browser;
before(async () => {
  browser = await launch();
});
after(() => browser?.close());

for (const [how, options] of [["", {}], [", without scripts", { emptyScripts: true }]]) {
  test(`staff work with the keyboard alone${how}`, { timeout: 180_000 }, async () => {
    const demo = await startDemo();
    try {
      const { context, page, problems } = await openWindow(browser, demo.url, options);
      assert.ok((await staffByKeyboard(page, demo.staff[1])) > 0);
      assert.deepEqual(problems, []);
      await context.close();
    } finally {
      assert.equal(await demo.stop(), 0, "the server ends in good order");
    }
  });
}
