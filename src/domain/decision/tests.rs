//! Examples and properties of the decision.

use std::net::{IpAddr, Ipv4Addr};

use proptest::prelude::*;
use time::macros::datetime;

use super::*;
use crate::domain::scope::Scope;

const NOW: PrimitiveDateTime = datetime!(2026 - 11 - 23 12:00);
const FROM: Option<IpAddr> = Some(IpAddr::V4(Ipv4Addr::new(198, 51, 100, 7)));

fn set(text: &str) -> ScopeSet {
    text.parse().expect("scopes")
}

/// Everything that a decision looks at, owned, in one place.
#[derive(Debug, Clone)]
struct Case {
    life: Life,
    expires_at: Option<PrimitiveDateTime>,
    secret_ends_at: Option<PrimitiveDateTime>,
    held: ScopeSet,
    address_allowed: bool,
    sites: SiteReach,
    suspended: bool,
    plan: ScopeSet,
    owned: bool,
    needed: ScopeSet,
    place: Place<'static>,
    wait: Option<Duration>,
}

impl Case {
    /// A request that nothing stands against.
    fn good() -> Self {
        Self {
            life: Life::Active,
            expires_at: Some(datetime!(2026 - 11 - 23 12:00:00.000_001)),
            secret_ends_at: None,
            held: set("backups:create files:read"),
            address_allowed: true,
            sites: SiteReach::Named { requested: true },
            suspended: false,
            plan: set("backups:create files:read files:write"),
            owned: true,
            needed: set("backups:create"),
            place: Place::Site("blog.example"),
            wait: None,
        }
    }

    fn decide(&self) -> Decision {
        self.decide_wanted(Wanted::Access {
            scopes: &self.needed,
            place: self.place,
        })
    }

    fn decide_wanted(&self, wanted: Wanted<'_>) -> Decision {
        let token = TokenFacts {
            life: self.life,
            expires_at: self.expires_at,
            secret_ends_at: self.secret_ends_at,
            scopes: &self.held,
            address_allowed: self.address_allowed,
            sites: self.sites,
        };
        let account = AccountFacts {
            suspended: self.suspended,
            plan_scopes: &self.plan,
            owns_requested_site: self.owned,
        };
        let request = AccessRequest {
            from: FROM,
            wanted,
            wait: self.wait,
        };
        decide(&token, &account, &request, NOW)
    }
}

#[test]
fn a_request_that_nothing_stands_against_is_allowed() {
    let decision = Case::good().decide();
    assert!(decision.is_allowed() && decision.first().is_none());
    assert!(
        Case {
            expires_at: None,
            ..Case::good()
        }
        .decide()
        .is_allowed()
    );
    let during_overlap = Case {
        secret_ends_at: Some(datetime!(2026 - 11 - 23 13:00)),
        ..Case::good()
    };
    assert!(during_overlap.decide().is_allowed());
}

/// What stands against a good request in which one thing is changed.
fn after(change: impl FnOnce(&mut Case)) -> Vec<Refusal> {
    let mut case = Case::good();
    change(&mut case);
    case.decide().refusals().to_vec()
}

#[test]
fn each_fact_alone_refuses() {
    let site = || "blog.example".to_owned();
    assert_eq!(after(|c| c.life = Life::Revoked), [Refusal::Revoked]);
    assert_eq!(after(|c| c.life = Life::Paused), [Refusal::Paused]);
    assert_eq!(after(|c| c.expires_at = Some(NOW)), [Refusal::Expired { at: NOW }]);
    assert_eq!(
        after(|c| c.secret_ends_at = Some(NOW)),
        [Refusal::SecretReplaced { at: NOW }]
    );
    assert_eq!(after(|c| c.suspended = true), [Refusal::AccountSuspended]);
    assert_eq!(
        after(|c| c.address_allowed = false),
        [Refusal::AddressNotAllowed { from: FROM }]
    );
    assert_eq!(
        after(|c| c.needed = set("files:write")),
        [Refusal::MissingScopes(set("files:write"))]
    );
    assert_eq!(
        after(|c| c.plan = set("files:read")),
        [Refusal::PlanExcludesScopes(set("backups:create"))]
    );
    assert_eq!(after(|c| c.place = Place::AnySite), [Refusal::SiteRequired]);
    assert_eq!(
        after(|c| c.sites = SiteReach::Named { requested: false }),
        [Refusal::SiteNotAllowed(site())]
    );
    assert_eq!(after(|c| c.owned = false), [Refusal::NoSuchSite(site())]);
    let retry_after = Duration::seconds(7);
    assert_eq!(
        after(|c| c.wait = Some(retry_after)),
        [Refusal::TooManyCalls { retry_after }]
    );
}

#[test]
fn everything_is_named_at_once_and_in_order() {
    let worst = Case {
        life: Life::Revoked,
        expires_at: Some(datetime!(2026 - 01 - 01 0:00)),
        secret_ends_at: Some(datetime!(2026 - 01 - 02 0:00)),
        suspended: true,
        address_allowed: false,
        held: ScopeSet::empty(),
        plan: ScopeSet::empty(),
        needed: set("dns:write files:read"),
        sites: SiteReach::Named { requested: false },
        owned: false,
        wait: Some(Duration::seconds(1)),
        ..Case::good()
    };
    let codes: Vec<_> = worst.decide().refusals().iter().map(Refusal::code).collect();
    assert_eq!(
        codes.join(" "),
        "revoked expired secret-replaced account-suspended address-not-allowed missing-scopes plan-excludes-scopes \
         site-not-allowed rate-limited"
    );
    let lost = worst.decide_wanted(Wanted::NoRoute(RouteRefusal::DotSegment));
    assert_eq!(lost.refusals()[5], Refusal::NoSuchRoute(RouteRefusal::DotSegment));
}

