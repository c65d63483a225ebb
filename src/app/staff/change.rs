//! What administrators do about other staff members: invite them, change what they are, let them in and keep them out.

use time::PrimitiveDateTime;

use crate::{
    app::{App, AppError, Caller, Rule, accounts::insert_login, links, people::Person, policy::version_of},
    domain::{
        account::{EmailAddress, Username},
        audit::{Action, Change, Party},
        id::is_public_id,
        permission::{Act, Actor},
        staff::{Role, StaffMember, StaffName},
    },
    store::{self, DbConnection, staff::Details},
};

/// Somebody who is to become a staff member and chooses a password by a link.
#[derive(Clone, Debug)]
pub struct NewMember {
    /// What they sign in with.
    pub username: Username,
    /// Where they get mail; signs in as well.
    pub email: EmailAddress,
    /// As customers read it.
    pub name: StaffName,
    /// What they may do.
    pub role: Role,
}

/// What a staff member is to be.
#[derive(Clone, Debug)]
pub struct MemberChange {
    /// As customers read it.
    pub name: StaffName,
    /// Where they get mail; signs in as well.
    pub email: EmailAddress,
    /// What they may do.
    pub role: Role,
}

/// Names what a staff member was when a form showed them.
pub fn version(member: &StaffMember) -> String {
    let state = member.deactivated_at.is_some();
    version_of(&[
        &member.name,
        &member.email.to_string(),
        &member.role.to_string(),
        &state.to_string(),
    ])
}

/// Every staff member with what is known of their sign-in, by user name.
pub async fn list_details(app: &App, caller: &Caller) -> Result<Vec<Details>, AppError> {
    caller.may(Act::ManageStaff, None)?;
    let found = app.store.read(store::staff::list_details);
    Ok(found.await?)
}

/// One staff member by their public id.
pub async fn show(app: &App, caller: &Caller, public_id: &str) -> Result<Details, AppError> {
    caller.may(Act::ManageStaff, None)?;
    if !is_public_id(public_id) {
        return Err(AppError::NotFound);
    }
    let public_id = public_id.to_owned();
    let found = app
        .store
        .read(move |connection| store::staff::find_details(connection, &public_id));
    found.await?.ok_or(AppError::NotFound)
}

/// Makes a staff member and the link by which they choose a password, which goes out by mail where mail is sent.
///
/// [`Rule`] names what is taken.
pub async fn invite(app: &App, caller: &Caller, new: NewMember) -> Result<StaffMember, AppError> {
    caller.may(Act::ManageStaff, None)?;
    let now = app.now();
    caller.needs_fresh_password(now)?;
    let (draft, public_id, caller) = (links::Draft::new(app), app.new_public_id(), caller.clone());
    app.store
        .write(move |connection| {
            let login = insert_login(connection, &new.username, &new.email, None, now)?;
            store::staff::insert(connection, &public_id, login, new.name.as_str(), new.role, now)?;
            links::invite_in(connection, &draft, login, None, &new.email)?;
            let changes = vec![
                Change::new("username", &new.username),
                Change::new("email", &new.email),
                Change::new("role", new.role),
            ];
            let target = Party::new("staff", &public_id, new.name.as_str());
            let event = caller.event(now, Action::StaffCreated, None, target, changes);
            store::audit::insert(connection, &event)?;
            let made = store::staff::find_details(connection, &public_id)?;
            Ok(made.ok_or(AppError::NotFound)?.member)
        })
        .await
}

/// The staff member as they are in this transaction, during which nobody else changes one.
fn hold(connection: &mut DbConnection, public_id: &str) -> Result<Details, AppError> {
    if !is_public_id(public_id) {
        return Err(AppError::NotFound);
    }
    store::installation::hold(connection)?;
    store::staff::find_details(connection, public_id)?.ok_or(AppError::NotFound)
}

/// Errors when the staff member is who asks.
fn not_oneself(caller: &Caller, member: &StaffMember) -> Result<(), AppError> {
    match &caller.actor {
        Actor::Staff { id, .. } if *id == member.id => Err(Rule::Yourself.into()),
        _ => Ok(()),
    }
}

/// Errors when there would be no administrator left who can sign in.
fn not_the_last(connection: &mut DbConnection, member: &StaffMember) -> Result<(), AppError> {
    if member.role == Role::Admin && store::staff::count_other_administrators(connection, member.id)? == 0 {
        return Err(Rule::LastAdministrator.into());
    }
    Ok(())
}

