//! Functions that make, change and remove accounts.

use serde_json::{Map, Value, json};
use zeroize::Zeroizing;

use super::{
    super::{
        envelope::{Done, Refused},
        parameters::Parameters,
        security_token::SecurityTokens,
        tokens::unix,
        words::Failure,
    },
    Staff,
    accounts::named,
};
use crate::{
    app::accounts::{self, NewAccount, change, password, remove, sign_in_link, suspend},
    domain::{
        account::{EmailAddress, Username},
        site::SiteName,
        text::Reason,
    },
};

/// Characters of a password that is made for an account: 143 bits.
const PASSWORD_LENGTH: usize = 24;
/// The reason of a removal, for which the interface has no parameter.
const REMOVED: &str = "Removed by a program that staff run";
/// The reason of a suspension without one.
const SUSPENDED: &str = "No reason was given";

pub(super) async fn createacct(staff: &Staff, parameters: &Parameters) -> Result<Done, Failure> {
    let app = &staff.call.app;
    let username = username(parameters.needed("username")?)?;
    let sites: Vec<SiteName> = match parameters.one("domain")?.filter(|domain| !domain.is_empty()) {
        Some(domain) => vec![site(domain)?],
        None => Vec::new(),
    };
    let given = parameters
        .first_of(&["password", "pass"])?
        .filter(|password| !password.is_empty());
    let generated = given
        .is_none()
        .then(|| Zeroizing::new(app.clock.random_base62(PASSWORD_LENGTH)));
    let password = given.map_or_else(
        || generated.clone().unwrap_or_default(),
        |given| given.to_owned().into(),
    );
    let new = NewAccount {
        email: email(parameters, &username, sites.first())?,
        plan: plan(staff, parameters.first_of(&["plan", "pkgname"])?).await?,
        password: Some(password),
        time_zone: app.settings.time_zone.name().to_owned(),
        username,
        sites,
    };
    let account = accounts::create(app, &staff.caller, new).await?;
    let domain = account.sites.first().map(ToString::to_string);
    let raw = Zeroizing::new(format!(
        "Account {}\nDomain: {}\nPackage: {}\n{}",
        account.username,
        domain.as_deref().unwrap_or("none"),
        account.plan_name,
        generated.map_or_else(String::new, |made| format!("Password: {}\n", made.as_str()))
    ));
    Ok(Done {
        data: json!({
            "ip": null,
            "nameserver": null,
            "nameserver2": null,
            "nameserver3": null,
            "nameserver4": null,
            "domain": domain,
            "package": account.plan_name,
        }),
        message: Some("Account Creation Ok".to_owned()),
        metadata: output(&raw),
    })
}

/// What the interface calls the raw output of a function: some programs fail without it.
fn output(raw: &str) -> Map<String, Value> {
    Map::from_iter([("output".to_owned(), json!({"raw": raw}))])
}

fn username(text: &str) -> Result<Username, Refused> {
    text.trim()
        .to_ascii_lowercase()
        .parse()
        .map_err(|_| Refused::new("A user name has 1 to 16 letters from a to z and digits, and starts with a letter."))
}

fn site(text: &str) -> Result<SiteName, Refused> {
    text.parse()
        .map_err(|_| Refused::new(format!("“{text}” is not a domain name, such as example.com.")))
}

/// The address that was given, or that of the account's own mailbox, as in the other product.
fn email(parameters: &Parameters, username: &Username, site: Option<&SiteName>) -> Result<EmailAddress, Refused> {
    let given = parameters
        .first_of(&["contactemail", "email"])?
        .filter(|email| !email.is_empty());
    match (given, site) {
        (Some(email), _) => address(email),
        (None, Some(site)) => address(&format!("{username}@{site}")),
        (None, None) => Err(Refused::new("Give “contactemail”, or “domain”.")),
    }
}

fn address(text: &str) -> Result<EmailAddress, Refused> {
    text.parse()
        .map_err(|_| Refused::new(format!("“{text}” is not an e-mail address.")))
}

/// The plan of that name. Where none is named, and there is only one, there is nothing to choose.
async fn plan(staff: &Staff, name: Option<&str>) -> Result<String, Failure> {
    if let Some(name) = name.filter(|name| !name.is_empty() && *name != "default") {
        return Ok(name.to_owned());
    }
    let names = accounts::plan_names(&staff.call.app).await?;
    match &names[..] {
        [only] => Ok(only.clone()),
        _ => match names.iter().find(|known| *known == "default") {
            Some(default) => Ok(default.clone()),
            None => Err(Refused::new(format!("Give “plan”, one of: {}.", names.join(", "))).into()),
        },
    }
}

