//! What a call of the API can be refused for: the codes that programs go by, and what people read about them.

use actix_web::http::StatusCode;

use crate::domain::decision::Reason;

macro_rules! kinds {
    ($($(#[$doc:meta])* $name:ident = ($code:literal, $status:ident, $title:literal, $help:literal),)*) => {
        /// A kind of problem. Its code never changes: programs go by it.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum Kind { $($(#[$doc])* $name,)* }

        impl Kind {
            /// Every kind, in the order of the checks.
            pub const ALL: &'static [Self] = &[$(Self::$name,)*];

            /// The last part of the problem's `type`.
            pub fn code(self) -> &'static str {
                match self { $(Self::$name => $code,)* }
            }

            /// The status of the answer.
            pub fn status(self) -> StatusCode {
                match self { $(Self::$name => StatusCode::$status,)* }
            }

            /// What is wrong, in a few words.
            pub fn title(self) -> &'static str {
                match self { $(Self::$name => $title,)* }
            }

            /// What it means and what to do about it.
            pub fn help(self) -> &'static str {
                match self { $(Self::$name => $help,)* }
            }
        }
    };
}

kinds! {
    /// No token was sent.
    MissingToken = ("missing-token", UNAUTHORIZED, "No token was sent",
        "Send the token in the header \u{201c}Authorization: Bearer\u{201d}, followed by the token. It is read nowhere else."),
    /// The token was sent in a way that cannot be read.
    InvalidRequest = ("invalid-request", BAD_REQUEST, "The token was not sent as it must be",
        "Send one Authorization header with the word Bearer, one space and the token, and send no query parameters: \
         what stands in an address ends up in logs."),
    /// Malformed, unknown or wrong; nobody is told which.
    InvalidToken = ("invalid-token", UNAUTHORIZED, "The token is not valid",
        "Check that the whole token was copied. If it was, it is not one of this panel, or it was removed long ago: \
         create a new one and use that."),
    /// The token was ended for good.
    TokenRevoked = ("token-revoked", UNAUTHORIZED, "The token was revoked",
        "A revoked token never works again. The account's activity says who revoked it and when. \
         Create a new token and use that."),
    /// The token is switched off.
    TokenPaused = ("token-paused", UNAUTHORIZED, "The token is paused",
        "It works again as soon as it is resumed on its page in the panel. \
         What the hosting company's staff paused, only they can resume."),
    /// The token's time is over.
    TokenExpired = ("token-expired", UNAUTHORIZED, "The token has expired",
        "Renew it on its page in the panel. The secret stays the same, so nothing else has to change."),
    /// A rotation replaced the secret.
    SecretReplaced = ("secret-replaced", UNAUTHORIZED, "The token has a new secret",
        "The token was rotated and the time for which the old secret went on working is over. Use the new secret. \
         If nobody has it any more, rotate the token again."),
    /// The account is suspended.
    AccountSuspended = ("account-suspended", UNAUTHORIZED, "The account is suspended",
        "None of the account's tokens works until it is restored. Sign in to read why, and ask support."),
    /// The staff member was deactivated.
    MemberDeactivated = ("member-deactivated", UNAUTHORIZED, "The staff member was deactivated",
        "A staff member's tokens are refused while the member is deactivated. An administrator can reactivate the member; \
         better is a token of somebody who works here."),
    /// The caller's address is none of the token's.
    IpNotAllowed = ("ip-not-allowed", FORBIDDEN, "The token may not be used from this address",
        "The token works from the addresses on its page in the panel only. Call from one of them, or add this one there."),
    /// The catalogue has no route for the request.
    NoSuchRoute = ("no-such-route", FORBIDDEN, "There is nothing to allow at this address",
        "No service has this method and path. Check both, and send the path as it is, without dots, \
         double slashes or encoded slashes."),
    /// The token lacks a scope.
    InsufficientScope = ("insufficient-scope", FORBIDDEN, "The token lacks a required permission",
        "The answer names every permission that is missing. The address under fix_url opens the token's page with \
         these proposed; somebody who may change the token has to confirm them."),
    /// The plan excludes a scope.
    PlanExcludesScope = ("plan-excludes-scope", FORBIDDEN, "The account's plan does not include this",
        "No token of the account can do this, whatever its permissions are. Ask the hosting company for another plan."),
    /// The token's sites do not include the one.
    SiteNotAllowed = ("site-not-allowed", FORBIDDEN, "The token may not be used for this site",
        "The token is limited to the sites on its page in the panel. Name one of them, or add this one there."),
    /// The account has no such site.
    NoSuchSite = ("no-such-site", FORBIDDEN, "The account has no such site",
        "Check the spelling of the site. It must be one of the account that the token belongs to."),
    /// The token has made all the calls that it may make in a minute.
    RateLimited = ("rate-limited", TOO_MANY_REQUESTS, "The token made too many calls in a short time",
        "Wait for as many seconds as the header Retry-After says and try again. A token can make so many calls a minute; \
         calls that are refused do not count. If that is too few, spread the calls, or ask the hosting company."),
    /// The body is not JSON.
    MalformedJson = ("malformed-json", BAD_REQUEST, "The body is not JSON",
        "Send one JSON object, and nothing before or after it."),
    /// The body is JSON, but not what is asked for.
    InvalidBody = ("invalid-body", UNPROCESSABLE_ENTITY, "The body is not what is asked for",
        "Send the members that the detail of the answer names, each at most once, and no others."),
    /// A scope that the catalogue does not have.
    UnknownScope = ("unknown-scope", UNPROCESSABLE_ENTITY, "There is no such permission",
        "Check the spelling of the scopes. A scope that is not known is never taken as allowed or left out."),
    /// The body is of another type than JSON.
    UnsupportedMediaType = ("unsupported-media-type", UNSUPPORTED_MEDIA_TYPE, "The body is of a type that is not read here",
        "Send JSON with the header \u{201c}Content-Type: application/json\u{201d}."),
    /// The body is too long.
    TooLarge = ("too-large", PAYLOAD_TOO_LARGE, "The body is too large",
        "Send less at once."),
    /// Who asks is no gateway.
    UnknownGateway = ("unknown-gateway", FORBIDDEN, "Only gateways may ask here",
        "The proxy in front of the service must be named in Latchkey\u{2019}s setting gateways. Ask whoever runs it to add \
         the address that it connects from, or to give it a service credential."),
    /// A gateway left out what it must say, or said it in a way that cannot be read.
    GatewayFault = ("gateway-fault", BAD_REQUEST, "The gateway did not ask as it must",
        "The detail of the answer says what is wrong with the question. Whoever runs the proxy in front of the service \
         has to put its configuration right; until then nothing passes."),
    /// A parameter of the query is unknown or cannot be read.
    InvalidQuery = ("invalid-query", BAD_REQUEST, "A parameter in the address is not right",
        "Send only the parameters that the call has, each at most once. A cursor is the text that the page before gave \
         under next, with the same order."),
    /// A header cannot be read.
    InvalidHeader = ("invalid-header", BAD_REQUEST, "A header is not right",
        "The detail of the answer names the header and how it is written."),
    /// There is no such thing, or it is somebody else's.
    NotFound = ("not-found", NOT_FOUND, "There is no such thing here",
        "Check the id in the address. A token of another account is answered as one that does not exist."),
    /// A token asks for what can do more than itself.
    BeyondToken = ("beyond-this-token", FORBIDDEN, "The token cannot give what it does not have",
        "A token makes and changes only tokens that can do no more than itself, on no more sites, from no more addresses and \
         for no longer. The answer names everything that lies outside. Ask for less, or use a token that can do more."),
    /// The secret of a rotation that is about to end manages nothing.
    OutgoingSecret = ("outgoing-secret", FORBIDDEN, "The secret is about to end",
        "The token was rotated, and this is its old secret. It goes on working for a while, but changes no tokens. \
         Use the new secret."),
    /// The role of the staff member does not include it.
    RoleExcludes = ("role-excludes", FORBIDDEN, "The staff member may not do this",
        "A staff member's token does what its scopes and the role of its member both allow. \
         Use the token of an administrator."),
    /// A live token has the name.
    NameTaken = ("name-taken", CONFLICT, "The name is taken",
        "A live one has this name; upper and lower case count as the same. Choose another name, or revoke that one first."),
    /// The account has all the tokens that it may have.
    TooManyTokens = ("too-many-tokens", CONFLICT, "There are as many tokens as there may be",
        "Revoke a token that is no longer needed, then try again."),
    /// The token was revoked.
    AlreadyRevoked = ("already-revoked", CONFLICT, "The token was revoked",
        "A revoked token stays revoked and can no longer be changed. Create a new one."),
    /// The token's time is over.
    AlreadyExpired = ("already-expired", CONFLICT, "The token has expired",
        "Renew it first."),
    /// Staff paused the token.
    PausedByStaff = ("paused-by-staff", CONFLICT, "The hosting company's staff paused the token",
        "Only they can resume it. The token's history says why it was paused; ask support."),
    /// No old secret works.
    NoOverlap = ("no-overlap", CONFLICT, "No old secret is working",
        "The token was not rotated, or the time for which its old secret went on working is over. There is nothing to end."),
    /// It is in that state already, or not in the one that it would have to be in.
    AlreadySo = ("already-so", CONFLICT, "It is so already",
        "Somebody else was faster, or it was so before. Look at it again."),
    /// What was asked for stands against something else that is there.
    Conflict = ("conflict", CONFLICT, "Something else stands against it",
        "The detail of the answer says what. Put that right first."),
    /// The thing is no longer as the caller knows it.
    Changed = ("changed", PRECONDITION_FAILED, "It was changed meanwhile",
        "Read it again, look at what has changed, and send the change with the ETag that it has now."),
    /// No revision was named.
    IfMatchRequired = ("if-match-required", PRECONDITION_REQUIRED, "The change does not say what it is a change of",
        "Send the ETag of what you have read in the header If-Match, so that nobody\u{2019}s change is undone unseen; \
         or * for whatever it is."),
    /// The key named another act before.
    KeyReused = ("idempotency-key-reused", UNPROCESSABLE_ENTITY, "The Idempotency-Key was used for something else",
        "Take a new key for each thing that is to be done, and the same one only to repeat a call with the same body."),
    /// A password is not good enough.
    WeakPassword = ("weak-password", UNPROCESSABLE_ENTITY, "The password is not good enough",
        "The detail of the answer says what is wrong with it. Choose another one."),
    /// Our fault.
    Internal = ("internal", INTERNAL_SERVER_ERROR, "Something went wrong on our side",
        "It may have been done or not: look before you try again. Instance names the request in the log of the server."),
    /// The token could not be checked.
    Unavailable = ("unavailable", SERVICE_UNAVAILABLE, "The token can't be checked right now",
        "Something that is needed is out of reach. Try again in a moment, and take it as a refusal until then."),
}

