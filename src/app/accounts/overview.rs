//! Everything that staff see of an account at a glance.

use time::PrimitiveDateTime;

use crate::{
    app::{App, AppError, Caller, policy_for, sign_in},
    domain::{
        account::Account,
        audit::Event,
        permission::Act,
        policy::{Plan, Policy},
        site::SiteName,
    },
    store::{self, accounts::detail::SignIns, tokens::Counts},
};

/// As many of the latest events stand there.
const EVENTS: i64 = 5;

/// An account at a glance.
#[derive(Clone, Debug)]
pub struct Overview {
    /// Its sites, the main one first.
    pub sites: Vec<SiteName>,
    /// Its plan.
    pub plan: Option<Plan>,
    /// The rules that hold for its tokens: the installation's, narrowed by the plan.
    pub policy: Policy,
    /// How its holder signs in.
    pub sign_ins: SignIns,
    /// Until when wrong passwords keep browsers out that have not signed in before.
    pub blocked_until: Option<PrimitiveDateTime>,
    /// Its tokens, by status.
    pub tokens: Counts,
    /// What happened last, latest first.
    pub events: Vec<Event>,
}

/// Reads all of it at once.
pub async fn read(app: &App, caller: &Caller, account: &Account) -> Result<Overview, AppError> {
    caller.may(Act::ReadAccounts, Some(account.id))?;
    let (now, account) = (app.now(), account.clone());
    let blocked_until = sign_in::blocked_until(app, account.login).await?;
    app.store
        .read(move |connection| {
            let query = store::audit::Query {
                limit: EVENTS,
                ..store::audit::Query::default()
            };
            Ok(Overview {
                sites: store::accounts::detail::sites_main_first(connection, account.id)?,
                plan: store::plans::find(connection, account.plan)?,
                policy: policy_for(connection, &account)?,
                sign_ins: store::accounts::detail::sign_ins(connection, account.login)?,
                blocked_until,
                tokens: store::tokens::count(connection, account.id, "", now)?,
                events: store::audit::list(connection, account.id, &query)?,
            })
        })
        .await
}
