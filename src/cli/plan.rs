//! `latchkey plan`: shows, makes, changes and removes plans.

use serde::Serialize;

use super::{
    Context,
    login::{refusal, with_app},
    output::{self, CommandError},
    rules::{Flags, How, Touched, policy_json, print_impact, print_policy},
};
use crate::{
    app::{
        App, AppError, Caller, Rule,
        policy::{
            self,
            plans::{self, ListedPlan},
        },
    },
    domain::{
        policy::{Plan, PlanName, Policy},
        scope::ScopeSet,
    },
};

/// Show, make, change and remove plans
#[derive(Debug, clap::Args)]
pub(super) struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, clap::Subcommand)]
enum Command {
    /// List every plan
    List {
        #[arg(long, help = "Answer with one JSON array")]
        json: bool,
    },
    /// Show one plan
    Show {
        /// Name of the plan
        name: String,
        #[arg(long, help = "Answer with one JSON object")]
        json: bool,
    },
    Create(Create),
    Change(Change),
    /// Remove a plan that no account is on
    Remove {
        /// Name of the plan
        name: String,
        #[arg(long, help = "Answer with one JSON object")]
        json: bool,
    },
}

/// Make a plan
#[derive(Debug, clap::Args)]
#[command(after_help = "Example:
  latchkey plan create starter --scopes \"backups:create files:read\" --max-tokens 10")]
struct Create {
    /// Name of the plan
    name: PlanName,
    /// What tokens of its accounts can do: scopes separated by spaces, or * for everything
    #[arg(long, default_value = ScopeSet::FULL)]
    scopes: ScopeSet,
    #[command(flatten)]
    rules: Flags,
    #[arg(long, help = "Answer with one JSON object")]
    json: bool,
}

/// Change a plan; what is not named stays
#[derive(Debug, clap::Args)]
#[command(after_help = "Example:
  latchkey plan change starter --max-lifetime 90 --dry-run")]
struct Change {
    /// Name of the plan
    name: String,
    /// Another name for it
    #[arg(long, value_name = "NAME")]
    rename: Option<PlanName>,
    /// What tokens of its accounts can do: scopes separated by spaces, or * for everything
    #[arg(long)]
    scopes: Option<ScopeSet>,
    #[command(flatten)]
    rules: Flags,
    #[command(flatten)]
    how: How,
}

#[derive(Serialize)]
struct Shown<'a> {
    id: &'a str,
    name: &'a str,
    scopes: String,
    policy: serde_json::Value,
    accounts: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    changed: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    touches: Option<Touched>,
}

fn shown(plan: &Plan, accounts: u64) -> Shown<'_> {
    Shown {
        id: &plan.public_id,
        name: &plan.name,
        scopes: plan.scopes.to_string(),
        policy: policy_json(&plan.policy),
        accounts,
        changed: None,
        touches: None,
    }
}

fn print(plan: &Plan, accounts: u64) {
    output::line(format_args!("{:<24} {}", "name", plan.name));
    output::line(format_args!("{:<24} {}", "scopes", plan.scopes));
    print_policy(&plan.policy);
    output::line(format_args!("{:<24} {accounts}", "accounts"));
}

pub(super) fn run(arguments: &Arguments, context: &Context) -> Result<(), CommandError> {
    match &arguments.command {
        Command::List { json } => with_app(context, async |app| list(app, *json).await),
        Command::Show { name, json } => with_app(context, async |app| {
            let ListedPlan { plan, accounts } = find(app, name).await?;
            if *json {
                output::json(&shown(&plan, accounts));
            } else {
                print(&plan, accounts);
            }
            Ok(())
        }),
        Command::Create(arguments) => create(arguments, context),
        Command::Change(arguments) => change(arguments, context),
        Command::Remove { name, json } => with_app(context, async |app| {
            let found = find(app, name).await?;
            let done = plans::remove(app, &Caller::shell(), &found.plan.public_id).await;
            done.map_err(|error| refused("The plan was not removed", &error))?;
            if *json {
                output::json(&shown(&found.plan, 0));
            } else {
                output::line(format_args!("The plan {name} was removed."));
            }
            Ok(())
        }),
    }
}

