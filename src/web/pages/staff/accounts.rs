//! `/staff/accounts`: finding an account.

mod parameters;

use actix_web::{HttpRequest, HttpResponse, http::StatusCode};
use askama::Template;

use self::parameters::{Parameters, QUIET, STATUSES, TOKENS};
use super::account::standing_badge;
use crate::{
    app::accounts::{
        self,
        list::{self, COUNTED, LOOKED_AT, Listing, PAGE},
    },
    clock::TimeZone,
    domain::secret::{PREFIX, looks_like_token},
    store::accounts::list::{ListedAccount, Place},
    web::{
        error::WebError,
        guard::Staff,
        layout::Layout,
        notice::{Notice, NoticeCode},
        times::{self, When},
        words::{Badge, counted, grouped},
    },
};

/// An account in the list.
struct Row {
    id: String,
    username: String,
    site: String,
    email: String,
    plan: String,
    badge: Badge,
    tokens: String,
    signed_in: Option<When>,
}

/// The token whose id was searched for.
struct FoundToken {
    hint: String,
    name: String,
    account: String,
    username: String,
}

/// An entry of a choice: its code, its words, and whether it is the chosen one.
type Choice = (String, String, bool);

#[derive(Template)]
#[template(path = "staff/accounts/list.html")]
struct AccountsPage {
    page: Layout,
    search: String,
    statuses: Vec<Choice>,
    plans: Vec<Choice>,
    tokens: Vec<Choice>,
    quiets: Vec<Choice>,
    heading: String,
    order_words: &'static str,
    rows: Vec<Row>,
    token: Option<FoundToken>,
    /// As many names were looked at, when there are more.
    looked_at: String,
    /// Whether anything but a search limits the list.
    filtered: bool,
    /// The address of the new account that a search finding nothing may mean, and its name; empty when it means none.
    create: String,
    unsearched: String,
    previous: String,
    next: String,
    range: String,
}

/// `GET /staff/accounts`
pub async fn show(staff: Staff, request: HttpRequest) -> Result<HttpResponse, WebError> {
    let mut parameters = Parameters::read(request.query_string());
    if looks_like_token(&parameters.typed) {
        let notice = Notice::new(NoticeCode::TokenInSearch);
        return Ok(staff.visit.go("/staff/identify", Some(&notice)));
    }
    let app = &staff.visit.app;
    let plans = accounts::plan_names(app).await?;
    parameters.wanted.plan.take_if(|plan| !plans.contains(plan));
    let listing = list::page(app, &staff.caller, parameters.wanted.clone(), PAGE).await?;
    let page = AccountsPage::new(&staff, &parameters, &plans, &listing);
    staff.visit.page(StatusCode::OK, &page)
}

impl AccountsPage {
    fn new(staff: &Staff, parameters: &Parameters, plans: &[String], listing: &Listing) -> Self {
        let (wanted, zone) = (&parameters.wanted, staff.zone());
        let to = |place: &Place| match place {
            Place::First => String::new(),
            place => parameters.at(place.clone()).address(),
        };
        let rows: Vec<Row> = listing.rows.iter().map(|account| Row::new(account, &zone)).collect();
        let filtered = parameters.is_filtered();
        let create = Some(parameters.create_address()).filter(|_| rows.is_empty() && !filtered);
        Self {
            page: staff.layout("Accounts", "accounts"),
            search: parameters.typed.clone(),
            statuses: choices(&STATUSES, wanted.which),
            plans: plan_choices(plans, wanted.plan.as_deref()),
            tokens: choices(&TOKENS, wanted.expiring),
            quiets: choices(&QUIET, wanted.quiet_days),
            heading: heading(listing),
            order_words: match wanted.quiet_days {
                Some(_) => "the longest without a sign-in first",
                None => "by user name",
            },
            token: listing.token.as_ref().map(|token| FoundToken {
                hint: format!("{PREFIX}{}", token.id),
                name: token.name.to_string(),
                account: token.account_id.clone(),
                username: token.username.clone(),
            }),
            looked_at: if listing.too_many {
                number(LOOKED_AT)
            } else {
                String::new()
            },
            create: create.unwrap_or_default(),
            filtered,
            unsearched: parameters.unsearched().address(),
            previous: to(&listing.previous),
            next: to(&listing.next),
            range: accounts_in_words(rows.len()) + " on this page",
            rows,
        }
    }
}

impl Row {
    fn new(account: &ListedAccount, zone: &TimeZone) -> Self {
        Self {
            id: account.public_id.clone(),
            username: account.username.to_string(),
            site: account.main_site.as_ref().map(ToString::to_string).unwrap_or_default(),
            email: account.email.to_string(),
            plan: account.plan.clone(),
            badge: standing_badge(account.suspended),
            tokens: grouped(u64::try_from(account.live_tokens).unwrap_or_default()),
            signed_in: account.last_sign_in.map(|at| times::when(zone, at)),
        }
    }
}

fn choices<T: Copy + PartialEq>(known: &[(T, &str, &str)], chosen: T) -> Vec<Choice> {
    let choice = |(value, code, words): &(T, &str, &str)| ((*code).to_owned(), (*words).to_owned(), *value == chosen);
    known.iter().map(choice).collect()
}

fn plan_choices(plans: &[String], chosen: Option<&str>) -> Vec<Choice> {
    let any = (String::new(), "Any plan".to_owned(), chosen.is_none());
    let one = |plan: &String| (plan.clone(), plan.clone(), chosen == Some(plan));
    std::iter::once(any).chain(plans.iter().map(one)).collect()
}

fn number(count: usize) -> String {
    grouped(u64::try_from(count).unwrap_or(u64::MAX))
}

fn accounts_in_words(count: usize) -> String {
    counted(i64::try_from(count).unwrap_or(i64::MAX), "account")
}

/// `213 accounts`, `More than 1,000 accounts`.
fn heading(listing: &Listing) -> String {
    if listing.found > COUNTED {
        format!("More than {} accounts", number(COUNTED))
    } else {
        accounts_in_words(listing.found)
    }
}
