// What every page must be: usable with a reader, by keyboard, on a narrow screen and with an unsteady hand.

import { readFileSync } from "node:fs";
import { createRequire } from "node:module";

const AXE = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"];

/** Those of axe's rules whose answer depends on colours. */
const COLOUR_RULES = ["color-contrast", "link-in-text-block"];

/** The narrowest screen on which nothing may need scrolling sideways (WCAG 1.4.10), in CSS pixels. */
const NARROWEST = 320;

const WIDTHS = [1280, 390];

/** Everything that is wrong with the page as it stands now, in words; empty if nothing is. */
export async function audit(page) {
  return [...(await overflow(page)), ...(await smallTargets(page)), ...(await axe(page, { runOnly: RULES }))];
}

/** Everything that is wrong with it in light and dark, wide and narrow, each problem with the look that has it. */
export async function auditEveryLook(page) {
  const found = [];
  const add = (look, problems) => found.push(...problems.map((problem) => `${look}: ${problem}`));
  for (const width of WIDTHS) {
    await page.emulateMedia({ colorScheme: "light" });
    await page.setViewportSize({ width, height: 900 });
    add(`light, ${width} px`, await audit(page));
    const inLight = await shape(page);
    await page.emulateMedia({ colorScheme: "dark" });
    // Where light and dark differ in colours alone, so do the answers of the rules.
    const sameShape = (await shape(page)) === inLight;
    add(`dark, ${width} px`, await (sameShape ? axe(page, { runOnly: { type: "rule", values: COLOUR_RULES } }) : audit(page)));
  }
  await page.emulateMedia({ colorScheme: "light" });
  await page.setViewportSize({ width: NARROWEST, height: 900 });
  add(`light, ${NARROWEST} px`, [...(await overflow(page)), ...(await smallTargets(page))]);
  return found;
}

/** Where everything on the page is and whether it can be seen: all that a look can change but its colours. */
function shape(page) {
  return page.evaluate(() => {
    const of = (element) => {
      const { x, y, width, height } = element.getBoundingClientRect();
      const style = getComputedStyle(element);
      const { display, visibility, opacity, position, overflow, clip, clipPath, pointerEvents, fontSize, fontWeight } = style;
      const seen = [display, visibility, opacity, position, overflow, clip, clipPath, pointerEvents, fontSize, fontWeight];
      return [x, y, width, height, style.textDecorationLine, ...seen].join(" ");
    };
    return [...document.querySelectorAll("*")].map(of).join("\n");
  });
}

async function axe(page, options) {
  // Over the debugging protocol: the content security policy refuses a script element, as it should.
  if (!(await page.evaluate(() => "axe" in globalThis))) await page.evaluate(AXE);
  const violations = await page.evaluate(
    async (options) => (await globalThis.axe.run(document, options)).violations,
    { rules: { "target-size": { enabled: true } }, resultTypes: ["violations"], ...options },
  );
  return violations.flatMap(({ id, help, nodes }) =>
    nodes.map(({ target, html, any }) => {
      const why = any[0]?.message ?? "";
      return `axe ${id}: ${help}: ${target.join(" ")}: ${html.slice(0, 160)} ${why}`;
    }),
  );
}

function overflow(page) {
  return page.evaluate(() => {
    const room = document.documentElement.clientWidth;
    if (document.documentElement.scrollWidth <= room) return [];
    const scrolls = (element) => ["auto", "scroll", "hidden", "clip"].includes(getComputedStyle(element).overflowX);
    const inScroller = (element) => {
      for (let outer = element.parentElement; outer && outer !== document.body; outer = outer.parentElement) {
        if (scrolls(outer)) return true;
      }
      return false;
    };
    const guilty = [...document.body.querySelectorAll("*")]
      .filter((element) => element.getBoundingClientRect().right > room + 0.5 && !inScroller(element))
      .map((element) => element.outerHTML.slice(0, 100));
    return [`${document.documentElement.scrollWidth} px wide where ${room} are there: ${guilty.slice(-3).join(" | ")}`];
  });
}

/** WCAG 2.5.8: what can be pressed is at least 24 by 24 CSS pixels; links within a sentence are excepted there. */
function smallTargets(page) {
  return page.evaluate(() => {
    const LEAST = 24 - 0.01;
    const pressable = "a[href], button, input:not([type=hidden]), select, textarea, summary, [role=button], [role=link]";
    const union = (boxes) => ({
      width: Math.max(...boxes.map((b) => b.right)) - Math.min(...boxes.map((b) => b.left)),
      height: Math.max(...boxes.map((b) => b.bottom)) - Math.min(...boxes.map((b) => b.top)),
    });
    const inSentence = (element) => {
      if (getComputedStyle(element).display !== "inline") return false;
      const block = element.closest("p, li, dd, dt, td, th, caption, label, figcaption, span.hint, div");
      return block !== null && block.textContent.trim().length > element.textContent.trim().length;
    };
    const found = [];
    for (const element of document.querySelectorAll(pressable)) {
      if (!element.checkVisibility({ visibilityProperty: true, opacityProperty: false }) || inSentence(element)) continue;
      let box = element.getBoundingClientRect();
      // A skip link shows itself when it is reached by keyboard.
      const away = box.right <= 0 || box.bottom + scrollY <= 0 || (box.width <= 1 && box.height <= 1);
      if (away && element.matches("a")) {
        element.focus();
        box = element.getBoundingClientRect();
        element.blur();
      }
      const labels = [...(element.labels ?? [])].filter((label) => label.checkVisibility());
      const ticks = element.matches("input[type=checkbox], input[type=radio]");
      const whole = ticks && labels.length > 0 ? union([box, ...labels.map((label) => label.getBoundingClientRect())]) : box;
      if (whole.width < LEAST || whole.height < LEAST) {
        const size = `${whole.width.toFixed(1)} × ${whole.height.toFixed(1)}`;
        found.push(`target of ${size} px, at least 24 × 24: ${element.outerHTML.slice(0, 120)}`);
      }
    }
    return found;
  });
}
