//! Which mail the holder of an account does not want.

use diesel::prelude::*;

use crate::{
    domain::{id::AccountId, mail::Kind},
    store::{DbConnection, StoreError, schema::accounts},
};

/// The kinds that are not wanted.
pub fn list_unwanted(connection: &mut DbConnection, id: AccountId) -> Result<Vec<Kind>, StoreError> {
    let codes: String = accounts::table
        .find(id.0)
        .select(accounts::mail_off)
        .get_result(connection)?;
    Ok(Kind::ALL.into_iter().filter(|kind| kind.is_in(&codes)).collect())
}

/// Makes these the kinds that are not wanted.
pub fn put_unwanted(connection: &mut DbConnection, id: AccountId, kinds: &[Kind]) -> Result<(), StoreError> {
    let codes: Vec<&str> = kinds.iter().map(|kind| kind.code()).collect();
    diesel::update(accounts::table.find(id.0))
        .set(accounts::mail_off.eq(codes.join(" ")))
        .execute(connection)?;
    Ok(())
}
