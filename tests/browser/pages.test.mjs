// Every page of pages.mjs, in light and dark, wide and narrow, passes the audit; and works as well without scripts.
//
// Two halves run at once, each in a browser and on servers of its own.

import assert from "node:assert/strict";
import test, { after, before, describe } from "node:test";
import { audit, auditEveryLook } from "./audit.mjs";
import { launch, openWindow } from "./chromium.mjs";
import { PAGES } from "./pages.mjs";
import { openStage, visit } from "./stage.mjs";

const HALVES = ["one half", "the other half"];

/** Each page, and how it is looked at. */
const VISITS = [
  { how: "", options: {}, look: auditEveryLook },
  { how: ", without scripts", options: { emptyScripts: true }, look: audit },
];

test("no two entries have one name", () => {
  const names = PAGES.map(({ name }) => name);
  assert.deepEqual(names, [...new Set(names)]);
});

/** A browser and a stage for the tests beside which this stands; `on()` has them once these run. */
function withStage() {
  const on = {};
  before(async () => {
    try {
      on.browser = await launch();
      on.stage = await openStage(on.browser);
    } catch (error) {
      // Every test would fail with the same words.
      console.error(error);
      process.exit(1);
    }
  });
  after(async () => {
    await on.browser.close();
    assert.deepEqual(await on.stage.stop(), [0, 0, 0, 0], "the servers end in good order");
  });
  return () => on;
}

function comesUnder30Kilobytes(on, entry) {
  test(`${entry.path} comes with everything in under 30 KB`, async () => {
    const { browser, stage } = on();
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

function passesTheAudit(on, entry) {
  for (const { how, options, look } of VISITS) {
    test(`${entry.name}${how}`, { timeout: 120_000 }, async (t) => {
      const { browser, stage } = on();
      if (!stage.seats[entry.as ?? "visitor"]) return t.skip("needs PostgreSQL: tests/run");
      const seen = async ({ page, problems }) => ({ found: await look(page), problems: [...problems], url: page.url() });
      const { found, problems, url } = await visit(browser, stage, entry, seen, options);
      const all = [...problems, ...found];
      assert.deepEqual(all, [], `${url}:\n${all.join("\n")}`);
    });
  }
}

describe("every page", { concurrency: HALVES.length }, () => {
  for (const [half, name] of HALVES.entries()) {
    describe(name, { concurrency: 1 }, () => {
      const on = withStage();
      if (half === 0) for (const entry of [{ path: "/sign-in" }, { path: "/tokens", as: "customer" }]) comesUnder30Kilobytes(on, entry);
      for (const entry of PAGES.filter((_, index) => index % HALVES.length === half)) passesTheAudit(on, entry);
    });
  }
});
