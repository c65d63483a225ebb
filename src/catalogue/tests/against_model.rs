//! The decision, with what the catalogue and the sets make of a token and a request, against the slow model of the same
//! rules.

use std::net::{IpAddr, Ipv4Addr};

use proptest::{prelude::*, sample::subsequence};
use time::{Duration, PrimitiveDateTime, macros::datetime};

use crate::{
    catalogue::Catalogue,
    domain::{
        address::AddressSet,
        decision::{
            AccessRequest, AccountFacts, Decision, Life, Refusal, RouteRefusal, SiteReach, TokenFacts, Wanted, decide,
            model::{Said, Story},
        },
        scope::ScopeSet,
        site::{SiteName, SiteSet},
    },
};

const NOW: PrimitiveDateTime = datetime!(2026-11-23 12:00);
const SCOPES: [&str; 8] = [
    "a:one", "a:two", "a:three", "b:one", "b:two", "c:one", "c:two", "c:three",
];
const SITES: [&str; 4] = ["one.example", "two.example", "three.example", "four.example"];
/// 198.51.100.0
const NETWORK: u32 = 0xc633_6400;

/// The catalogue that the story tells of. An area is about sites unless the story says otherwise.
fn catalogue(story: &Story) -> Catalogue {
    let mut text = String::new();
    for area in ["a", "b", "c"] {
        let about_sites = !story.areas_without_sites.contains(&area);
        let own = story
            .all_scopes
            .iter()
            .filter(|scope| scope.starts_with(&format!("{area}:")));
        let scopes: Vec<String> = own
            .map(|scope| {
                let implied = story.implies.iter().filter(|(first, _)| first == scope);
                let implied: Vec<String> = implied.map(|(_, second)| format!("{second:?}")).collect();
                format!(
                    "{{ id = \"{scope}\", can = \"x\", risk = \"low\", implies = [{}] }}",
                    implied.join(", ")
                )
            })
            .collect();
        text.extend([format!(
            "[[area]]\nid = \"{area}\"\ntitle = \"X\"\nicon = \"i\"\nabout-sites = {about_sites}\nscopes = [{}]\n",
            scopes.join(", ")
        )]);
    }
    Catalogue::from_toml(&text).expect("a catalogue")
}

fn set(scopes: &[&str]) -> ScopeSet {
    let text = if scopes.contains(&"*") {
        "*".to_owned()
    } else {
        scopes.join(" ")
    };
    if text.is_empty() {
        ScopeSet::empty()
    } else {
        text.parse().expect("scopes")
    }
}

fn at(hour: i64) -> PrimitiveDateTime {
    NOW + Duration::hours(hour)
}

/// The same story through the real thing.
fn really(story: &Story) -> Decision {
    let catalogue = catalogue(story);
    let (held, plan) = (
        catalogue.closure(&set(&story.granted)),
        catalogue.closure(&set(&story.plan)),
    );
    let site: Option<SiteName> = story.site.map(|site| site.parse().expect("a domain name"));
    let sites: SiteSet = match &story.token_sites {
        None => SiteSet::All,
        Some(sites) => sites
            .iter()
            .map(|site| site.parse::<SiteName>().expect("a domain name"))
            .collect(),
    };
    let addresses = story.ranges.as_ref().map_or_else(AddressSet::any, |ranges| {
        let text: Vec<String> = ranges
            .iter()
            .map(|(first, last)| {
                let bits = 32 - (last - first + 1).ilog2();
                format!("{}/{bits}", Ipv4Addr::from(*first))
            })
            .collect();
        text.join(" ").parse().expect("addresses")
    });
    let from = IpAddr::V4(Ipv4Addr::from(story.from));
    let token = TokenFacts {
        life: match (story.revoked, story.paused) {
            (true, _) => Life::Revoked,
            (false, true) => Life::Paused,
            (false, false) => Life::Active,
        },
        expires_at: story.expires.map(at),
        secret_ends_at: story.secret_ends.map(at),
        scopes: &held,
        address_allowed: addresses.contains(from),
        sites: match &sites {
            SiteSet::All => SiteReach::All,
            named @ SiteSet::Named(_) => SiteReach::Named {
                requested: site.as_ref().is_some_and(|site| named.contains(site)),
            },
        },
    };
    let account = AccountFacts {
        suspended: story.suspended,
        plan_scopes: &plan,
        owns_requested_site: story.site.is_some_and(|site| story.account_sites.contains(&site)),
    };
    let needed = story.needed.as_deref().map(set);
    let wanted = needed
        .as_ref()
        .map_or(Wanted::NoRoute(RouteRefusal::UnknownPath), |scopes| Wanted::Access {
            scopes,
            place: catalogue.place(scopes, story.site),
        });
    let request = AccessRequest {
        from: Some(from),
        wanted,
        wait: story.wait.map(Duration::seconds),
    };
    decide(&token, &account, &request, at(story.now))
}

