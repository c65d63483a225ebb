//! How the calls about accounts are described.

use super::{
    super::{
        kind::Kind,
        paging::Page,
        reference::{
            common::{self, ETAG, KEY},
            operation::{Answer, Body, Needs, Operation, Parameter, Tag},
            shape::{Id, Shape},
        },
    },
    create::CreatedDocument,
    document::{AccountDocument, ListedDocument},
    sent::{AccountChange, AccountQuery, Because, MaybeBecause, NewAccount, NewPassword},
    stop::{RemovedDocument, SuspendedDocument},
    ways_in::{PasswordDocument, PasswordLinkDocument, SignInDocument},
};
use crate::domain::staff_scope::StaffScope;

const READ: &[Needs] = &[Needs::StaffScope(StaffScope::AccountsRead.as_str())];
const CREATE: &[Needs] = &[Needs::StaffScope(StaffScope::AccountsCreate.as_str())];
const CHANGE: &[Needs] = &[Needs::StaffScope(StaffScope::AccountsChange.as_str())];
const SUSPEND: &[Needs] = &[Needs::StaffScope(StaffScope::AccountsSuspend.as_str())];
const REMOVE: &[Needs] = &[Needs::StaffScope(StaffScope::AccountsRemove.as_str())];
const PASSWORD: &[Needs] = &[Needs::StaffScope(StaffScope::AccountsPassword.as_str())];
const SIGN_IN: &[Needs] = &[Needs::StaffScope(StaffScope::AccountsSignIn.as_str())];
/// The account.
pub(super) const ID: Parameter = Parameter::path("id", "The account.", Shape::of::<Id>(), "Qm7Xk2PdA9Lz");
const IF_MATCH: Parameter = common::if_match("\"kJ3vVw0mB1tq6h2Z\"");
/// A body with a reason.
pub(super) const BECAUSE: Body = Body::new(
    Shape::of::<Because>(),
    r#"{"reason": "The invoice of October is open."}"#,
);
const MAYBE_BECAUSE: Body = Body::new(
    Shape::of::<MaybeBecause>(),
    r#"{"reason": "The customer asked for it."}"#,
)
.optional();

macro_rules! account {
    () => {
        r#"{
  "id": "Qm7Xk2PdA9Lz",
  "username": "priya",
  "email": "priya@mail.example",
  "status": "active",
  "suspended": null,
  "plan": "Standard",
  "sites": ["blog.example", "shop.example"],
  "time_zone": "Asia/Kolkata",
  "created_at": "2026-11-01T08:00:00Z",
  "etag": "\"kJ3vVw0mB1tq6h2Z\""
}"#
    };
}

const ACCOUNT: &str = account!();
const CREATED: &str = concat!(r#"{"account": "#, account!(), r#", "invitation": null}"#);
const LISTED: &str = r#"{
  "items": [
    {
      "id": "Qm7Xk2PdA9Lz",
      "username": "priya",
      "email": "priya@mail.example",
      "status": "active",
      "plan": "Standard",
      "main_site": "blog.example",
      "live_tokens": 3,
      "last_sign_in_at": "2026-11-23T12:00:00Z"
    }
  ],
  "next": null
}"#;

