// Every page of pages.mjs, in light and dark, wide and narrow, passes the audit; and works as well without scripts.

import assert from "node:assert/strict";
import test, { after, before } from "node:test";
import { audit, auditNarrowest } from "./audit.mjs";
import { launch, openWindow } from "./chromium.mjs";
import { PAGES } from "./pages.mjs";
import { enter, leave, openStage } from "./stage.mjs";

const LOOKS = [
  { look: "light, 1280 px", dark: false, width: 1280 },
  { look: "dark, 1280 px", dark: true, width: 1280 },
  { look: "dark, 390 px", dark: true, width: 390 },
  { look: "light, 390 px", dark: false, width: 390 },
];

let browser, stage;

before(async () => {
  browser = await launch();
  try {
    stage = await openStage(browser);
  } catch (error) {
    // Every test would fail with the same words.
    console.error(error);
    process.exit(1);
  }
});

after(async () => {
  await browser?.close();
  assert.deepEqual(await stage?.stop(), [0, 0, 0, 0], "the servers end in good order");
});

test("no two entries have one name", () => {
  const names = PAGES.map(({ name }) => name);
  assert.deepEqual(names, [...new Set(names)]);
});

for (const entry of [{ path: "/sign-in" }, { path: "/tokens", as: "customer" }]) {
  test(`${entry.path} comes with everything in under 30 KB`, async () => {
    const seat = stage.seats[entry.as ?? "visitor"];
    const { context, page } = await openWindow(browser, seat.url, { state: seat.cookies });
    const answers = [];
    page.on("requestfinished", (request) => answers.push(request));
    await page.goto(entry.path, { waitUntil: "networkidle" });
    const sizes = await Promise.all(answers.map(async (request) => [(await request.sizes()).responseBodySize, request.url()]));
    await context.close();
    const total = sizes.reduce((sum, [size]) => sum + size, 0);
    assert.ok(total > 0 && total < 30_000, `${total} bytes: ${sizes.join(" | ")}`);
  });
}

/** The page as it stands in every look: the server's answer is the same for all of them. */
async function inEveryLook(page) {
  const found = [];
  for (const { look, dark, width } of LOOKS) {
    await page.emulateMedia({ colorScheme: dark ? "dark" : "light" });
    await page.setViewportSize({ width, height: 900 });
    found.push(...(await audit(page)).map((problem) => `${look}: ${problem}`));
  }
  return [...found, ...(await auditNarrowest(page))];
}

for (const entry of PAGES) {
  const missing = () => !stage.seats[entry.as ?? "visitor"] && "needs PostgreSQL: tests/run";

  for (const [how, options, look] of [["", {}, inEveryLook], [", without scripts", { emptyScripts: true }, audit]]) {
    test(`${entry.name}${how}`, { timeout: 120_000 }, async (t) => {
      if (missing()) return t.skip(missing());
      const window = await enter(browser, stage, entry, options);
      try {
        const found = await look(window.page);
        const all = [...window.problems, ...found];
        assert.deepEqual(all, [], `${window.page.url()}:\n${all.join("\n")}`);
      } finally {
        await leave(stage, entry, window);
      }
    });
  }
}
