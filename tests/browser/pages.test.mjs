// Every page of pages.mjs, in light and dark, wide and narrow, passes the audit; and works as well without scripts.

import assert from "node:assert/strict";
import test, { after, before } from "node:test";
import { audit, auditNarrowest } from "./audit.mjs";
import { launch, openWindow } from "./chromium.mjs";
import { PAGES } from "./pages.mjs";
import { startDemo } from "./program.mjs";
import { people, signInAll, visit } from "./visits.mjs";

const LOOKS = [
  { look: "light, 1280 px", dark: false, width: 1280 },
  { look: "dark, 1280 px", dark: true, width: 1280 },
  { look: "light, 390 px", dark: false, width: 390 },
  { look: "dark, 390 px", dark: true, width: 390 },
  { look: "without scripts", emptyScripts: true },
];

let browser, demo, states;

before(async () => {
  demo = await startDemo();
  browser = await launch();
  states = await signInAll(browser, demo.url, people(demo));
});

after(async () => {
  await browser?.close();
  assert.equal(await demo?.stop(), 0, "the server ends in good order");
});

test("no two entries have one name", () => {
  const names = PAGES.map(({ name }) => name);
  assert.deepEqual(names, [...new Set(names)]);
});

for (const [path, as] of [["/sign-in"], ["/tokens", "customer"]]) {
  test(`${path} comes with everything in under 30 KB`, async () => {
    const { context, page } = await openWindow(browser, demo.url, { state: states[as] });
    const answers = [];
    page.on("requestfinished", (request) => answers.push(request));
    await page.goto(path, { waitUntil: "networkidle" });
    const sizes = await Promise.all(answers.map(async (request) => [(await request.sizes()).responseBodySize, request.url()]));
    await context.close();
    const total = sizes.reduce((sum, [size]) => sum + size, 0);
    assert.ok(total > 0 && total < 30_000, `${total} bytes: ${sizes.join(" | ")}`);
  });
}

for (const entry of PAGES) {
  test(entry.name, async (t) => {
    for (const { look, ...options } of LOOKS) {
      await t.test(look, async () => {
        const { context, page, problems } = await openWindow(browser, demo.url, { ...options, state: states[entry.as] });
        try {
          await visit(page, entry);
          const narrowest = options.width === 390 ? await auditNarrowest(page) : [];
          const found = [...problems, ...narrowest, ...(await audit(page))];
          assert.deepEqual(found, [], `${page.url()}:\n${found.join("\n")}`);
        } finally {
          await context.close();
        }
      });
    }
  });
}
