// What the entries of several pages do to get there.

export const press = (page, name) => page.getByRole("button", { name, exact: true }).click();

/** A name as long as a name may be, and a description in several sentences. */
export const LONG = "A name as long as a name may be, fifty characters!";
export const SENTENCES = "Reads the nightly database dumps and uploads them. ".repeat(5).trim();

/** A name that no token has. */
export const newName = () => `Audit ${Math.random().toString(36).slice(2)}`;

/** Opens a page of the token with this name. */
export function ofToken(name, rest = "") {
  return async (page) => {
    await page.goto(`/tokens?q=${encodeURIComponent(name)}${ENDED.includes(name) ? "&status=revoked" : ""}`);
    const link = page.locator("tbody a.name", { hasText: name }).first();
    await page.goto(new URL(await link.getAttribute("href"), page.url()).pathname + rest);
  };
}

/** Tokens of the demo that the list shows under "Revoked" alone. */
const ENDED = ["Priya's old laptop", "Chat bot"];

/** Fills in the form of a new token and goes on to the review. `form` is what a link to the form says. */
export async function toReview(page, form) {
  await page.goto(`/tokens/new?${new URLSearchParams(form)}`);
  await press(page, "Review token");
}

/** Presses the button of a form that may ask for the password; also where it became too old since the form was opened. */
export async function confirm(page, name, { person }) {
  const password = page.locator("main input[autocomplete~=current-password]");
  const isAsked = async () => (await password.count()) > 0;
  const wasAsked = await isAsked();
  if (wasAsked) await password.fill(person.password);
  const answered = page.waitForNavigation();
  await press(page, name);
  await answered;
  if (wasAsked || !(await isAsked())) return;
  await password.fill(person.password);
  await press(page, name);
}

/** Everything that a form would send, for `send`. */
export function read(page, action) {
  return page.locator(`form[action="${action}"]`).evaluate((form) => [...new FormData(form)]);
}

/** Sends a form once more, as it was: by going back in the browser, or in a second window. */
export async function send(page, action, fields) {
  const done = page.waitForNavigation();
  await page.evaluate(
    ({ action, fields }) => {
      const form = document.createElement("form");
      Object.assign(form, { method: "post", action });
      for (const [name, value] of fields) form.append(Object.assign(document.createElement("input"), { name, value }));
      document.body.append(form);
      form.submit();
    },
    { action, fields },
  );
  await done;
}
