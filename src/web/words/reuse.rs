//! Calls with secrets that no longer work, as people read about them.

use super::{counted, grouped};
use crate::{
    clock::TimeZone,
    domain::reuse::{Ended, OTHERS, Reuse},
    web::times::{self, When},
};

/// Addresses that are shown at once; the others unfold.
const SHOWN: usize = 5;

/// What stands above a token's details when one of its ended secrets was used.
#[derive(Clone, Debug)]
pub struct ReuseWords {
    /// What happened: one sentence.
    pub what: &'static str,
    /// By address, the latest first.
    pub calls: Vec<CallsWords>,
    /// The others.
    pub more: Vec<CallsWords>,
    /// Whether one of the secrets was replaced, so that another one works.
    pub replaced: bool,
    /// Whether its holder can let the secret work again: it has expired, and nothing else.
    pub renewable: bool,
}

/// Calls from one address.
#[derive(Clone, Debug)]
pub struct CallsWords {
    /// `Once`, `14 times`.
    pub times: String,
    /// From which address; empty for those that are not kept apart.
    pub address: String,
    /// Which secret, where there are several: ` with a secret that a rotation replaced`.
    pub secret: &'static str,
    /// When last.
    pub last: When,
}

/// What is known of a token in words; nothing when there is nothing to say.
pub fn reuse_words(zone: &TimeZone, reuse: &[Reuse]) -> Option<ReuseWords> {
    let ends = |ended| reuse.iter().any(|calls| calls.ended == ended);
    let kinds = Ended::ALL.into_iter().filter(|ended| ends(*ended)).count();
    let what = match (ends(Ended::Replaced), ends(Ended::Revoked), ends(Ended::Expired)) {
        (false, false, false) => return None,
        (true, false, false) => "An old secret of this token, which a rotation replaced, was used again.",
        (false, true, false) => "This token was used after it was revoked.",
        (false, false, true) => "This token was used after it expired.",
        _ => "Secrets of this token that no longer work were used again.",
    };
    let words = |calls: &Reuse| CallsWords {
        times: match calls.calls {
            1 => "Once".to_owned(),
            many => format!("{} times", grouped(many.unsigned_abs())),
        },
        address: if calls.address == OTHERS {
            String::new()
        } else {
            calls.address.clone()
        },
        secret: match calls.ended {
            _ if kinds == 1 => "",
            Ended::Replaced => " with a secret that was replaced",
            Ended::Expired => " after it had expired",
            Ended::Revoked => " after it was revoked",
        },
        last: times::when(zone, calls.last_at),
    };
    let mut calls: Vec<CallsWords> = reuse.iter().map(words).collect();
    Some(ReuseWords {
        what,
        more: calls.split_off(SHOWN.min(calls.len())),
        calls,
        replaced: ends(Ended::Replaced),
        renewable: !ends(Ended::Replaced) && !ends(Ended::Revoked),
    })
}

/// What a list adds to the status: `Old secret used 14 times`, or `Used 14 times after its end`; empty where there is
/// nothing to say.
pub fn reuse_in_brief(reuse: Option<&Vec<Reuse>>) -> String {
    let reuse = reuse.map_or(&[][..], Vec::as_slice);
    let times = match reuse.iter().map(|calls| calls.calls).sum() {
        0 => return String::new(),
        1 => "once".to_owned(),
        calls => counted(calls, "time"),
    };
    if reuse.iter().any(|calls| calls.ended == Ended::Replaced) {
        format!("Old secret used {times}")
    } else {
        format!("Used {times} after its end")
    }
}

#[cfg(test)]
mod tests {
    use time::macros::datetime;

    use super::*;
    use crate::domain::id::TokenId;

    fn calls(ended: Ended, address: &str, calls: i64) -> Reuse {
        Reuse {
            token: TokenId(1),
            ended,
            address: address.to_owned(),
            calls,
            first_at: datetime!(2026-11-23 09:00),
            last_at: datetime!(2026-11-23 12:00),
        }
    }

    #[test]
    fn it_is_said_which_secret_was_used_how_often_and_from_where() {
        let zone: TimeZone = "Asia/Kolkata".parse().unwrap();
        assert!(reuse_words(&zone, &[]).is_none());
        let one = reuse_words(&zone, &[calls(Ended::Revoked, "203.0.113.24", 1)]).unwrap();
        assert_eq!(one.what, "This token was used after it was revoked.");
        let first = &one.calls[0];
        assert_eq!(
            (
                first.times.as_str(),
                first.address.as_str(),
                first.secret,
                first.last.text.as_str()
            ),
            ("Once", "203.0.113.24", "", "23 Nov 2026, 17:30 IST")
        );
        let mut many = vec![calls(Ended::Replaced, OTHERS, 1_400); 6];
        many.push(calls(Ended::Expired, "2001:db8::1", 14));
        let both = reuse_words(&zone, &many).unwrap();
        assert!(both.replaced && both.what.starts_with("Secrets"));
        assert_eq!((both.calls.len(), both.more.len()), (5, 2));
        assert_eq!(
            (both.calls[0].times.as_str(), both.calls[0].address.as_str()),
            ("1,400 times", "")
        );
        assert_eq!(both.more[1].secret, " after it had expired");
    }

    #[test]
    fn a_list_says_it_in_a_few_words() {
        assert_eq!(reuse_in_brief(None), "");
        let once = vec![calls(Ended::Expired, "203.0.113.24", 1)];
        assert_eq!(reuse_in_brief(Some(&once)), "Used once after its end");
        let more = vec![calls(Ended::Replaced, "203.0.113.24", 13), once[0].clone()];
        assert_eq!(reuse_in_brief(Some(&more)), "Old secret used 14 times");
    }
}
