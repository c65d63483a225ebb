//! Functions for the tokens of the staff member who calls.

use serde_json::{Map, Value, json};
use time::PrimitiveDateTime;

use super::{
    super::{
        acl,
        envelope::{Done, Refused},
        parameters::Parameters,
        tokens::{addresses, expiry, new_name, unix},
        words::Failure,
    },
    Staff, about,
};
use crate::{
    app::{
        AppError, Rule,
        staff_tokens::{self, Created, Unrecognised, verify},
    },
    domain::{
        address::AddressSet,
        id::StaffId,
        permission::Denied,
        policy::ExpiryRefusal,
        staff_scope::StaffScopes,
        staff_token::{MAX_LIFE, StaffDraft, StaffToken},
        token::{Expiry, TokenName},
    },
};

/// So often a change is tried again that somebody else's change of the same token came before.
const TRIES: usize = 3;

pub(super) async fn api_token_create(staff: &Staff, parameters: &Parameters) -> Result<Done, Failure> {
    let app = &staff.call.app;
    let draft = StaffDraft {
        name: new_name(parameters.needed("token_name")?)?,
        // Without any named: all that the caller has.
        scopes: named_scopes(parameters)?.unwrap_or_else(|| acl::scopes_of(&staff.caller.actor)),
        addresses: named_addresses(parameters)?.unwrap_or_else(AddressSet::any),
        expires_at: end(parameters.one("expires_at")?, app.now())?,
    };
    match staff_tokens::create(app, &staff.caller, staff.member()?, draft, None).await? {
        Created::New(token, secret) => {
            let mut data = details(&token);
            data.insert("token".to_owned(), secret.expose().into());
            Ok(Done::with(Value::Object(data)))
        }
        // No call carries the key of a form.
        Created::Before(_) => Err(AppError::NotFound.into()),
    }
}

pub(super) async fn api_token_list(staff: &Staff, _: &Parameters) -> Result<Done, Failure> {
    let tokens = staff_tokens::list(&staff.call.app, &staff.caller, staff.member()?).await?;
    let row = |token: &StaffToken| {
        let mut row = details(token);
        row.insert("acls".to_owned(), about::privileges(&token.scopes));
        (token.name.to_string(), Value::Object(row))
    };
    let tokens: Map<String, Value> = tokens.iter().map(row).collect();
    Ok(Done::with(json!({"tokens": tokens})))
}

/// Nothing but metadata for a text that is no token of the caller's: it is not told what else it may be.
pub(super) async fn api_token_get_details(staff: &Staff, parameters: &Parameters) -> Result<Done, Failure> {
    let (app, member) = (&staff.call.app, staff.member()?);
    let id = match verify(app, parameters.needed("token")?, staff.call.address).await {
        Ok(identity) => identity.token.public_id,
        Err(Unrecognised::Refused(token, _)) => token.public_id,
        Err(Unrecognised::Nobody) => return Ok(Done::default()),
        Err(Unrecognised::Unchecked(error)) => return Err(error.into()),
    };
    match staff_tokens::find(app, &staff.caller, member, id).await {
        Ok(token) if token.revoked_at.is_none() => Ok(Done::with(Value::Object(details(&token)))),
        Ok(_) | Err(AppError::NotFound) => Ok(Done::default()),
        Err(error) => Err(error.into()),
    }
}

/// What is not named stays as it is: a change of the name never widens.
pub(super) async fn api_token_update(staff: &Staff, parameters: &Parameters) -> Result<Done, Failure> {
    let (app, member) = (&staff.call.app, staff.member()?);
    let name = parameters.needed("token_name")?;
    let (scopes, addresses) = (named_scopes(parameters)?, named_addresses(parameters)?);
    let renamed = match parameters.one("new_name")?.filter(|name| !name.is_empty()) {
        Some(name) => Some(new_name(name)?),
        None => None,
    };
    let expires_at = match parameters.one("expires_at")? {
        Some(text) => Some(end(Some(text), app.now())?),
        None => None,
    };
    for _ in 0..TRIES {
        let token = named(staff, name).await?;
        let before = StaffDraft::from(&token);
        let draft = StaffDraft {
            name: renamed.clone().unwrap_or(before.name),
            scopes: scopes.clone().unwrap_or(before.scopes),
            addresses: addresses.clone().unwrap_or(before.addresses),
            expires_at: expires_at.unwrap_or(before.expires_at),
        };
        let changed = staff_tokens::change(app, &staff.caller, member, token.public_id, token.revision, draft).await;
        match changed {
            Ok((token, _)) => return Ok(Done::with(Value::Object(details(&token)))),
            Err(AppError::Rule(rule)) if matches!(*rule, Rule::Outdated) => {}
            Err(error) => return Err(error.into()),
        }
    }
    Err(Refused::new("The token is being changed by somebody else. Try again.").into())
}

