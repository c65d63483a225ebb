//! `latchkey policy`: shows and sets the rules of the installation.

use serde::Serialize;

use super::{
    Context,
    login::{refusal, with_app},
    output::{self, CommandError},
    rules::{Flags, How, Touched, policy_json, print_impact, print_policy},
};
use crate::{
    app::{Caller, policy},
    domain::policy::Policy,
};

/// Show and set the rules that hold for the tokens of every account
#[derive(Debug, clap::Args)]
pub(super) struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, clap::Subcommand)]
enum Command {
    /// Show the policy
    Show {
        #[arg(long, help = "Answer with one JSON object")]
        json: bool,
    },
    Set(Set),
}

/// Change rules of the policy; what is not named stays
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  latchkey policy set --max-lifetime 90 --dry-run
  latchkey policy set --max-lifetime 90 --shorten --reason \"Our new rules\"
  latchkey policy set --max-tokens none")]
struct Set {
    #[command(flatten)]
    rules: Flags,
    #[command(flatten)]
    how: How,
}

#[derive(Serialize)]
struct Answer {
    changed: bool,
    policy: serde_json::Value,
    touches: Touched,
}

pub(super) fn run(arguments: &Arguments, context: &Context) -> Result<(), CommandError> {
    match &arguments.command {
        Command::Show { json } => with_app(context, async |app| {
            let shown = policy::show(app, &Caller::shell()).await;
            let shown = shown.map_err(|error| refusal("The policy cannot be read", &error))?;
            if *json {
                output::json(&policy_json(&shown));
            } else {
                print_policy(&shown);
            }
            Ok(())
        }),
        Command::Set(arguments) => set(arguments, context),
    }
}

fn set(arguments: &Set, context: &Context) -> Result<(), CommandError> {
    let Set { rules, how } = arguments;
    with_app(context, async |app| {
        let caller = Caller::shell();
        let failed = |error| refusal("The policy was not changed", &error);
        let before = policy::show(app, &caller).await.map_err(failed)?;
        let after: Policy = rules.apply(&before)?;
        let impact = policy::preview(app, &caller, &after).await.map_err(failed)?;
        let changed = if how.dry_run {
            false
        } else {
            let shortening = how.shortening(app);
            policy::set(app, &caller, &policy::version(&before), &after, shortening.as_ref())
                .await
                .map_err(failed)?
        };
        if how.json {
            output::json(&Answer {
                changed,
                policy: policy_json(&after),
                touches: Touched::from(&impact),
            });
            return Ok(());
        }
        output::line(match (how.dry_run, changed) {
            (true, _) => "Nothing was changed. The policy would be:",
            (false, true) => "The policy was changed.",
            (false, false) => "Nothing was different, so nothing was changed.",
        });
        print_policy(&after);
        print_impact(&app.catalogue, &impact);
        Ok(())
    })
}
