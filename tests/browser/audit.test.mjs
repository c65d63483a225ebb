// The audit itself: it finds each planted fault, and nothing on a page that has none.

import assert from "node:assert/strict";
import { createServer } from "node:http";
import test, { after, before } from "node:test";
import { auditEveryLook } from "./audit.mjs";
import { launch, openWindow } from "./chromium.mjs";

const POLICY =
  "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; base-uri 'none'; " +
  "require-trusted-types-for 'script'; trusted-types 'none'";
const STYLE = `
  body { margin: 0; font: 16px/1.5 sans-serif; color: #000; background: #fff }
  button.small { display: block; width: 20px; height: 20px; min-width: 0; min-height: 0; padding: 0 }
  .wide { width: 600px }
  .pale { color: #bbb }
  .hidden-in-light, .hidden-in-wide { display: none }
  .skip { position: absolute; left: -999px }
  .skip:focus { left: 0; padding: 8px }
  button, input { min-height: 32px; min-width: 32px }
  @media (prefers-color-scheme: dark) {
    html, body, a { color: #fff; background: #000 }
    .pale-in-dark { color: #333 }
    button.small-in-dark { width: 20px; height: 20px; min-width: 0; min-height: 0; padding: 0 }
    .wide-in-dark { width: 600px }
    .hidden-in-light { display: block }
  }
  @media (max-width: 500px) {
    button.small-in-narrow { width: 20px; height: 20px; min-width: 0; min-height: 0; padding: 0 }
    .hidden-in-wide { display: block }
  }
  @media (max-width: 500px) and (prefers-color-scheme: dark) { .pale-in-both { color: #333 } }`;

let browser, server, origin, body;

before(async () => {
  server = createServer((request, response) => {
    const style = request.url === "/a.css";
    response.setHeader("Content-Type", style ? "text/css" : "text/html; charset=utf-8");
    response.setHeader("Content-Security-Policy", POLICY);
    response.statusCode = request.url === "/refused" ? 422 : 200;
    response.end(
      style
        ? STYLE
        : `<!doctype html><html lang="en"><head><meta charset="utf-8"><title>A page</title><meta name="viewport"
           content="width=device-width"><link rel="stylesheet" href="/a.css"></head><body>
           <a class="skip" href="#m">Skip</a><main id="m"><h1>A page</h1>${body}</main></body></html>`,
    );
  });
  await new Promise((done) => server.listen(0, "127.0.0.1", done));
  origin = `http://127.0.0.1:${server.address().port}`;
  browser = await launch();
});

after(async () => {
  await browser?.close();
  server?.close();
});

async function findings(html, path = "/") {
  body = html;
  const { context, page, problems } = await openWindow(browser, origin, { width: 390 });
  const answer = await page.goto(path);
  const found = await auditEveryLook(page);
  const seen = [...problems, ...found];
  await context.close();
  return { status: answer.status(), seen };
}

test("a page without faults", async () => {
  const html = `<p>Read <a href="/">the guide</a> first.</p><label>Name <input name="n"></label><button>Go</button>`;
  assert.deepEqual(await findings(html), { status: 200, seen: [] });
  assert.deepEqual(await findings(html, "/refused"), { status: 422, seen: [] });
});

/** What is wrong, the page that has it, and how it is found. */
const PLANTED = [
  ["a field without a label", `<input name="n">`, /^light, 1280 px: axe label/],
  ["words too pale to read", `<p class="pale">Pale</p>`, /^light, 1280 px: axe color-contrast/],
  ["a target that is too small", `<button class="small">x</button>`, /^light, 1280 px: target of 20/],
  ["something wider than the screen", `<p class="wide">Wide</p>`, /^light, 390 px: 600 px wide where 390/],
  ["something wider than the narrowest screen", `<p class="wide">Wide</p>`, /^light, 320 px: 600 px wide/],
  ["an inline style", `<p style="color: red">Red</p>`, /^console: .*Content Security Policy/],
  ["an inline script", `<script>document.title = "x"</script>`, /^console: .*Content Security Policy/],
  ["a picture from another host", `<img src="http://127.0.0.1:9/x.png" alt="x">`, /^asks another host/],
  ["a picture that is missing", `<img src="/refused" alt="x">`, /^console: Failed to load/],
];
for (const [name, html, expected] of PLANTED) {
  test(`finds ${name}`, async () => {
    const { seen } = await findings(html);
    assert.ok(seen.some((problem) => expected.test(problem)), `not found; what was found: ${seen.join("\n")}`);
  });
}

/**
 * The same for what is wrong in some looks alone: found in these, and in no other. What dark does not change is told of
 * light once.
 */
const IN_SOME_LOOKS = [
  ["words too pale in dark", `<p class="pale-in-dark">Pale</p>`, "axe color-contrast", ["dark, 1280 px", "dark, 390 px"]],
  ["a target too small in dark", `<button class="small-in-dark">x</button>`, "target of 20", ["dark, 1280 px", "dark, 390 px"]],
  ["something too wide in dark", `<p class="wide-in-dark">Wide</p>`, "600 px wide where 390", ["dark, 390 px"]],
  ["a field without a label in dark", `<p class="hidden-in-light"><input name="n"></p>`, "axe label", ["dark, 1280 px", "dark, 390 px"]],
  ["a field without a label at 390 px", `<p class="hidden-in-wide"><input name="n"></p>`, "axe label", ["light, 390 px"]],
  ["a target too small at 390 px", `<button class="small-in-narrow">x</button>`, "target of 20", ["light, 390 px", "light, 320 px"]],
  ["words too pale in dark at 390 px", `<p class="pale-in-both">Pale</p>`, "axe color-contrast", ["dark, 390 px"]],
];
for (const [name, html, words, looks] of IN_SOME_LOOKS) {
  test(`finds ${name}, and nowhere else`, async () => {
    const { seen } = await findings(html);
    const where = seen.filter((problem) => problem.includes(`: ${words}`)).map((problem) => problem.split(": ")[0]);
    assert.deepEqual(where, looks, seen.join("\n"));
  });
}
