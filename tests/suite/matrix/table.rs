//! The table: one row a route, with what everybody is answered.

/// Everybody who could ask. The owner's token, site or session is what the path names, but for the suspended account,
/// which asks for its own.
pub(super) const ROLES: [&str; 6] = ["nobody", "stranger", "suspended", "support", "admin", "owner"];

/// What one route answers.
pub(super) struct Row {
    pub(super) method: &'static str,
    /// `{id}` is a token's or a session's public id. In the staff area, where everybody who asks is given an account of
    /// its own to ask about, `{account}`, `{token}` and `{session}` are public ids of it and what it has, `{own}` is a staff
    /// token of whoever asks, and `{theirs}` one of another staff member.
    pub(super) path: &'static str,
    /// What the form sends besides its token; `{new}` is something new, `{last4}` what the token's secret ends in.
    pub(super) body: &'static str,
    /// The status for each of [`ROLES`], or where they are sent: `sign-in`.
    wanted: &'static str,
    /// Whether asking ends the session, so that it cannot stand in the walk.
    pub(super) ends_the_session: bool,
}

impl Row {
    /// What the role at this position is answered.
    pub(super) fn wanted(&self, position: usize) -> &'static str {
        let mut answers = self.wanted.split(' ').cycle();
        answers.nth(position).expect("a row says what is answered")
    }

    /// The route, without the parameters that it is asked with.
    pub(super) fn route(&self) -> String {
        let path = self.path.split('?').next().unwrap_or_default();
        format!("{} {path}", self.method)
    }

    /// Whether it is a page for browsers, and not a file or the API.
    pub(super) fn is_panel(&self) -> bool {
        ![
            "/api/",
            "/authz/",
            "/brand/",
            "/execute/",
            "/favicon.",
            "/json-api/",
            "/login",
            "/oauth/",
            "/.well-known/",
        ]
        .iter()
        .any(|beginning| self.path.starts_with(beginning))
    }
}

const fn get(path: &'static str, wanted: &'static str) -> Row {
    Row {
        method: "GET",
        path,
        body: "",
        wanted,
        ends_the_session: false,
    }
}

const fn post(path: &'static str, body: &'static str, wanted: &'static str) -> Row {
    Row {
        method: "POST",
        body,
        ..get(path, wanted)
    }
}

/// A call of the API with a method that no form has.
const fn other(method: &'static str, path: &'static str) -> Row {
    Row {
        method,
        ..get(path, NO_BEARER)
    }
}

/// Nobody, a stranger, the suspended, support, an administrator, the owner.
const ALL: &str = "200";
const SIGNED_IN: &str = "sign-in 200 200 200 200 200";
const CUSTOMERS: &str = "sign-in 200 200 403 403 200";
const OWNER: &str = "sign-in 404 200 403 403 200";
const CHANGE: &str = "sign-in 404 403 403 403 200";
const STAFF: &str = "sign-in 403 403 200 200 403";
const ADMIN: &str = "sign-in 403 403 403 200 403";
const FAULT: &str = "sign-in 403 403 422 422 403";
const DONE: &str = "sign-in 403 403 303 303 403";
const ADMIN_FAULT: &str = "sign-in 403 403 403 422 403";
const ADMIN_DONE: &str = "sign-in 403 403 403 303 403";
const STOP_SEVERAL: &str = "ids={token}&back=&confirm=1&understood=1&reason=Leaked";
const NO_LOGO: &str = "404";
const NO_BEARER: &str = "401";
const NO_PROGRAM: &str = "403";
const GATEWAY_FAULT: &str = "400";

const NEW_TOKEN: &str =
    "name={new}&description=&scope=backups:create&where=all&addresses=&expires=30&date=&creation_key={new}";

const NEW_STAFF_TOKEN: &str = "name={new}&scope=accounts:read&addresses=&expires=30&date=&creation_key={new}";
const NEW_SERVICE: &str = "name={new}&addresses=&creation_key={new}";

