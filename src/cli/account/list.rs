//! `latchkey account list`: accounts by what they are called and how they are.

use clap::ValueEnum;
use serde::Serialize;

use crate::{
    app::{
        App, AppError, Caller, Rule,
        accounts::{
            self,
            list::{self, Wanted},
        },
    },
    cli::{
        login::refusal,
        output::{self, CommandError},
    },
    domain::{secret::looks_like_token, site::SiteName},
    store::accounts::list::{ListedAccount, Place, Which},
    web::times::iso,
};

/// Accounts that are read at once.
const AT_ONCE: usize = 1_000;

/// List accounts, by user name
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  latchkey account list --search shop.example
  latchkey account list --status suspended --plan starter --json
  latchkey account list --quiet 180 --limit 20")]
pub(super) struct Arguments {
    /// Only those with a user name, e-mail address or site of which a word begins so, or with the token of this public id
    #[arg(long, value_name = "TEXT")]
    search: Option<String>,
    /// Only those that may be used, or only those that are suspended
    #[arg(long)]
    status: Option<Status>,
    /// Only those on this plan
    #[arg(long, value_name = "NAME")]
    plan: Option<String>,
    #[arg(long, help = "Only those with a token that expires within 7 days")]
    expiring: bool,
    /// Only those without a sign-in for so many days, the longest quiet first
    #[arg(long, value_name = "DAYS")]
    quiet: Option<u16>,
    /// So many at most [default: all]
    #[arg(long, value_name = "NUMBER")]
    limit: Option<usize>,
    #[arg(long, help = "Answer with one JSON array")]
    json: bool,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum Status {
    Active,
    Suspended,
}

#[derive(Serialize)]
struct Shown<'a> {
    id: &'a str,
    username: &'a str,
    email: String,
    status: &'static str,
    plan: &'a str,
    main_site: Option<&'a str>,
    live_tokens: i64,
    last_sign_in_at: Option<String>,
}

impl<'a> From<&'a ListedAccount> for Shown<'a> {
    fn from(account: &'a ListedAccount) -> Self {
        Self {
            id: &account.public_id,
            username: account.username.as_str(),
            email: account.email.to_string(),
            status: if account.suspended { "suspended" } else { "active" },
            plan: &account.plan,
            main_site: account.main_site.as_ref().map(SiteName::as_str),
            live_tokens: account.live_tokens,
            last_sign_in_at: account.last_sign_in.map(iso),
        }
    }
}

impl Arguments {
    fn wanted(&self) -> Wanted {
        Wanted {
            search: self.search.clone().unwrap_or_default(),
            which: match self.status {
                None => Which::All,
                Some(Status::Active) => Which::Active,
                Some(Status::Suspended) => Which::Suspended,
            },
            plan: self.plan.clone(),
            expiring: self.expiring,
            quiet_days: self.quiet,
            place: Place::First,
        }
    }
}

pub(super) async fn run(arguments: &Arguments, app: &App) -> Result<(), CommandError> {
    let mut wanted = arguments.wanted();
    if looks_like_token(&wanted.search) {
        return Err(CommandError::Failed(
            "--search takes the public id of a token, and never the token itself: whoever lists the processes of this \
             machine may have read it."
                .to_owned(),
        ));
    }
    let (mut left, mut found, mut too_many) = (arguments.limit.unwrap_or(usize::MAX), Vec::new(), false);
    while left > 0 {
        let page = list::page(app, &Caller::shell(), wanted.clone(), left.min(AT_ONCE)).await;
        let page = match page {
            Ok(page) => page,
            Err(error) => return Err(refused(app, &error).await),
        };
        left = left.saturating_sub(page.rows.len());
        too_many = page.too_many;
        found.extend(page.rows);
        wanted.place = page.next;
        if wanted.place == Place::First {
            break;
        }
    }
    print(&found, arguments.json);
    if too_many {
        output::message(format_args!(
            "More than {} names begin with that. Only the first ones were looked at.",
            list::LOOKED_AT
        ));
    }
    Ok(())
}

async fn refused(app: &App, error: &AppError) -> CommandError {
    match (error, accounts::plan_names(app).await) {
        (AppError::Rule(rule), Ok(plans)) if matches!(**rule, Rule::UnknownPlan) => CommandError::Failed(format!(
            "There is no such plan. Choose with --plan from: {}.",
            plans.join(", ")
        )),
        _ => refusal("The accounts cannot be read", error),
    }
}

fn print(found: &[ListedAccount], json: bool) {
    let shown: Vec<Shown<'_>> = found.iter().map(Shown::from).collect();
    if json {
        output::json(&shown);
        return;
    }
    for account in &shown {
        output::line(format_args!(
            "{:<16}  {:<9}  {:<12}  {:>4} tokens  {:<24}  {}",
            account.username,
            account.status,
            account.plan,
            account.live_tokens,
            account.main_site.unwrap_or("no site"),
            account.email
        ));
    }
    if shown.is_empty() {
        output::message("There is no such account. Make one with: latchkey account create");
    }
}