impl From<Reason> for Kind {
    fn from(reason: Reason) -> Self {
        match reason {
            Reason::Revoked => Self::TokenRevoked,
            Reason::Paused => Self::TokenPaused,
            Reason::Expired => Self::TokenExpired,
            Reason::SecretReplaced => Self::SecretReplaced,
            Reason::AccountSuspended => Self::AccountSuspended,
            Reason::AddressNotAllowed => Self::IpNotAllowed,
            Reason::NoSuchRoute => Self::NoSuchRoute,
            Reason::MissingScopes => Self::InsufficientScope,
            Reason::PlanExcludesScopes => Self::PlanExcludesScope,
            Reason::SiteRequired | Reason::SiteNotAllowed => Self::SiteNotAllowed,
            Reason::NoSuchSite => Self::NoSuchSite,
            Reason::TooManyCalls => Self::RateLimited,
        }
    }
}

impl Kind {
    /// The kind with this code.
    pub fn find(code: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|kind| kind.code() == code)
    }

    /// The error code of RFC 6750, section 3.1, that the challenge carries.
    pub fn bearer_error(self) -> Option<&'static str> {
        match self {
            Self::InvalidRequest => Some("invalid_request"),
            Self::InvalidToken
            | Self::TokenRevoked
            | Self::TokenPaused
            | Self::TokenExpired
            | Self::SecretReplaced
            | Self::AccountSuspended
            | Self::MemberDeactivated => Some("invalid_token"),
            Self::InsufficientScope
            | Self::PlanExcludesScope
            | Self::SiteNotAllowed
            | Self::NoSuchSite
            | Self::RoleExcludes
            | Self::BeyondToken => Some("insufficient_scope"),
            _ => None,
        }
    }
}