/// All of them.
pub const OPERATIONS: &[Operation] = &[
    Operation {
        id: "listAccounts",
        tag: Tag::Accounts,
        summary: "List accounts",
        about: "Accounts, searched and filtered as in the staff area, by user name. Removed ones are never among them.",
        needs: READ,
        query: Some(Shape::of::<AccountQuery>()),
        answers: &[Answer::new(
            200,
            "A page of accounts.",
            Shape::of::<Page<ListedDocument>>(),
            LISTED,
        )],
        problems: &[Kind::InvalidQuery, Kind::InvalidBody],
        ..Operation::get("/api/v1/accounts")
    },
    Operation {
        id: "createAccount",
        tag: Tag::Accounts,
        summary: "Create an account",
        about: "Makes an account. With a password its holder can sign in at once; without one a link to choose it goes out by mail, \
                or stands in the answer where no mail is sent and the token may change accounts.",
        needs: CREATE,
        parameters: &[KEY],
        body: Some(Body::new(
            Shape::of::<NewAccount>(),
            r#"{"username": "priya", "email": "priya@mail.example", "plan": "Standard", "sites": ["blog.example"]}"#,
        )),
        answers: &common::made_without_etag(Shape::of::<CreatedDocument>(), CREATED, CREATED),
        problems: &[
            Kind::InvalidQuery,
            Kind::InvalidHeader,
            Kind::NotFound,
            Kind::Conflict,
            Kind::WeakPassword,
            Kind::KeyReused,
        ],
        ..Operation::post("/api/v1/accounts")
    },
    Operation {
        id: "showCustomerAccount",
        tag: Tag::Accounts,
        summary: "Show an account",
        about: "One account by its public id. The list finds it by its user name.",
        needs: READ,
        parameters: &[ID],
        answers: &[Answer::new(200, "The account.", Shape::of::<AccountDocument>(), ACCOUNT).with_headers(ETAG)],
        problems: &[Kind::InvalidQuery],
        ..Operation::get("/api/v1/accounts/{id}")
    },
    Operation {
        id: "changeAccount",
        tag: Tag::Accounts,
        summary: "Change an account",
        about: "Gives an account another user name, e-mail address, plan or other sites. Its tokens keep working under a new name; \
                what another plan does not allow them is refused from the next request on.",
        needs: CHANGE,
        parameters: &[ID, IF_MATCH.required()],
        body: Some(Body::merge_patch(
            Shape::of::<AccountChange>(),
            r#"{"plan": "Business"}"#,
        )),
        answers: &[Answer::new(200, "It is changed.", Shape::of::<AccountDocument>(), ACCOUNT).with_headers(ETAG)],
        problems: &[
            Kind::InvalidQuery,
            Kind::InvalidHeader,
            Kind::Conflict,
            Kind::Changed,
            Kind::IfMatchRequired,
        ],
        ..Operation::patch("/api/v1/accounts/{id}")
    },
    Operation {
        id: "removeAccount",
        tag: Tag::Accounts,
        summary: "Remove an account",
        about: "Removes an account for good: its tokens are revoked, its sessions end, and its names are free for others.",
        needs: REMOVE,
        parameters: &[ID],
        body: Some(BECAUSE),
        answers: &[Answer::new(
            200,
            "It is removed.",
            Shape::of::<RemovedDocument>(),
            r#"{"tokens_revoked": 3, "sessions_ended": 1, "sites_freed": 2}"#,
        )],
        problems: &[Kind::InvalidQuery, Kind::AlreadySo],
        ..Operation::delete("/api/v1/accounts/{id}")
    },
    Operation {
        id: "suspendAccount",
        tag: Tag::Accounts,
        summary: "Suspend an account",
        about: "Suspends an account: its tokens are refused from the next request on and its sessions end. Its holder can sign in to \
                read the reason, and is told by mail.",
        needs: SUSPEND,
        parameters: &[ID],
        body: Some(BECAUSE),
        answers: &[Answer::new(
            200,
            "It is suspended.",
            Shape::of::<SuspendedDocument>(),
            r#"{"tokens_stopped": 3, "sessions_ended": 1}"#,
        )],
        problems: &[Kind::InvalidQuery, Kind::AlreadySo],
        ..Operation::post("/api/v1/accounts/{id}/suspend")
    },
    Operation {
        id: "unsuspendAccount",
        tag: Tag::Accounts,
        summary: "End a suspension",
        about: "Ends the suspension of an account: its tokens work again.",
        needs: SUSPEND,
        parameters: &[ID],
        body: Some(MAYBE_BECAUSE),
        answers: &[Answer::empty(204, "It is no longer suspended.")],
        problems: &[Kind::InvalidQuery, Kind::AlreadySo],
        ..Operation::post("/api/v1/accounts/{id}/unsuspend")
    },
    Operation {
        id: "makeSignInLink",
        tag: Tag::Accounts,
        summary: "Make a link that signs in",
        about: "Makes a link that signs the browser that opens it in to the account, once and within a minute: a customer who is \
                signed in at the billing system need not do it again here. An older link that was not used ends. No password goes \
                with the session, so that it widens nothing.",
        needs: SIGN_IN,
        parameters: &[ID],
        body: Some(MAYBE_BECAUSE),
        answers: &[Answer::new(
            201,
            "It is made.",
            Shape::of::<SignInDocument>(),
            r#"{
  "url": "https://panel.example/link/Hn5Wq8RtY2Kc-Qm7Xk2PdA9LzHn5Wq8RtY2Kc",
  "session": "Wq8RtY2KcHn5",
  "expires_at": "2026-11-23T12:01:00Z"
}"#,
        )],
        problems: &[Kind::InvalidQuery],
        ..Operation::post("/api/v1/accounts/{id}/sign-in-link")
    },
    Operation {
        id: "sendPasswordLink",
        tag: Tag::Accounts,
        summary: "Send a password link",
        about: "Sends the holder of an account a link to choose a password: an invitation where there is none yet, otherwise a reset. \
                Only an invitation is ever shown, and only where no mail is sent.",
        needs: CHANGE,
        parameters: &[ID],
        body: Some(MAYBE_BECAUSE),
        answers: &[Answer::new(
            201,
            "It is made.",
            Shape::of::<PasswordLinkDocument>(),
            r#"{"purpose": "password-reset", "mailed": true, "url": null, "expires_at": "2026-11-23T13:00:00Z"}"#,
        )],
        problems: &[Kind::InvalidQuery, Kind::Conflict],
        ..Operation::post("/api/v1/accounts/{id}/password-link")
    },
    Operation {
        id: "setPassword",
        tag: Tag::Accounts,
        summary: "Set a password",
        about: "Gives an account a password. Its sessions and links end, and its holder is told by mail.",
        needs: PASSWORD,
        parameters: &[ID],
        body: Some(Body::new(
            Shape::of::<NewPassword>(),
            r#"{"password": "correct horse battery staple"}"#,
        )),
        answers: &[Answer::new(
            200,
            "It is set.",
            Shape::of::<PasswordDocument>(),
            r#"{"sessions_ended": 1}"#,
        )],
        problems: &[Kind::InvalidQuery, Kind::WeakPassword],
        ..Operation::post("/api/v1/accounts/{id}/password")
    },
];