fn said(refusal: &Refusal) -> (&'static str, Vec<String>) {
    let scopes = match refusal {
        Refusal::MissingScopes(scopes) | Refusal::PlanExcludesScopes(scopes) => {
            scopes.iter().map(ToString::to_string).collect()
        }
        _ => Vec::new(),
    };
    (refusal.code(), scopes)
}

/// What the model says, each list of scopes in alphabetical order.
fn sorted((code, scopes): Said) -> (&'static str, Vec<String>) {
    let mut scopes: Vec<String> = scopes.into_iter().map(str::to_owned).collect();
    scopes.sort();
    (code, scopes)
}

fn some_scopes() -> impl Strategy<Value = Vec<&'static str>> {
    prop_oneof![4 => subsequence(SCOPES.to_vec(), 0..=6), 1 => Just(vec!["*"])]
}

fn some_sites() -> impl Strategy<Value = Vec<&'static str>> {
    subsequence(SITES.to_vec(), 0..=4)
}

/// Pairs of which the first stands before the second, so that nothing implies itself.
fn some_implications() -> impl Strategy<Value = Vec<(&'static str, &'static str)>> {
    let pairs: Vec<_> = (0..SCOPES.len())
        .flat_map(|first| (first + 1..SCOPES.len()).map(move |second| (SCOPES[first], SCOPES[second])))
        .collect();
    let count = pairs.len();
    subsequence(pairs, 0..=count / 3)
}

fn some_ranges() -> impl Strategy<Value = Vec<(u32, u32)>> {
    let range = (0_u32..8, 0_u32..4).prop_map(|(place, size)| {
        let length = 1 << size;
        let first = NETWORK + (place * 4) / length * length;
        (first, first + length - 1)
    });
    prop::collection::vec(range, 1..4)
}

prop_compose! {
    fn some_story()(
        (granted, plan, implies) in (some_scopes(), some_scopes(), some_implications()),
        areas_without_sites in subsequence(vec!["a", "b", "c"], 0..=2),
        needed in prop::option::weighted(0.9, subsequence(SCOPES.to_vec(), 0..=3)),
        (token_sites, account_sites) in (prop::option::of(some_sites()), some_sites()),
        site in prop::option::of(prop::sample::select(SITES.to_vec())),
        ranges in prop::option::of(some_ranges()),
        from in (0_u32..40).prop_map(|last| NETWORK + last),
        (expires, secret_ends) in (prop::option::of(-3_i64..=3), prop::option::weighted(0.3, -3_i64..=3)),
        now in -2_i64..=2,
        (revoked, paused, suspended) in (prop::bool::weighted(0.1), prop::bool::weighted(0.1), prop::bool::weighted(0.1)),
        wait in prop::option::weighted(0.2, 1_i64..=60),
    ) -> Story {
        Story {
            all_scopes: SCOPES.to_vec(), implies, areas_without_sites, revoked, paused, expires, secret_ends, granted,
            token_sites, ranges, suspended, plan, account_sites, from, needed, site, wait, now,
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    #[test]
    fn the_decision_says_what_the_slow_model_says(story in some_story()) {
        let real: Vec<_> = really(&story).refusals().iter().map(said).collect();
        let expected: Vec<_> = story.refusals().into_iter().map(sorted).collect();
        prop_assert_eq!(real, expected);
    }
}