#[test]
fn a_request_without_a_route_is_refused_however_good_the_token() {
    let decision = Case::good().decide_wanted(Wanted::NoRoute(RouteRefusal::UnknownPath));
    assert_eq!(decision.refusals(), [Refusal::NoSuchRoute(RouteRefusal::UnknownPath)]);
}

#[test]
fn what_is_about_the_account_does_not_look_at_sites() {
    let case = Case {
        place: Place::Account,
        sites: SiteReach::Named { requested: false },
        owned: false,
        ..Case::good()
    };
    assert!(case.decide().is_allowed());
}

#[test]
fn codes_are_unique_and_come_back() {
    for reason in Reason::ALL {
        assert_eq!(reason.code().parse(), Ok(reason));
    }
    assert!(Reason::ALL.is_sorted());
    assert_eq!("allowed".parse::<Reason>(), Err(UnknownReason));
}

fn any_scopes() -> impl Strategy<Value = ScopeSet> {
    prop::collection::vec("[a-c]:[ab]", 0..6).prop_map(|words| {
        words
            .iter()
            .map(|word| word.parse::<Scope>().expect("in the grammar"))
            .collect()
    })
}

fn any_instant() -> impl Strategy<Value = Option<PrimitiveDateTime>> {
    prop::option::of((-3_i64..=3).prop_map(|hours| NOW + Duration::hours(hours)))
}

prop_compose! {
    fn any_case()(
        life in prop_oneof![4 => Just(Life::Active), 1 => Just(Life::Paused), 1 => Just(Life::Revoked)],
        (expires_at, secret_ends_at) in (any_instant(), any_instant()),
        (held, plan, needed) in (any_scopes(), any_scopes(), any_scopes()),
        sites in prop_oneof![Just(SiteReach::All), any::<bool>().prop_map(|requested| SiteReach::Named { requested })],
        (address_allowed, suspended, owned) in (any::<bool>(), prop::bool::weighted(0.2), any::<bool>()),
        place in prop_oneof![Just(Place::Site("blog.example")), Just(Place::AnySite), Just(Place::Account)],
        wait in prop::option::weighted(0.2, (1_i64..60).prop_map(Duration::seconds)),
    ) -> Case {
        Case {
            life, expires_at, secret_ends_at, held, address_allowed, sites, suspended, plan, owned, needed, place, wait
        }
    }
}

proptest! {
    #[test]
    fn widening_never_turns_allowed_into_refused(case in any_case(), more in any_scopes()) {
        if case.decide().is_allowed() {
            let wider = Case { held: case.held.union(&more), plan: case.plan.union(&more), ..case.clone() };
            prop_assert!(wider.decide().is_allowed());
            let widest = Case { held: ScopeSet::full(), sites: SiteReach::All, ..case };
            prop_assert!(widest.decide().is_allowed());
        }
    }

    #[test]
    fn allowed_means_inside_the_token_and_inside_the_plan(case in any_case()) {
        let decision = case.decide();
        if decision.is_allowed() {
            prop_assert!(case.held.intersection(&case.plan).includes(&case.needed));
            prop_assert!(case.life == Life::Active && !case.suspended && case.address_allowed);
            prop_assert!(case.expires_at.is_none_or(|at| NOW < at) && case.wait.is_none());
        }
        prop_assert_eq!(decision.is_allowed(), decision.first().is_none());
    }

    #[test]
    fn all_that_is_missing_is_named_so_that_adding_it_is_enough(case in any_case()) {
        let mut mended = case.clone();
        for refusal in case.decide().refusals() {
            match refusal {
                Refusal::MissingScopes(scopes) => mended.held = mended.held.union(scopes),
                Refusal::PlanExcludesScopes(scopes) => mended.plan = mended.plan.union(scopes),
                Refusal::Revoked | Refusal::Paused => mended.life = Life::Active,
                Refusal::Expired { .. } => mended.expires_at = None,
                Refusal::SecretReplaced { .. } => mended.secret_ends_at = None,
                Refusal::AccountSuspended => mended.suspended = false,
                Refusal::AddressNotAllowed { .. } => mended.address_allowed = true,
                Refusal::SiteRequired | Refusal::SiteNotAllowed(_) => mended.sites = SiteReach::All,
                Refusal::NoSuchSite(_) => mended.owned = true,
                Refusal::TooManyCalls { .. } => mended.wait = None,
                Refusal::NoSuchRoute(_) => prop_assert!(false, "a route was asked for"),
            }
        }
        // Who owns a site outside the token's is told only once the token reaches it.
        let rest = mended.decide();
        prop_assert!(rest.is_allowed() || rest.refusals().iter().all(|left| left.reason() == Reason::NoSuchSite));
    }

    #[test]
    fn reasons_stand_in_order_and_once(case in any_case()) {
        let reasons: Vec<_> = case.decide().refusals().iter().map(Refusal::reason).collect();
        prop_assert!(reasons.is_sorted_by(|a, b| a < b));
    }
}
