//! Who reaches what: every route of the source, for everybody who could ask, as [`table`] says.

mod about;
mod table;
mod values;

use latchkey::{
    app::tokens::create::CREATION_KEY_LENGTH,
    domain::{account::Account, staff::Role},
    store::{accounts, audit},
    web::authz,
};
use time::Duration;

pub(crate) use self::about::open_session;
use self::{
    about::about_anew,
    table::{ROLES, ROWS, Row},
    values::no_value_breaks_a_form,
};
use crate::support::{Browser, Minted, Page, Request, World, mint};

on_both!(
    everybody_reaches_what_the_table_says,
    forms_of_other_sites_change_nothing,
    a_form_with_a_field_more_is_refused,
    no_value_breaks_a_form,
);

/// The pages that a customer opens without naming anything.
pub(crate) fn pages() -> impl Iterator<Item = &'static str> {
    let page = |row: &&Row| row.method == "GET" && row.is_panel() && !row.path.contains(['{', '.']);
    ROWS.iter().filter(page).map(|row| row.path)
}

/// The calls of the API, as `GET /api/v1/token`.
pub(crate) fn calls() -> impl Iterator<Item = String> {
    ROWS.iter().map(Row::route).filter(|route| route.contains(" /api/v1/"))
}

/// The methods and paths that the sources configure, as `GET /tokens/{id}/edit`.
fn configured() -> Vec<String> {
    let files = [
        ("", "/tokens/{id}", include_str!("../../src/web/routes.rs")),
        (
            "",
            "/staff/accounts/{account}",
            include_str!("../../src/web/routes/staff.rs"),
        ),
        ("", "", include_str!("../../src/web/pages/brand.rs")),
        ("", "", include_str!("../../src/web/api/well_known.rs")),
        ("", "", include_str!("../../src/web/api/reference/mod.rs")),
        ("/api/v1", "", include_str!("../../src/web/api/mod.rs")),
        ("/api/v1", "", include_str!("../../src/web/api/v1_tokens/mod.rs")),
        ("/api/v1", "", include_str!("../../src/web/api/v1_accounts/mod.rs")),
        ("/api/v1", "", include_str!("../../src/web/api/v1_policy/mod.rs")),
        ("/api/v1", "", include_str!("../../src/web/api/v1_staff/mod.rs")),
        ("", "", include_str!("../../src/web/oauth/mod.rs")),
        ("", "", include_str!("../../src/web/cpanel/mod.rs")),
    ];
    let mut found: Vec<String> = files
        .iter()
        .flat_map(|(prefix, one, text)| in_source(prefix, one, text))
        .collect();
    // Whatever the method.
    found.extend(authz::ROUTES.map(|path| format!("GET {path}")));
    found.sort();
    found
}

/// A route stands there as `resource("/path").get(..).post(..)`, or `path("/rest")` for what follows the address of `one`
/// thing, such as `/tokens/{id}`.
fn in_source(prefix: &str, one: &str, text: &str) -> Vec<String> {
    let constants = [("(LOGO)", "(\"/brand/logo\")"), ("(ACCENT)", "(\"/brand/accent.css\")")];
    let text = constants
        .iter()
        .fold(text.to_owned(), |text, (name, path)| text.replace(name, path));
    let mut routes = Vec::new();
    for (opening, base) in [("resource(\"", prefix), ("(path(\"", one)] {
        // Line ends and blanks go, because the formatter sets a long path on a line of its own.
        let dense: String = text.split_whitespace().collect();
        for part in dense.split(opening).skip(1) {
            let (path, rest) = part.split_once('"').expect("a path ends");
            let own = rest
                .split("resource(\"")
                .next()
                .and_then(|rest| rest.split("(path(\"").next());
            for method in ["get", "post", "put", "patch", "delete"] {
                if own.is_some_and(|own| own.contains(&format!(".{method}("))) {
                    routes.push(format!("{} {base}{path}", method.to_uppercase()));
                }
            }
        }
    }
    routes
}

#[test]
fn the_table_has_every_route_and_no_other() {
    let mut rows: Vec<String> = ROWS.iter().map(Row::route).collect();
    rows.sort();
    assert_eq!(rows, configured());
}