pub(super) const ROWS: &[Row] = &[
    get("/", "sign-in 303 303 303 303 303"),
    get("/sign-in", "200 303 303 303 303 303"),
    get("/sign-in/forgot", ALL),
    // No link has this secret.
    get("/link/{secret}", "404"),
    get("/setup", "404"),
    get("/security", SIGNED_IN),
    get("/preferences", SIGNED_IN),
    get("/activity", CUSTOMERS),
    get("/activity.csv", CUSTOMERS),
    get("/tokens", CUSTOMERS),
    get("/tokens.csv", CUSTOMERS),
    get("/tokens/renew", "sign-in 200 403 403 403 200"),
    get("/tokens/revoke?ids={id}", "sign-in 303 403 403 403 200"),
    get("/tokens/new", CUSTOMERS),
    get("/tokens/{id}", OWNER),
    get("/tokens/{id}/usage", OWNER),
    get("/tokens/{id}/history", OWNER),
    get("/tokens/{id}/edit", CHANGE),
    get("/tokens/{id}/edit/save", CHANGE),
    get("/tokens/{id}/renew", CHANGE),
    get("/tokens/{id}/rotate", CHANGE),
    get("/tokens/{id}/revoke", CHANGE),
    post("/sign-in", "username=priya&password=wrong&next=", "422"),
    post("/sign-in/forgot", "username=priya", ALL),
    post("/link/{secret}", "new_password=a", "404"),
    post("/setup", "code=1&name=a&username=a&email=a&password=a", "404"),
    post(
        "/security",
        "current_password=wrong&new_password=also+wrong",
        "sign-in 422 403 422 422 422",
    ),
    post(
        "/security/email",
        "email=new%40mail.example&password=wrong",
        "sign-in 422 403 422 422 422",
    ),
    post("/security/sessions/{id}/end", "", "sign-in 404 303 404 404 303"),
    post("/security/sessions/end-others", "", "sign-in 303 303 303 303 303"),
    post("/preferences", "time_zone=UTC", "sign-in 303 403 403 403 303"),
    post("/preferences/theme", "theme=dark&back=/", "303"),
    post("/tokens/new", "", "sign-in 422 200 403 403 422"),
    post("/tokens", NEW_TOKEN, "sign-in 200 200 403 403 200"),
    post("/tokens/pause", "ids={id}&back=", "sign-in 303 403 403 403 303"),
    post("/tokens/renew", "ids={id}&password=", "sign-in 303 403 403 403 200"),
    post(
        "/tokens/revoke",
        "ids={id}&back=&confirm=1&understood=1",
        "sign-in 303 403 403 403 303",
    ),
    post("/tokens/{id}/edit", "revision=0", "sign-in 404 403 403 403 422"),
    post("/tokens/{id}/edit/save", "revision=0", "sign-in 404 403 403 403 422"),
    post(
        "/tokens/{id}/renew",
        "expires=30&date=&revision=0&password=",
        "sign-in 404 403 403 403 303",
    ),
    post(
        "/tokens/{id}/rotate",
        "overlap=now&revision=0&last4={last4}&password=",
        "sign-in 404 403 403 403 200",
    ),
    post("/tokens/{id}/retire", "last4=", "sign-in 404 403 403 403 303"),
    post("/tokens/{id}/pause", "", "sign-in 404 403 403 403 303"),
    post("/tokens/{id}/resume", "", "sign-in 404 403 403 403 303"),
    post("/tokens/{id}/revoke", "", "sign-in 404 403 403 403 303"),
    Row {
        ends_the_session: true,
        ..post("/sign-out", "", "sign-in 303 303 303 303 303")
    },
    // Whoever asks is a hosting service, and nobody here has its credential.
    post("/oauth/introspect", "token=lk_x", NO_BEARER),
    post("/oauth/revoke", "token=lk_x", ALL),
    get("/.well-known/oauth-authorization-server", ALL),
    // A session is let in with the security token in the path alone.
    get("/execute/{module}/{function}", NO_BEARER),
    post("/execute/{module}/{function}", "", NO_BEARER),
    get("/json-api/cpanel", NO_PROGRAM),
    post("/json-api/cpanel", "", NO_PROGRAM),
    get("/json-api/{function}", NO_PROGRAM),
    post("/json-api/{function}", "", NO_PROGRAM),
    get("/login", "sign-in"),
    post("/login", "user=priya&pass=", NO_BEARER),
    get("/login/", "sign-in"),
    post("/login/", "user=priya&pass=", NO_BEARER),
    get("/staff/accounts", STAFF),
    get("/staff/accounts/new", STAFF),
    post("/staff/accounts/new", "username={username}", FAULT),
    get("/staff/accounts/{account}", STAFF),
    get("/staff/accounts/{account}/change", STAFF),
    post("/staff/accounts/{account}/change", "username={username}", FAULT),
    get("/staff/accounts/{account}/change/save", STAFF),
    post("/staff/accounts/{account}/change/save", "username={username}", FAULT),
    get("/staff/accounts/{account}/suspend", STAFF),
    post("/staff/accounts/{account}/suspend", "reason=Unpaid", DONE),
    // It is not suspended: the page says so.
    get("/staff/accounts/{account}/unsuspend", STAFF),
    post("/staff/accounts/{account}/unsuspend", "reason=", STAFF),
    get("/staff/accounts/{account}/remove", ADMIN),
    post(
        "/staff/accounts/{account}/remove",
        "confirm={username}&reason=Closed&password=",
        "sign-in 403 403 403 303 403",
    ),
    get("/staff/accounts/{account}/sessions", STAFF),
    post("/staff/accounts/{account}/sessions/end", "", DONE),
    post("/staff/accounts/{account}/sessions/{session}/end", "", DONE),
    // The account was never given a password: the page shows its invitation, as no mail is sent.
    post("/staff/accounts/{account}/link", "", STAFF),
    post("/staff/accounts/{account}/unblock", "", DONE),
    get("/staff/accounts/{account}/activity", STAFF),
    get("/staff/accounts/{account}/activity.csv", STAFF),
    get("/staff/accounts/{account}/notes", STAFF),
    post("/staff/accounts/{account}/notes", "note=Called+back", DONE),
    get("/staff/members", ADMIN),
    get("/staff/members/new", ADMIN),
    post("/staff/members/new", "name=", ADMIN_FAULT),
    get("/staff/members/{member}", ADMIN),
    post("/staff/members/{member}", "name=", ADMIN_FAULT),
    get("/staff/members/{member}/deactivate", ADMIN),
    post("/staff/members/{member}/deactivate", "", ADMIN_DONE),
    get("/staff/members/{member}/reactivate", ADMIN),
    // They are not deactivated.
    post("/staff/members/{member}/reactivate", "", "sign-in 403 403 403 409 403"),
    get("/staff/members/{member}/invite", ADMIN),
    post("/staff/members/{member}/invite", "", ADMIN_DONE),
    get("/staff/services", ADMIN),
    get("/staff/services/new", ADMIN),
    post("/staff/services/new", NEW_SERVICE, ADMIN),
    get("/staff/services/{service}/revoke", ADMIN),
    post("/staff/services/{service}/revoke", "", ADMIN_DONE),
    get("/staff/policy", ADMIN),
    post("/staff/policy", "never_allowed=true", ADMIN_DONE),
    get("/staff/plans", ADMIN),
    get("/staff/plans/new", ADMIN),
    post("/staff/plans/new", "name=", ADMIN_FAULT),
    get("/staff/plans/{plan}", ADMIN),
    post("/staff/plans/{plan}", "name=", ADMIN_FAULT),
    get("/staff/plans/{plan}/remove", ADMIN),
    post("/staff/plans/{plan}/remove", "", ADMIN_DONE),
    get("/staff/identify", STAFF),
    post("/staff/identify", "pasted=nothing", FAULT),
    get("/staff/accounts/{account}/tokens", STAFF),
    get("/staff/accounts/{account}/tokens/pause?ids={token}", STAFF),
    get("/staff/accounts/{account}/tokens/revoke?ids={token}", STAFF),
    get("/staff/accounts/{account}/tokens/revoke-all", STAFF),
    get("/staff/accounts/{account}/tokens/{token}", STAFF),
    get("/staff/accounts/{account}/tokens/{token}/usage", STAFF),
    get("/staff/accounts/{account}/tokens/{token}/history", STAFF),
    get("/staff/accounts/{account}/tokens/{token}/pause", STAFF),
    get("/staff/accounts/{account}/tokens/{token}/resume", STAFF),
    get("/staff/accounts/{account}/tokens/{token}/shorten", STAFF),
    get("/staff/accounts/{account}/tokens/{token}/revoke", STAFF),
    get("/staff/accounts/{account}/tokens/{token}/leaked", STAFF),
    post("/staff/accounts/{account}/tokens/pause", STOP_SEVERAL, DONE),
    post("/staff/accounts/{account}/tokens/revoke", STOP_SEVERAL, DONE),
    post(
        "/staff/accounts/{account}/tokens/revoke-all",
        "username={username}&reason=Leaked&password=",
        DONE,
    ),
    post("/staff/accounts/{account}/tokens/{token}/pause", "reason=Leaked", DONE),
    // It is not paused, which is no fault of whoever asks.
    post(
        "/staff/accounts/{account}/tokens/{token}/resume",
        "reason=Leaked",
        STAFF,
    ),
    post(
        "/staff/accounts/{account}/tokens/{token}/shorten",
        "expires=30&date=&reason=Leaked",
        DONE,
    ),
    post("/staff/accounts/{account}/tokens/{token}/revoke", "reason=Leaked", DONE),
    post("/staff/accounts/{account}/tokens/{token}/leaked", "reason=Leaked", DONE),
    get("/staff/audit", STAFF),
    get("/staff/audit/refusals", STAFF),
    get("/staff/audit.csv", STAFF),
    get("/staff/audit.jsonl", STAFF),
    get("/staff/tokens", STAFF),
    get("/staff/tokens/new", STAFF),
    post("/staff/tokens/new", NEW_STAFF_TOKEN, STAFF),
    get("/staff/tokens/{own}", STAFF),
    post("/staff/tokens/{own}", "revision=0", FAULT),
    get("/staff/tokens/{own}/revoke", STAFF),
    post("/staff/tokens/{own}/revoke", "", DONE),
    get("/staff/members/{member}/tokens/{theirs}/revoke", ADMIN),
    post("/staff/members/{member}/tokens/{theirs}/revoke", "", ADMIN_DONE),
    get("/staff/incidents", ADMIN),
    post("/staff/incidents", "action=pause", ADMIN_FAULT),
    get("/staff/incidents/new", ADMIN),
    get("/staff/incidents/{run}", ADMIN),
    post("/staff/incidents/{run}/stop", "", ADMIN_DONE),
    get("/brand/logo", NO_LOGO),
    get("/brand/accent.css", NO_LOGO),
    get("/favicon.svg", ALL),
    get("/favicon.ico", ALL),
    // No problem has this code.
    get("/problems/{code}", "404"),
    get("/reference", ALL),
    // There is no such call.
    get("/reference/{call}", "404"),
    // A browser says nothing of what a gateway has to say.
    get("/authz/nginx", "403"),
    get("/authz/forward", GATEWAY_FAULT),
    get("/authz/envoy/{path}", GATEWAY_FAULT),
    get("/authz/envoy-for/{needs}/{path}", GATEWAY_FAULT),
    get("/leaks", ALL),
    post(
        "/leaks",
        "pasted=lk_EXAMPLE1_0000000000000000000000000000000019WjLP&place=",
        "303",
    ),
    get("/.well-known/api-tokens.json", ALL),
    get("/api/openapi.json", ALL),
    get("/api/v1/account", NO_BEARER),
    get("/api/v1/catalogue", NO_BEARER),
    get("/api/v1/tokens", NO_BEARER),
    post("/api/v1/tokens", "", NO_BEARER),
    get("/api/v1/tokens/{id}", NO_BEARER),
    Row {
        method: "PATCH",
        ..get("/api/v1/tokens/{id}", NO_BEARER)
    },
    Row {
        method: "DELETE",
        ..get("/api/v1/tokens/{id}", NO_BEARER)
    },
    post("/api/v1/tokens/{id}/renew", "", NO_BEARER),
    post("/api/v1/tokens/{id}/rotate", "", NO_BEARER),
    post("/api/v1/tokens/{id}/retire", "", NO_BEARER),
    post("/api/v1/tokens/{id}/pause", "", NO_BEARER),
    post("/api/v1/tokens/{id}/resume", "", NO_BEARER),
    get("/api/v1/tokens/{id}/usage", NO_BEARER),
    get("/api/v1/tokens/{id}/history", NO_BEARER),
    get("/api/v1/accounts", NO_BEARER),
    post("/api/v1/accounts", "", NO_BEARER),
    get("/api/v1/accounts/{id}", NO_BEARER),
    other("PATCH", "/api/v1/accounts/{id}"),
    other("DELETE", "/api/v1/accounts/{id}"),
    post("/api/v1/accounts/{id}/suspend", "", NO_BEARER),
    post("/api/v1/accounts/{id}/unsuspend", "", NO_BEARER),
    post("/api/v1/accounts/{id}/sign-in-link", "", NO_BEARER),
    post("/api/v1/accounts/{id}/password-link", "", NO_BEARER),
    post("/api/v1/accounts/{id}/password", "", NO_BEARER),
    get("/api/v1/accounts/{id}/tokens", NO_BEARER),
    post("/api/v1/accounts/{id}/tokens/revoke-all", "", NO_BEARER),
    get("/api/v1/accounts/{id}/tokens/{token}", NO_BEARER),
    post("/api/v1/accounts/{id}/tokens/{token}/pause", "", NO_BEARER),
    post("/api/v1/accounts/{id}/tokens/{token}/resume", "", NO_BEARER),
    post("/api/v1/accounts/{id}/tokens/{token}/shorten", "", NO_BEARER),
    post("/api/v1/accounts/{id}/tokens/{token}/revoke", "", NO_BEARER),
    get("/api/v1/audit", NO_BEARER),
    get("/api/v1/policy", NO_BEARER),
    other("PUT", "/api/v1/policy"),
    get("/api/v1/plans", NO_BEARER),
    post("/api/v1/plans", "", NO_BEARER),
    get("/api/v1/plans/{id}", NO_BEARER),
    other("PUT", "/api/v1/plans/{id}"),
    other("DELETE", "/api/v1/plans/{id}"),
    get("/api/v1/staff/token", NO_BEARER),
    get("/api/v1/staff/tokens", NO_BEARER),
    post("/api/v1/staff/tokens", "", NO_BEARER),
    get("/api/v1/staff/tokens/{id}", NO_BEARER),
    other("PATCH", "/api/v1/staff/tokens/{id}"),
    other("DELETE", "/api/v1/staff/tokens/{id}"),
    post("/api/v1/decide", "", NO_BEARER),
    get("/api/v1/token", NO_BEARER),
    Row {
        method: "DELETE",
        ..get("/api/v1/token", NO_BEARER)
    },
];
