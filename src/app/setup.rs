//! Making the first administrator of an installation, with a code that only whoever runs the server can know.

use std::net::IpAddr;

use subtle::ConstantTimeEq;

use super::{
    App, AppError, Caller, Rule,
    staff::{self, NewStaffMember},
    throttle::Buckets,
};
use crate::{
    domain::{
        audit::{Action, Party},
        refused::RefusedKind,
        secret::DigestKey,
        staff::Role,
    },
    store::{self, StoreError, installation::Installation},
};

/// The letters of a code: 5 bits each, none that looks like another (Crockford's base 32).
const LETTERS: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";
/// Letters of a code: 60 bits.
const LENGTH: usize = 12;
/// Letters between two dashes.
const GROUP: usize = 4;
/// Says in the input of the digest what it is for.
const PURPOSE: &[u8] = b"latchkey setup code v1\0";

/// Whether there is no administrator yet.
pub async fn is_open(app: &App) -> Result<bool, AppError> {
    Ok(installation(app).await?.setup_closed_at.is_none())
}

/// The code that `/setup` asks for, such as `7KQ4-M2XD-91TV`; `None` once there is an administrator.
///
/// It follows from the server's key and the database: the same on every node and after every start.
pub fn code(app: &App) -> Result<Option<String>, StoreError> {
    let installation = app.store.read_here(store::installation::find)?;
    Ok(installation
        .setup_closed_at
        .is_none()
        .then(|| code_of(app, &installation)))
}

async fn installation(app: &App) -> Result<Installation, AppError> {
    app.store
        .read(|connection| Ok(store::installation::find(connection)?))
        .await
}

fn code_of(app: &App, installation: &Installation) -> String {
    let key = DigestKey::new(app.keyring().derive("setup code"));
    let digest = key.mac([PURPOSE, installation.setup_salt.as_bytes()]);
    let letters: Vec<u8> = digest[..LENGTH]
        .iter()
        .map(|byte| LETTERS[usize::from(byte % 32)])
        .collect();
    let groups = letters.chunks(GROUP).map(String::from_utf8_lossy);
    groups.collect::<Vec<_>>().join("-")
}

/// A typed code without what people add or mistake: case, dashes, spaces, `O` for `0`, `I` and `L` for `1`.
fn folded(code: &str) -> String {
    let letters = code.chars().filter(|letter| letter.is_alphanumeric());
    letters
        .map(|letter| match letter.to_ascii_uppercase() {
            'O' => '0',
            'I' | 'L' => '1',
            other => other,
        })
        .collect()
}

/// Makes the first administrator and closes the setup for ever.
///
/// [`Rule::SetupClosed`] when there is an administrator, also one who was made at the same moment;
/// [`Rule::WrongSetupCode`] when the code is not right; [`AppError::TooManyTries`] after too many codes.
pub async fn finish(
    app: &App,
    caller: &Caller,
    address: IpAddr,
    typed: &str,
    new: NewStaffMember,
) -> Result<(), AppError> {
    check_code(app, address, typed).await?;
    let new = NewStaffMember {
        role: Role::Admin,
        ..new
    };
    let (hash, public_id) = staff::prepare(app, &new).await?;
    let (now, caller) = (app.now(), caller.clone());
    app.store
        .write(move |connection| {
            if !store::installation::close_setup(connection, now)? {
                return Err(Rule::SetupClosed.into());
            }
            staff::insert(connection, &caller, &new, &hash, &public_id, now)?;
            let target = Party::new("installation", "", "Latchkey");
            let event = caller.event(now, Action::SetupFinished, None, target, Vec::new());
            Ok(store::audit::insert(connection, &event)?)
        })
        .await
}

/// Errors unless the setup is open and the code is right. Each call is a try.
pub async fn check_code(app: &App, address: IpAddr, typed: &str) -> Result<(), AppError> {
    let installation = installation(app).await?;
    if installation.setup_closed_at.is_some() {
        return Err(Rule::SetupClosed.into());
    }
    let count = |kind| app.refusals.count(kind, None, Some(address), app.now());
    if let Err(refused) = Buckets::of_setup(app, address).take(app).await {
        if matches!(refused, AppError::TooManyTries { .. }) {
            count(RefusedKind::SetupTooMany);
        }
        return Err(refused);
    }
    let right: bool = folded(&code_of(app, &installation))
        .as_bytes()
        .ct_eq(folded(typed).as_bytes())
        .into();
    if right {
        Ok(())
    } else {
        tracing::warn!(%address, "authn_login_fail: a wrong setup code");
        count(RefusedKind::SetupCode);
        Err(Rule::WrongSetupCode.into())
    }
}

#[cfg(test)]
mod tests {
    use super::folded;

    #[test]
    fn a_code_is_read_as_people_type_it() {
        for typed in ["7KQ4-M2XD-91TV", "7kq4m2xd91tv", " 7KQ4 m2xd – 9ltv "] {
            assert_eq!(folded(typed), "7KQ4M2XD91TV");
        }
        assert_ne!(folded("7KQ4-M2XD-91TW"), "7KQ4M2XD91TV");
    }
}