pub(super) async fn suspendacct(staff: &Staff, parameters: &Parameters) -> Result<Done, Failure> {
    let account = named(staff, parameters, &["user", "username"]).await?;
    if parameters.flag("disallowun")? {
        return Err(Refused::new("“disallowun” is not offered: whoever may suspend an account may restore it.").into());
    }
    let given = parameters.one("reason")?.filter(|reason| !reason.trim().is_empty());
    let caller = staff.caller.because(reason(given.unwrap_or(SUSPENDED))?);
    suspend::suspend(&staff.call.app, &caller, account.id).await?;
    let words = format!("{}'s account has been suspended", account.username);
    Ok(said("OK", &words))
}

pub(super) async fn unsuspendacct(staff: &Staff, parameters: &Parameters) -> Result<Done, Failure> {
    let account = named(staff, parameters, &["user", "username"]).await?;
    suspend::unsuspend(&staff.call.app, &staff.caller, account.id).await?;
    let words = format!("{}'s account has been restored", account.username);
    Ok(said("OK", &words))
}

pub(super) async fn removeacct(staff: &Staff, parameters: &Parameters) -> Result<Done, Failure> {
    let account = named(staff, parameters, &["username", "user"]).await?;
    let given = parameters.one("reason")?.filter(|reason| !reason.trim().is_empty());
    let caller = staff.caller.because(reason(given.unwrap_or(REMOVED))?);
    remove::remove(&staff.call.app, &caller, account.id).await?;
    let words = format!("{} account removed", account.username);
    Ok(said(&words, &words))
}

fn reason(text: &str) -> Result<Reason, Refused> {
    text.parse()
        .map_err(|_| Refused::new("“reason” must be shorter, on one line."))
}

fn said(message: &str, raw: &str) -> Done {
    Done {
        data: Value::Null,
        message: Some(message.to_owned()),
        metadata: output(raw),
    }
}

pub(super) async fn passwd(staff: &Staff, parameters: &Parameters) -> Result<Done, Failure> {
    let account = named(staff, parameters, &["user", "username"]).await?;
    let new = match parameters.first_of(&["password", "pass"])? {
        Some(password) => password,
        None => parameters.needed("password")?,
    };
    password::set(&staff.call.app, &staff.caller, &account, new.to_owned().into()).await?;
    Ok(Done {
        data: json!({"app": ["system"]}),
        message: Some(format!("Password changed for user “{}”.", account.username)),
        metadata: Map::new(),
    })
}

pub(super) async fn modifyacct(staff: &Staff, parameters: &Parameters) -> Result<Done, Failure> {
    let (app, caller) = (&staff.call.app, &staff.caller);
    let account = named(staff, parameters, &["user", "username"]).await?;
    let before = change::current(app, caller, &account).await?;
    let mut after = before.clone();
    if let Some(name) = parameters.one("newuser")?.filter(|name| !name.is_empty()) {
        after.username = username(name)?;
    }
    if let Some(email) = parameters.one("contactemail")?.filter(|email| !email.is_empty()) {
        after.email = address(email)?;
    }
    if let Some(domain) = parameters
        .first_of(&["DNS", "domain"])?
        .filter(|domain| !domain.is_empty())
    {
        let main = site(domain)?;
        // Another main domain takes the place of the one before.
        let others = before.sites.iter().skip(1).filter(|other| **other != main);
        after.sites = std::iter::once(&main).chain(others).cloned().collect();
    }
    change::change(
        app,
        caller,
        (account.id, account.login),
        &before.version(),
        after.clone(),
    )
    .await?;
    Ok(Done {
        data: json!({"cpuser": {
            "USER": after.username.as_str(),
            "DNS": after.sites.first().map(ToString::to_string),
            "CONTACTEMAIL": after.email.to_string(),
            "PLAN": after.plan,
        }}),
        message: Some("OK".to_owned()),
        metadata: output("Account Modified"),
    })
}

pub(super) async fn create_user_session(staff: &Staff, parameters: &Parameters) -> Result<Done, Failure> {
    let account = named(staff, parameters, &["user", "username"]).await?;
    let service = parameters.one("service")?.unwrap_or("cpaneld");
    if service != "cpaneld" {
        return Err(Refused::new("“service” must be cpaneld: sessions are opened for accounts.").into());
    }
    let app = &staff.call.app;
    let link = sign_in_link::make(app, &staff.caller, &account).await?;
    Ok(Done {
        data: json!({
            "cp_security_token": SecurityTokens::of(app).path(&link.session),
            "session": link.session,
            "url": link.address,
            "service": service,
            "expires": unix(link.expires_at),
        }),
        message: Some(format!("A session of “{}” can be opened once.", account.username)),
        metadata: Map::new(),
    })
}
