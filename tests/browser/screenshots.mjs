// Takes screenshots of every page of pages.mjs, to be looked at by a person; with --readme those of the README.
//
//   node tests/browser/screenshots.mjs FOLDER [--only PATTERN]
//   node tests/browser/screenshots.mjs --readme
//
// It starts servers of its own. A state that cannot be reached is named, and the rest goes on.

import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { launch } from "./chromium.mjs";
import { PAGES } from "./pages.mjs";
import { openStage, visit } from "./stage.mjs";

const WIDTHS = [1280, 390];
/** What the README shows, and how high a picture of it may be. */
const README = { folder: fileURLToPath(new URL("../../docs/images", import.meta.url)), name: "list", width: 1280, height: 860 };

/** One picture; says whether it could be taken. */
async function shoot(browser, stage, entry, { file, dark, width, clip }) {
  try {
    await visit(browser, stage, entry, ({ page }) => page.screenshot({ path: file, fullPage: !clip, clip }), { dark, width });
    return true;
  } catch (error) {
    console.error(`${file}: ${error.message}`);
    return false;
  }
}

/** What to take: entry, and how. */
function orders(folder, only) {
  const looks = WIDTHS.flatMap((width) => [false, true].map((dark) => ({ width, dark })));
  return PAGES.filter(({ name }) => new RegExp(only).test(name)).flatMap((entry) =>
    looks.map(({ width, dark }) => {
      const file = join(folder, `${entry.name}-${width}-${dark ? "dark" : "light"}.png`);
      return { entry, how: { file, dark, width } };
    }),
  );
}

function ordersOfReadme() {
  const { folder, name, width, height } = README;
  mkdirSync(folder, { recursive: true });
  const entry = PAGES.find((one) => one.name === name);
  return [false, true].map((dark) => {
    const file = join(folder, `tokens-${dark ? "dark" : "light"}.png`);
    return { entry, how: { file, dark, width, clip: { x: 0, y: 0, width, height } } };
  });
}

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { only: { type: "string", default: "" }, readme: { type: "boolean", default: false } },
});
const [folder] = positionals;
if (!folder && !values.readme) {
  console.error("say into which folder: node tests/browser/screenshots.mjs FOLDER");
  process.exit(2);
}
if (folder) mkdirSync(folder, { recursive: true });

const browser = await launch();
const stage = await openStage(browser);
let missed = 0;
try {
  for (const { entry, how } of values.readme ? ordersOfReadme() : orders(folder, values.only)) {
    if (!stage.seats[entry.as ?? "visitor"]) continue;
    if (!(await shoot(browser, stage, entry, how))) missed += 1;
  }
} finally {
  await browser.close();
  await stage.stop();
}
process.exitCode = missed > 0 ? 1 : 0;
