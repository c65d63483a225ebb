// Takes screenshots of every page of pages.mjs, to be looked at by a person.
//
//   node tests/browser/screenshots.mjs FOLDER [--only PATTERN]
//   node tests/browser/screenshots.mjs FOLDER --url URL --username NAME --password WORD [--only PATTERN]
//
// The first starts a demo of its own. The second visits a running server with one account; states that need another
// account are left out. A state that cannot be reached is named, and the rest goes on.

import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { launch, openWindow } from "./chromium.mjs";
import { PAGES } from "./pages.mjs";
import { startDemo } from "./program.mjs";
import { people, signInAll, visit } from "./visits.mjs";

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { url: { type: "string" }, username: { type: "string" }, password: { type: "string" }, only: { type: "string" } },
});
const [folder] = positionals;
if (!folder) {
  console.error("say into which folder: node tests/browser/screenshots.mjs FOLDER");
  process.exit(2);
}
mkdirSync(folder, { recursive: true });

const demo = values.url ? undefined : await startDemo();
const origin = values.url ? new URL(values.url).origin : demo.url;
const who = demo ? people(demo) : values.username ? { customer: { username: values.username, password: values.password } } : {};
const browser = await launch();
let missed = 0;
try {
  const states = await signInAll(browser, origin, who);
  const wanted = PAGES.filter(({ name, as }) => (!as || states[as]) && new RegExp(values.only ?? "").test(name));
  for (const entry of wanted) {
    for (const width of [1280, 390]) {
      for (const dark of [false, true]) {
        const { context, page } = await openWindow(browser, origin, { dark, width, state: states[entry.as] });
        const file = join(folder, `${entry.name}-${width}-${dark ? "dark" : "light"}.png`);
        try {
          await visit(page, entry);
          await page.screenshot({ path: file, fullPage: true });
        } catch (error) {
          missed += 1;
          console.error(`${file}: ${error.message.split("\n", 1)[0]}`);
        }
        await context.close();
      }
    }
  }
} finally {
  await browser.close();
  await demo?.stop();
}
process.exitCode = missed > 0 ? 1 : 0;
