//! Rows of `links` and `link_requests`. Nothing in them is secret: what makes a link work is computed elsewhere.

use diesel::prelude::*;
use time::PrimitiveDateTime;

use super::{
    DbConnection, StoreError,
    error::column,
    schema::{link_requests, links},
};
use crate::domain::{
    id::LoginId,
    link::{Link, Purpose},
};

type Columns = (String, String, i64, String, PrimitiveDateTime);

const COLUMNS: (
    links::public_id,
    links::purpose,
    links::login_id,
    links::detail,
    links::expires_at,
) = (
    links::public_id,
    links::purpose,
    links::login_id,
    links::detail,
    links::expires_at,
);

fn link((public_id, purpose, login, detail, expires_at): Columns) -> Result<Link, StoreError> {
    Ok(Link {
        public_id,
        purpose: column("links.purpose", &purpose)?,
        login: LoginId(login),
        detail,
        expires_at,
    })
}

/// Stores a link and ends the login's older ones of the same purpose.
pub fn insert(connection: &mut DbConnection, link: &Link, now: PrimitiveDateTime) -> Result<(), StoreError> {
    // Two links that are made at once end one another.
    super::logins::lock(connection, link.login)?;
    let older = links::table
        .filter(links::login_id.eq(link.login.0))
        .filter(links::purpose.eq(link.purpose.code()))
        .filter(links::used_at.is_null());
    diesel::delete(older).execute(connection)?;
    diesel::insert_into(links::table)
        .values((
            links::public_id.eq(&link.public_id),
            links::purpose.eq(link.purpose.code()),
            links::login_id.eq(link.login.0),
            links::detail.eq(&link.detail),
            links::created_at.eq(now),
            links::expires_at.eq(link.expires_at),
        ))
        .execute(connection)?;
    Ok(())
}

/// Finds a link that still works at `now`.
pub fn find(
    connection: &mut DbConnection,
    public_id: &str,
    now: PrimitiveDateTime,
) -> Result<Option<Link>, StoreError> {
    let row: Option<Columns> = links::table
        .filter(links::public_id.eq(public_id))
        .filter(links::used_at.is_null())
        .filter(links::expires_at.gt(now))
        .select(COLUMNS)
        .get_result(connection)
        .optional()?;
    row.map(link).transpose()
}

/// Finds the link of a login and purpose that still works at `now`.
pub fn find_of(
    connection: &mut DbConnection,
    login: LoginId,
    purpose: Purpose,
    now: PrimitiveDateTime,
) -> Result<Option<Link>, StoreError> {
    let row: Option<Columns> = links::table
        .filter(links::login_id.eq(login.0))
        .filter(links::purpose.eq(purpose.code()))
        .filter(links::used_at.is_null())
        .filter(links::expires_at.gt(now))
        .select(COLUMNS)
        .get_result(connection)
        .optional()?;
    row.map(link).transpose()
}

/// Uses a link; false when it was used, ended or over. Uses that come at once have one winner.
pub fn take(connection: &mut DbConnection, link: &Link, now: PrimitiveDateTime) -> Result<bool, StoreError> {
    let open = links::table
        .filter(links::public_id.eq(&link.public_id))
        .filter(links::used_at.is_null())
        .filter(links::expires_at.gt(now));
    Ok(diesel::update(open).set(links::used_at.eq(now)).execute(connection)? == 1)
}

/// Ends all links of a login; returns how many.
pub fn end_all(connection: &mut DbConnection, login: LoginId) -> Result<usize, StoreError> {
    let open = links::table
        .filter(links::login_id.eq(login.0))
        .filter(links::used_at.is_null());
    Ok(diesel::delete(open).execute(connection)?)
}

/// Removes links that are over at `now`; returns how many.
pub fn sweep(connection: &mut DbConnection, now: PrimitiveDateTime) -> Result<usize, StoreError> {
    Ok(diesel::delete(links::table.filter(links::expires_at.le(now))).execute(connection)?)
}

/// Somebody asked for a link.
#[derive(Clone, Debug)]
pub struct Request {
    /// Row number.
    pub id: i64,
    /// When.
    pub at: PrimitiveDateTime,
    /// The user name or e-mail address that was typed.
    pub name: String,
    /// From which address.
    pub address: String,
}

/// Stores that somebody asked for a link; false when `limit` requests are waiting already.
pub fn insert_request(
    connection: &mut DbConnection,
    name: &str,
    address: &str,
    now: PrimitiveDateTime,
    limit: i64,
) -> Result<bool, StoreError> {
    let waiting: i64 = link_requests::table.count().get_result(connection)?;
    if waiting >= limit {
        return Ok(false);
    }
    diesel::insert_into(link_requests::table)
        .values((
            link_requests::at.eq(now),
            link_requests::name.eq(name),
            link_requests::address.eq(address),
        ))
        .execute(connection)?;
    Ok(true)
}

/// The oldest requests, `limit` at most.
pub fn list_requests(connection: &mut DbConnection, limit: i64) -> Result<Vec<Request>, StoreError> {
    let rows: Vec<(i64, PrimitiveDateTime, String, String)> = link_requests::table
        .select((
            link_requests::id,
            link_requests::at,
            link_requests::name,
            link_requests::address,
        ))
        .order(link_requests::id)
        .limit(limit)
        .load(connection)?;
    let request = |(id, at, name, address)| Request { id, at, name, address };
    Ok(rows.into_iter().map(request).collect())
}

/// Takes a request off the list; false when another node did.
pub fn take_request(connection: &mut DbConnection, id: i64) -> Result<bool, StoreError> {
    Ok(diesel::delete(link_requests::table.find(id)).execute(connection)? == 1)
}

/// Removes requests from before `before`, which nobody waits for any more; returns how many.
pub fn sweep_requests(connection: &mut DbConnection, before: PrimitiveDateTime) -> Result<usize, StoreError> {
    Ok(diesel::delete(link_requests::table.filter(link_requests::at.lt(before))).execute(connection)?)
}
