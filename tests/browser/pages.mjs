// Every page and state that the audit looks at and of which screenshots are taken. A new page gets an entry in the file
// of pages/ to which it belongs.
//
//   name    what the state is called; also the name of its screenshots
//   as      who looks at it: "customer", "newcomer" (without a token), "crowded" (with more than a page of them), "full"
//           (who may have no more), "forgetful" (who gave the password long ago), "suspended", "support", "admin",
//           "beginner" (an administrator of an installation with nothing in it), "forgetfulAdmin" (as "forgetful"),
//           "founder" (of an installation that is not set up), "waiting" (to confirm an address, where mail is sent),
//           "recipient" (of links, there too), or a visitor
//   path    what to open, or
//   open    a function that goes there by clicking and filling, given the page and who looks at it
//   status  what the server answers, if not 200; only with `path`

import { ACCOUNT } from "./pages/account.mjs";
import { CHANGE } from "./pages/change.mjs";
import { CREATE } from "./pages/create.mjs";
import { ENTRANCE } from "./pages/entrance.mjs";
import { LEAKS } from "./pages/leaks.mjs";
import { LINKS } from "./pages/links.mjs";
import { LIST } from "./pages/list.mjs";
import { REFERENCE } from "./pages/reference.mjs";
import { STAFF_ACCOUNT } from "./pages/staff_account.mjs";
import { STAFF_ACCOUNTS } from "./pages/staff_accounts.mjs";
import { STAFF_AUDIT } from "./pages/staff_audit.mjs";
import { STAFF_INCIDENTS } from "./pages/staff_incidents.mjs";
import { STAFF_OWN_TOKENS } from "./pages/staff_own_tokens.mjs";
import { STAFF_RULES } from "./pages/staff_rules.mjs";
import { STAFF_SERVICES } from "./pages/staff_services.mjs";
import { STAFF_TOKENS } from "./pages/staff_tokens.mjs";
import { TOKEN } from "./pages/token.mjs";

export const PAGES = [
  ...ENTRANCE, ...LINKS, ...LEAKS, ...LIST, ...CREATE, ...TOKEN, ...CHANGE, ...ACCOUNT, ...REFERENCE,
  ...STAFF_ACCOUNT, ...STAFF_ACCOUNTS, ...STAFF_TOKENS, ...STAFF_AUDIT, ...STAFF_INCIDENTS, ...STAFF_RULES,
  ...STAFF_SERVICES, ...STAFF_OWN_TOKENS,
];
