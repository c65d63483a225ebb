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
            | Self::AccountSuspended => Some("invalid_token"),
            Self::InsufficientScope | Self::PlanExcludesScope | Self::SiteNotAllowed | Self::NoSuchSite => {
                Some("insufficient_scope")
            }
            _ => None,
        }
    }
}
