//! `/json-api/{function}`: the staff's side of the compatible interfaces.
//!
//! * here: who asks, and which function is asked for.
//! * `about`: about the server and the caller; `accounts`: reading accounts; `change`: making and changing them;
//!   `tokens`: the caller's own tokens.

mod about;
mod accounts;
mod change;
mod tokens;

use actix_web::{HttpRequest, HttpResponse, web};

use super::{
    credentials::Credentials,
    envelope::{self, Done, Refused, WhmVersion, answer, unknown_app},
    holder::{NotLetIn, Present, by_password, by_session},
    parameters::Parameters,
    words::Failure,
};
use crate::{
    app::{
        Caller,
        people::Person,
        staff_tokens::{self, Unrecognised},
    },
    web::{
        api::{bearer::note_stranger, call::Call},
        error::WebError,
    },
};

/// A staff member, or a token of one.
pub(super) struct Staff {
    /// The call.
    call: Call,
    /// Who asks, for use cases.
    caller: Caller,
    /// In which shape the answer is.
    version: WhmVersion,
}

macro_rules! functions {
    ($($(#[$doc:meta])* $variant:ident = $name:literal => $handler:expr,)*) => {
        /// A function.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum Function { $($(#[$doc])* $variant,)* }

        impl Function {
            /// Every function.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)*];

            /// Its name.
            pub fn name(self) -> &'static str {
                match self { $(Self::$variant => $name,)* }
            }

            async fn call(self, staff: &Staff, parameters: &Parameters) -> Result<Done, Failure> {
                match self { $(Self::$variant => $handler(staff, parameters).await,)* }
            }
        }
    };
}

functions! {
    /// Which functions there are.
    AppList = "applist" => about::applist,
    /// With which version of the interface this one is compatible.
    Version = "version" => about::version,
    /// The host of the panel.
    GetHostName = "gethostname" => about::gethostname,
    /// What the caller may do.
    MyPrivs = "myprivs" => about::myprivs,
    /// The roles of staff and what they may do.
    ListAcls = "listacls" => about::listacls,
    /// Lists accounts.
    ListAccts = "listaccts" => accounts::listaccts,
    /// Shows one account.
    AccountSummary = "accountsummary" => accounts::accountsummary,
    /// Makes an account.
    CreateAcct = "createacct" => change::createacct,
    /// Suspends an account.
    SuspendAcct = "suspendacct" => change::suspendacct,
    /// Restores an account.
    UnsuspendAcct = "unsuspendacct" => change::unsuspendacct,
    /// Sets the password of an account.
    Passwd = "passwd" => change::passwd,
    /// Changes what an account is.
    ModifyAcct = "modifyacct" => change::modifyacct,
    /// Removes an account for good.
    RemoveAcct = "removeacct" => change::removeacct,
    /// Makes a link that signs a customer in.
    CreateUserSession = "create_user_session" => change::create_user_session,
    /// Makes a token of the caller's.
    ApiTokenCreate = "api_token_create" => tokens::api_token_create,
    /// Lists the caller's tokens.
    ApiTokenList = "api_token_list" => tokens::api_token_list,
    /// Says what a token of the caller's is, by its secret.
    ApiTokenGetDetails = "api_token_get_details" => tokens::api_token_get_details,
    /// Changes a token of the caller's.
    ApiTokenUpdate = "api_token_update" => tokens::api_token_update,
    /// Ends tokens of the caller's.
    ApiTokenRevoke = "api_token_revoke" => tokens::api_token_revoke,
}

/// `/json-api/{function}`, by GET and by POST.
pub async fn call(request: HttpRequest, payload: web::Payload) -> Result<HttpResponse, WebError> {
    let parameters = Parameters::read(&request, payload).await?;
    let name = request.match_info().get("function").unwrap_or_default();
    let version = match parameters.one("api.version") {
        Ok(None | Some("" | "0")) => WhmVersion::Zero,
        _ => WhmVersion::One,
    };
    let staff = match Staff::of(&request, version).await {
        Ok(staff) => staff,
        Err(NotLetIn::Failed(error)) => return Err(error),
        Err(NotLetIn::Denied | NotLetIn::Refused(_)) => return Ok(envelope::forbidden()),
    };
    let Some(function) = Function::ALL.iter().find(|function| function.name() == name) else {
        return Ok(answer(&unknown_app(version, name)));
    };
    let said = match function.call(&staff, &parameters).await {
        Ok(done) => Ok(done),
        Err(Failure::Refused(refused)) => Err(refused),
        Err(Failure::Failed(error)) => return Err(error),
    };
    Ok(answer(&envelope::whm(version, name, &said)))
}

impl Staff {
    async fn of(request: &HttpRequest, version: WhmVersion) -> Result<Self, NotLetIn> {
        let call = Call::of(request);
        let caller = match Credentials::of(request.headers()) {
            Credentials::Token { user, secret, .. } => by_token(&call, request, &user, &secret).await?,
            Credentials::Password { user, password } => {
                member(&call, request, by_password(&call, request, user, password).await?)?
            }
            Credentials::Absent => member(&call, request, by_session(&call, request).await?)?,
            Credentials::Unreadable => return Err(NotLetIn::Denied),
        };
        Ok(Self { call, caller, version })
    }
}

/// A staff member's token whose member has the user name that stands before it.
async fn by_token(call: &Call, request: &HttpRequest, user: &str, secret: &str) -> Result<Caller, NotLetIn> {
    match staff_tokens::verify(&call.app, secret, call.address).await {
        Ok(identity) if identity.member.username.as_str().eq_ignore_ascii_case(user) => {
            Ok(call.caller(request, identity.actor()))
        }
        Ok(_) | Err(Unrecognised::Refused(..)) => Err(NotLetIn::Denied),
        Err(Unrecognised::Nobody) => {
            note_stranger(&call.app, call.address);
            Err(NotLetIn::Denied)
        }
        Err(Unrecognised::Unchecked(error)) => Err(NotLetIn::Failed(error.into())),
    }
}

/// A staff member who showed that they are themselves.
fn member(call: &Call, request: &HttpRequest, present: Present) -> Result<Caller, NotLetIn> {
    match present.person {
        Person::Staff(_) => Ok(Caller {
            password_at: present.password_at,
            ..call.caller(request, present.person.actor())
        }),
        Person::Customer(_) => Err(NotLetIn::Denied),
    }
}

/// The account that a parameter names.
fn no_account(name: &str) -> Refused {
    Refused::new(format!("There is no account “{name}”."))
}