async fn find(app: &App, name: &str) -> Result<ListedPlan, CommandError> {
    let all = plans::list(app, &Caller::shell()).await;
    let all = all.map_err(|error| refusal("The plans cannot be read", &error))?;
    let found = all.into_iter().find(|listed| listed.plan.name == name);
    found.ok_or_else(|| {
        CommandError::Failed(format!(
            "There is no plan {name}. See them all with: latchkey plan list"
        ))
    })
}

async fn list(app: &App, json: bool) -> Result<(), CommandError> {
    let all = plans::list(app, &Caller::shell()).await;
    let all = all.map_err(|error| refusal("The plans cannot be read", &error))?;
    if json {
        let all: Vec<_> = all.iter().map(|listed| shown(&listed.plan, listed.accounts)).collect();
        output::json(&all);
        return Ok(());
    }
    for ListedPlan { plan, accounts } in all {
        let scopes = if plan.scopes.is_full() {
            "everything".to_owned()
        } else {
            format!("{} scopes", plan.scopes.len())
        };
        output::line(format_args!("{:<24} {scopes:<12} {accounts:>8} accounts", plan.name));
    }
    Ok(())
}

fn create(arguments: &Create, context: &Context) -> Result<(), CommandError> {
    with_app(context, async |app| {
        let plan = Plan {
            public_id: String::new(),
            name: arguments.name.as_str().to_owned(),
            scopes: arguments.scopes.clone(),
            policy: arguments.rules.apply(&Policy::default())?,
        };
        let made = plans::create(app, &Caller::shell(), &plan).await;
        let plan = made.map_err(|error| refused("The plan was not made", &error))?;
        if arguments.json {
            output::json(&shown(&plan, 0));
        } else {
            output::line("The plan was made.");
            print(&plan, 0);
        }
        Ok(())
    })
}

fn change(arguments: &Change, context: &Context) -> Result<(), CommandError> {
    let how = &arguments.how;
    with_app(context, async |app| {
        let caller = Caller::shell();
        let failed = |error| refused("The plan was not changed", &error);
        let ListedPlan { plan: before, accounts } = find(app, &arguments.name).await?;
        let name = arguments.rename.as_ref().map(|name| name.as_str().to_owned());
        let after = Plan {
            public_id: before.public_id.clone(),
            name: name.unwrap_or_else(|| before.name.clone()),
            scopes: arguments.scopes.clone().unwrap_or_else(|| before.scopes.clone()),
            policy: arguments.rules.apply(&before.policy)?,
        };
        let impact = plans::preview(app, &caller, &after).await.map_err(failed)?;
        let changed = if how.dry_run {
            false
        } else {
            let shortening = how.shortening(app);
            plans::change(
                app,
                &caller,
                &policy::plan_version(&before),
                &after,
                shortening.as_ref(),
            )
            .await
            .map_err(failed)?
        };
        if how.json {
            output::json(&Shown {
                changed: Some(changed),
                touches: Some(Touched::from(&impact)),
                ..shown(&after, accounts)
            });
            return Ok(());
        }
        output::line(match (how.dry_run, changed) {
            (true, _) => "Nothing was changed. The plan would be:",
            (false, true) => "The plan was changed.",
            (false, false) => "Nothing was different, so nothing was changed.",
        });
        print(&after, accounts);
        print_impact(&app.catalogue, &impact);
        Ok(())
    })
}

fn refused(what: &str, error: &AppError) -> CommandError {
    let AppError::Rule(rule) = error else {
        return refusal(what, error);
    };
    let advice = match &**rule {
        Rule::PlanInUse(accounts) => format!("accounts that are on it: {accounts}. Put them on another plan first"),
        Rule::LastPlan => "it is the only plan, and every account needs one".to_owned(),
        Rule::PlanNameTaken => "another plan has that name".to_owned(),
        Rule::NoScope => "give at least one scope with --scopes".to_owned(),
        Rule::UnknownScopes(scopes) => {
            let names: Vec<String> = scopes.iter().map(ToString::to_string).collect();
            format!("the catalogue has no scope {}", names.join(", "))
        }
        Rule::Outdated => "somebody else changed it at the same moment. Try again".to_owned(),
        _ => return refusal(what, error),
    };
    CommandError::Failed(format!("{what}: {advice}."))
}