/// Everybody, signed in.
struct Cast {
    owner: Account,
    suspended: Account,
    /// In the order of [`ROLES`].
    browsers: Vec<Browser>,
    /// A token of the owner and one of the suspended account, to look at; its secret.
    tokens: [Minted; 2],
}

impl Cast {
    fn of(world: &World) -> Self {
        let (owner, suspended) = (world.customer("priya"), world.customer("lena"));
        world.customer("mallory");
        world.staff("asha", Role::Support);
        world.staff("meera", Role::Admin);
        let browser = |username: &str| {
            let browser = world.browser();
            browser.sign_in(username);
            browser
        };
        let mut browsers = vec![world.browser()];
        browsers.extend(["mallory", "lena", "asha", "meera", "priya"].map(browser));
        let now = world.app.now();
        let done = world.app.store.write_here(|connection| {
            accounts::put_suspension(connection, suspended.id, Some((now, "the invoice is open")))
        });
        assert!(done.unwrap());
        Self {
            browsers,
            tokens: [
                mint(&world.app, owner.id, |_| ()),
                mint(&world.app, suspended.id, |_| ()),
            ],
            owner,
            suspended,
        }
    }

    /// The row's path and body for a new object: the suspended account's own, the owner's for everybody else.
    fn about(&self, world: &World, row: &Row, role: &str) -> (String, String) {
        let account = if role == "suspended" {
            &self.suspended
        } else {
            &self.owner
        };
        let body = row
            .body
            .replace("{new}", &world.clock.random_base62(CREATION_KEY_LENGTH));
        if row.path.starts_with("/security/sessions/{id}") {
            return (row.path.replace("{id}", &open_session(world, account)), body);
        }
        if row.path.starts_with("/staff/") {
            return about_anew(world, row, role, body);
        }
        if !row.path.contains("{id}") && !body.contains("{id}") {
            return (row.path.to_owned(), body);
        }
        let looked_at = &self.tokens[usize::from(role == "suspended")].token;
        let token = match row.method {
            "GET" => looked_at.clone(),
            _ => mint(&world.app, account.id, |_| ()).token,
        };
        (
            row.path.replace("{id}", token.public_id.as_str()),
            body.replace("{last4}", &token.last4)
                .replace("{id}", token.public_id.as_str()),
        )
    }
}

/// The form token that this browser's pages carry.
fn form_token(browser: &Browser) -> String {
    let page = browser.get("/no/such/page");
    let form = page.form("/preferences/theme");
    form.values("form_token")[0].to_owned()
}

fn request(browser: &Browser, row: &Row, (path, body): &(String, String), form_token: Option<&str>) -> Request {
    if row.method != "POST" {
        return browser.request(row.method, path);
    }
    let token = form_token.map(|token| format!("form_token={token}"));
    let fields: Vec<&str> = token
        .as_deref()
        .into_iter()
        .chain([body.as_str()])
        .filter(|part| !part.is_empty())
        .collect();
    browser.form_request("POST", path, &fields.join("&"))
}

/// Where a page leads to, or how it answers.
fn outcome(page: &Page) -> String {
    match (page.status(), page.header("Location")) {
        (303, Some(to)) if to.starts_with("/sign-in") => "sign-in".to_owned(),
        (status, _) => status.to_string(),
    }
}