/// All of them, or, where one is not known, none.
pub(super) async fn api_token_revoke(staff: &Staff, parameters: &Parameters) -> Result<Done, Failure> {
    let mut all = Vec::new();
    for name in parameters.list("token_name") {
        all.push(named(staff, name).await?);
    }
    if all.is_empty() {
        return Err(Refused::new("Give the parameter “token_name”.").into());
    }
    for token in all {
        match staff_tokens::revoke(&staff.call.app, &staff.caller, token.member, token.public_id).await {
            Ok(_) => {}
            // Named twice, or somebody else was faster.
            Err(AppError::Rule(rule)) if matches!(*rule, Rule::Revoked(_)) => {}
            Err(error) => return Err(error.into()),
        }
    }
    Ok(Done::default())
}

impl Staff {
    fn member(&self) -> Result<StaffId, AppError> {
        let member = self.caller.actor.staff_member();
        member.ok_or_else(|| AppError::from(Denied::Role))
    }
}

/// The caller's token of a name. As names are unique ignoring case, their case does not matter.
async fn named(staff: &Staff, name: &str) -> Result<StaffToken, Failure> {
    let tokens = staff_tokens::list(&staff.call.app, &staff.caller, staff.member()?).await?;
    let wanted = name.parse::<TokenName>().map(|name| name.folded()).ok();
    let found = tokens.into_iter().find(|token| Some(token.name.folded()) == wanted);
    Ok(found.ok_or_else(|| Refused::new(format!("You have no token with the name “{name}”.")))?)
}

/// What the privileges come to that are named; none where none is.
fn named_scopes(parameters: &Parameters) -> Result<Option<StaffScopes>, Refused> {
    let names: Vec<&str> = parameters.list("acl").filter(|name| !name.is_empty()).collect();
    if names.is_empty() {
        return Ok(None);
    }
    match acl::scopes(names.into_iter()) {
        Ok(scopes) => Ok(Some(scopes)),
        Err(unknown) => Err(Refused::new(format!(
            "The privilege “{unknown}” stands for nothing that can be done here."
        ))),
    }
}

/// The addresses that are named, `any` for any; none where none is.
fn named_addresses(parameters: &Parameters) -> Result<Option<AddressSet>, Refused> {
    let names: Vec<&str> = parameters
        .list("whitelist_ip")
        .filter(|name| !name.is_empty())
        .collect();
    if names.is_empty() {
        return Ok(None);
    }
    if names.iter().all(|name| name.eq_ignore_ascii_case("any")) {
        return Ok(Some(AddressSet::any()));
    }
    let set = names.join(" ").parse();
    let set = set.map_err(|_| {
        Refused::new("“whitelist_ip” must be addresses or networks, such as 192.0.2.7 or 2001:db8::/48, or any.")
    })?;
    Ok(Some(set))
}

/// When a token ends: those of staff always do.
fn end(text: Option<&str>, now: PrimitiveDateTime) -> Result<PrimitiveDateTime, Failure> {
    match expiry(text)? {
        Expiry::At(at) => Ok(at),
        Expiry::Never => {
            let latest = Some(now + MAX_LIFE);
            Err(AppError::from(Rule::Expiry(ExpiryRefusal::NeverNotAllowed { latest })).into())
        }
    }
}

fn details(token: &StaffToken) -> Map<String, Value> {
    let held = acl::held(&token.scopes).filter(|(_, has)| *has);
    let names: Vec<&str> = held.map(|(name, _)| name).collect();
    Map::from_iter([
        ("acls".to_owned(), json!(names)),
        ("create_time".to_owned(), unix(token.created_at).into()),
        ("expires_at".to_owned(), unix(token.expires_at).into()),
        ("name".to_owned(), token.name.as_str().into()),
        ("whitelist_ips".to_owned(), json!(addresses(&token.addresses))),
    ])
}
