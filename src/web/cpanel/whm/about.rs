//! Functions about the server and about whoever calls.

use std::future::{Ready, ready};

use serde_json::{Map, Value, json};

use super::{
    super::{
        acl,
        envelope::{Done, WhmVersion},
        parameters::Parameters,
        words::Failure,
    },
    Function, Staff,
};
use crate::domain::{permission::scopes_of_role, staff::Role, staff_scope::StaffScopes};

/// What these functions say, which none of them has to wait for.
type Answer = Ready<Result<Done, Failure>>;

/// The version of the interface that this one follows: programs look at it to know what they may call.
const COMPATIBLE_WITH: &str = "11.138.0.0";

pub(super) fn applist(_: &Staff, _: &Parameters) -> Answer {
    let names: Vec<&str> = Function::ALL.iter().map(|function| function.name()).collect();
    said(json!({"app": names}))
}

pub(super) fn version(_: &Staff, _: &Parameters) -> Answer {
    let product = concat!("Latchkey ", env!("CARGO_PKG_VERSION"));
    said(json!({"version": COMPATIBLE_WITH, "product": product}))
}

pub(super) fn gethostname(staff: &Staff, _: &Parameters) -> Answer {
    let host = staff.call.app.settings.public_url.host();
    said(json!({"hostname": host}))
}

pub(super) fn myprivs(staff: &Staff, _: &Parameters) -> Answer {
    let own = privileges(&acl::scopes_of(&staff.caller.actor));
    said(json!({"privileges": [own]}))
}

/// Staff have no lists of privileges but their two roles.
pub(super) fn listacls(staff: &Staff, _: &Parameters) -> Answer {
    let roles = [Role::Admin, Role::Support].map(|role| (role.to_string(), privileges(&scopes_of_role(role))));
    said(match staff.version {
        WhmVersion::Zero => json!({"acls": Map::from_iter(roles)}),
        WhmVersion::One => {
            let list = roles.map(|(name, privileges)| json!({"name": name, "privileges": privileges}));
            json!({"acl": list})
        }
    })
}

fn said(data: Value) -> Answer {
    ready(Ok(Done::with(data)))
}

/// Every privilege with 1 or 0.
pub(super) fn privileges(scopes: &StaffScopes) -> Value {
    let all = acl::held(scopes).map(|(name, has)| (name.to_owned(), u8::from(has).into()));
    Value::Object(all.collect())
}