/// Changes a staff member; false when nothing is different. Another role holds for their very next request.
///
/// `shown` is the [`version`] that a form showed: [`Rule::Outdated`] when it is no longer that one.
/// [`Rule::LastAdministrator`], [`Rule::Yourself`] for one's own role, [`Rule::EmailTaken`].
pub async fn change(
    app: &App,
    caller: &Caller,
    public_id: &str,
    shown: Option<&str>,
    to: MemberChange,
) -> Result<bool, AppError> {
    caller.may(Act::ManageStaff, None)?;
    let now = app.now();
    caller.needs_fresh_password(now)?;
    let (draft, caller) = (links::Draft::new(app), caller.clone());
    let (public_id, shown) = (public_id.to_owned(), shown.map(str::to_owned));
    app.store
        .write(move |connection| {
            let before = hold(connection, &public_id)?;
            if shown.is_some_and(|shown| version(&before.member) != shown) {
                return Err(Rule::Outdated.into());
            }
            let member = &before.member;
            let name = Change::between("name", &member.name, to.name.as_str());
            let role = Change::between("role", member.role, to.role);
            let email = Change::between("email", &member.email, &to.email);
            if role.is_some() {
                not_oneself(&caller, member)?;
                not_the_last(connection, member)?;
            }
            let target = Party::new("staff", &public_id, to.name.as_str());
            let changes: Vec<Change> = name.into_iter().chain(role).collect();
            let different = !changes.is_empty() || email.is_some();
            if !changes.is_empty() {
                store::staff::update(connection, member.id, to.name.as_str(), to.role)?;
                let event = caller.event(now, Action::StaffChanged, None, target.clone(), changes);
                store::audit::insert(connection, &event)?;
            }
            if let Some(email) = email {
                put_email(connection, &caller, &before, &to.email, now)?;
                if !before.has_password {
                    links::invite_in(connection, &draft, member.login, None, &to.email)?;
                }
                let event = caller.event(now, Action::EmailChanged, None, target, vec![email]);
                store::audit::insert(connection, &event)?;
            }
            Ok(different)
        })
        .await
}

fn put_email(
    connection: &mut DbConnection,
    caller: &Caller,
    before: &Details,
    email: &EmailAddress,
    now: PrimitiveDateTime,
) -> Result<(), AppError> {
    let person = Person::Staff(Box::new(before.member.clone()));
    let by_other = not_oneself(caller, &before.member).is_ok();
    links::put_email_in(connection, &person, email, by_other, now)
}

/// Keeps a staff member out: all their sessions and links end with it. Returns how many sessions ended.
///
/// [`Rule::AlreadySo`] when they were out already, [`Rule::LastAdministrator`], [`Rule::Yourself`].
pub async fn deactivate(app: &App, caller: &Caller, public_id: &str) -> Result<usize, AppError> {
    caller.may(Act::ManageStaff, None)?;
    let now = app.now();
    caller.needs_fresh_password(now)?;
    let (caller, public_id) = (caller.clone(), public_id.to_owned());
    app.store
        .write(move |connection| {
            let Details { member, .. } = hold(connection, &public_id)?;
            not_oneself(&caller, &member)?;
            if member.deactivated_at.is_some() {
                return Err(Rule::AlreadySo.into());
            }
            not_the_last(connection, &member)?;
            if !store::staff::put_deactivated(connection, member.id, Some(now))? {
                return Err(Rule::AlreadySo.into());
            }
            let ended = store::sessions::delete_all(connection, member.login, None)?;
            store::links::end_all(connection, member.login)?;
            let mut changes: Vec<Change> = Change::between("status", "active", "deactivated").into_iter().collect();
            let stopped = store::staff_tokens::count_working(connection, member.id, now)?;
            changes.push(Change::new("tokens_stopped", stopped));
            changes.push(Change::new("sessions_ended", ended));
            let target = Party::new("staff", &member.public_id, &member.name);
            let event = caller.event(now, Action::StaffDeactivated, None, target, changes);
            store::audit::insert(connection, &event)?;
            Ok(ended)
        })
        .await
}

/// Lets a staff member in again, with the password and the role that they had. [`Rule::AlreadySo`] when they were in.
pub async fn reactivate(app: &App, caller: &Caller, public_id: &str) -> Result<(), AppError> {
    caller.may(Act::ManageStaff, None)?;
    let now = app.now();
    caller.needs_fresh_password(now)?;
    let (caller, public_id) = (caller.clone(), public_id.to_owned());
    app.store
        .write(move |connection| {
            let Details { member, .. } = hold(connection, &public_id)?;
            if !store::staff::put_deactivated(connection, member.id, None)? {
                return Err(Rule::AlreadySo.into());
            }
            let changes = Change::between("status", "deactivated", "active").into_iter().collect();
            let target = Party::new("staff", &member.public_id, &member.name);
            let event = caller.event(now, Action::StaffReactivated, None, target, changes);
            Ok(store::audit::insert(connection, &event)?)
        })
        .await
}