fn everybody_reaches_what_the_table_says(world: &World) {
    let cast = Cast::of(world);
    let mut wrong = Vec::new();
    for row in ROWS.iter().filter(|row| !row.ends_the_session) {
        for (position, role) in ROLES.iter().enumerate() {
            let (browser, about) = (&cast.browsers[position], cast.about(world, row, role));
            let token = (row.method == "POST").then(|| form_token(browser));
            let before = events(world, &cast.owner);
            let page = browser.send(&request(browser, row, &about, token.as_deref()));
            if *role != "owner" && events(world, &cast.owner) != before {
                wrong.push(format!(
                    "{} {} as {role} changed what is the owner's",
                    row.method, row.path
                ));
            }
            let (found, wanted) = (outcome(&page), row.wanted(position));
            if found != wanted {
                wrong.push(format!(
                    "{} {} as {role}: {found}, not {wanted}: {}",
                    row.method,
                    row.path,
                    page.heading()
                ));
            }
        }
        // A token opens no page.
        if row.is_panel() {
            let minted = &cast.tokens[0];
            let about = (
                row.path
                    .replace("{id}", minted.token.public_id.as_str())
                    .replace("{account}", &cast.owner.public_id)
                    .replace("{plan}", "none")
                    .replace("{member}", "none")
                    .replace("{service}", "none")
                    .replace("{own}", "none")
                    .replace("{theirs}", "none")
                    .replace("{token}", minted.token.public_id.as_str()),
                row.body.to_owned(),
            );
            let bearer = format!("Bearer {}", minted.secret);
            let visitor = world.browser();
            let token = (row.method == "POST").then(|| form_token(&visitor));
            let page = visitor.send(&request(&visitor, row, &about, token.as_deref()).header("Authorization", &bearer));
            if outcome(&page) != row.wanted(0) {
                wrong.push(format!("{} {} with a token: {}", row.method, row.path, outcome(&page)));
            }
        }
        world.clock.advance(Duration::seconds(1));
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// How many events the account has: nothing is changed without one.
fn events(world: &World, account: &Account) -> usize {
    let query = audit::Query {
        limit: 10_000,
        ..audit::Query::default()
    };
    world
        .app
        .store
        .read_here(|connection| audit::list(connection, account.id, &query))
        .unwrap()
        .len()
}

/// The end of all that happened: it moves with every change.
fn last_event(world: &World) -> String {
    let head = world.app.store.read_here(audit::chain::head).unwrap();
    head.map_or_else(String::new, |head| head.to_string())
}

/// Every form, with who may send it and what about.
fn forms<'a>(world: &'a World, cast: &'a Cast) -> impl Iterator<Item = (&'static Row, &'a Browser, (String, String))> {
    let rows = ROWS.iter().filter(|row| row.method == "POST" && row.is_panel());
    rows.map(|row| {
        let role = if row.path.starts_with("/staff/") {
            "admin"
        } else {
            "owner"
        };
        let position = ROLES.iter().position(|other| *other == role).unwrap();
        (row, &cast.browsers[position], cast.about(world, row, role))
    })
}

fn forms_of_other_sites_change_nothing(world: &World) {
    let cast = Cast::of(world);
    for (row, sender, about) in forms(world, &cast) {
        let (path, before) = (&about.0, last_event(world));
        let token = form_token(sender);
        let elsewhere = request(sender, row, &about, Some(&token))
            .without("Sec-Fetch-Site")
            .without("Origin")
            .header("Sec-Fetch-Site", "cross-site")
            .header("Origin", "https://evil.example");
        assert_eq!(sender.send(&elsewhere).status(), 403, "{path} from another site");
        let unsaid = request(sender, row, &about, Some(&token))
            .without("Sec-Fetch-Site")
            .without("Origin");
        assert_eq!(sender.send(&unsaid).status(), 403, "{path} from nowhere");
        for sent in [None, Some("AAAA")] {
            let page = sender.send(&request(sender, row, &about, sent));
            // A form with a page of its own is shown again, filled in.
            let back = |to: &str| {
                let page = to.split('?').next().unwrap_or_default();
                page.len() > 1 && (page.starts_with(path.as_str()) || path.starts_with(page))
            };
            let shown = page.status() == 303 && page.header("Location").is_some_and(back);
            assert!(
                page.status() == 403 || shown,
                "{path} with the token {sent:?}: {}",
                page.status()
            );
        }
        assert_eq!(last_event(world), before, "{path}");
    }
}

fn a_form_with_a_field_more_is_refused(world: &World) {
    let cast = Cast::of(world);
    for (row, sender, (path, body)) in forms(world, &cast) {
        let before = last_event(world);
        let about = (path, format!("{body}&surplus=1"));
        let page = sender.send(&request(sender, row, &about, Some(&form_token(sender))));
        assert_eq!(page.status(), 400, "{}", about.0);
        assert_eq!(last_event(world), before, "{}", about.0);
    }
}
