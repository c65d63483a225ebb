// Starts Debian's Chromium and opens windows that note whatever goes wrong in them.

import { existsSync } from "node:fs";
import { chromium } from "playwright-core";

/** The one without a screen comes first: to open a window it needs half the time. */
const PROGRAMS = [
  process.env.LATCHKEY_TEST_CHROMIUM,
  "/usr/bin/chromium-headless-shell",
  "/usr/bin/chromium",
  "/usr/bin/chromium-browser",
];

/** How long to wait for anything on a page, in milliseconds. */
const PATIENCE = 15_000;

/** Starts the browser. It talks to nobody but the pages it is shown. */
export function launch() {
  const executablePath = PROGRAMS.find((path) => path && existsSync(path));
  if (!executablePath) {
    throw new Error("no Chromium: run tests/run, or name one in LATCHKEY_TEST_CHROMIUM");
  }
  const quiet = [
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
  ];
  // Chromium's sandbox refuses to start as root.
  const asRoot = process.getuid() === 0 ? ["--no-sandbox"] : [];
  return chromium.launch({ executablePath, args: [...quiet, ...asRoot] });
}

/**
 * Opens a window on `origin`. `problems` fills up with what must not happen in it: errors and warnings in the
 * console, refusals of the content security policy among them, and requests to any other host.
 *
 * With `javaScript: false` the browser runs no script at all, the audit's neither. With `emptyScripts` the page's own
 * scripts arrive empty: it looks as it does without them, and can be audited.
 */
export async function openWindow(browser, origin, { dark = false, width = 1280, javaScript = true, emptyScripts = false, state } = {}) {
  const context = await browser.newContext({
    baseURL: origin,
    colorScheme: dark ? "dark" : "light",
    javaScriptEnabled: javaScript,
    reducedMotion: "reduce",
    storageState: state,
    viewport: { width, height: 900 },
  });
  context.setDefaultTimeout(PATIENCE);
  const page = await context.newPage();
  if (emptyScripts) {
    const isScript = (url) => url.pathname.endsWith(".js");
    await page.route(isScript, (route) => route.fulfill({ contentType: "text/javascript", body: "" }));
  }
  const problems = [];
  page.on("request", (request) => {
    if (new URL(request.url()).origin !== origin) {
      problems.push(`asks another host: ${request.url()}`);
    }
  });
  page.on("console", (message) => {
    // Chromium reports every page that is not a 2xx as an error of its own; the tests check the status themselves.
    const ownStatus = /^Failed to load resource: .* status of [45]\d\d/.test(message.text()) && message.location().url === page.url();
    if (["error", "warning"].includes(message.type()) && !ownStatus) {
      problems.push(`console: ${message.text()}`);
    }
  });
  page.on("pageerror", (error) => problems.push(`script: ${error.message}`));
  page.on("dialog", (dialog) => {
    problems.push(`dialog: ${dialog.message()}`);
    dialog.dismiss();
  });
  return { context, page, problems };
}

/** Signs in on the page of that window. The fields are found by what they tell password managers. */
export async function signIn(page, { username, password }) {
  await page.goto("/sign-in");
  await page.locator("input[autocomplete~=username]").fill(username);
  await page.locator("input[autocomplete~=current-password]").fill(password);
  await page.getByRole("button", { name: "Sign in", exact: true }).click();
  const done = page.waitForURL((url) => url.pathname !== "/sign-in");
  const refused = page.getByRole("alert").innerText();
  const why = await Promise.race([done.then(() => undefined), refused.catch(() => undefined)]);
  if (why !== undefined) throw new Error(`${username} cannot sign in: ${why}`);
  await done;
}
