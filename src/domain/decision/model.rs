//! The rules of the decision once more, slow and obvious, for tests to hold the real ones against.
//!
//! Shares nothing with them: scopes are texts in lists, what they imply is found by going round until nothing is added,
//! addresses are numbers, instants are hours.

/// Everything that one answer depends on, as somebody would tell it.
#[derive(Debug, Clone)]
pub(crate) struct Story {
    /// Every scope of the catalogue.
    pub(crate) all_scopes: Vec<&'static str>,
    /// "The first comes with the second", step by step.
    pub(crate) implies: Vec<(&'static str, &'static str)>,
    /// Areas whose scopes do not act on sites.
    pub(crate) areas_without_sites: Vec<&'static str>,
    pub(crate) revoked: bool,
    pub(crate) paused: bool,
    /// The first hour at which the token is no longer good.
    pub(crate) expires: Option<i64>,
    /// The first hour at which the presented secret is no longer good.
    pub(crate) secret_ends: Option<i64>,
    pub(crate) granted: Vec<&'static str>,
    /// None: every site.
    pub(crate) token_sites: Option<Vec<&'static str>>,
    /// First and last address of each range; none: any.
    pub(crate) ranges: Option<Vec<(u32, u32)>>,
    pub(crate) suspended: bool,
    pub(crate) plan: Vec<&'static str>,
    pub(crate) account_sites: Vec<&'static str>,
    pub(crate) from: u32,
    /// None: the catalogue has no route for what was asked.
    pub(crate) needed: Option<Vec<&'static str>>,
    pub(crate) site: Option<&'static str>,
    /// Seconds until the token may make another call.
    pub(crate) wait: Option<i64>,
    pub(crate) now: i64,
}

/// A code and the scopes that it is about.
pub(crate) type Said = (&'static str, Vec<&'static str>);

impl Story {
    /// What stands against the request, in order.
    pub(crate) fn refusals(&self) -> Vec<Said> {
        let mut said: Vec<Said> = Vec::new();
        if self.revoked {
            said.push(("revoked", Vec::new()));
        }
        if self.paused && !self.revoked {
            said.push(("paused", Vec::new()));
        }
        if is_over(self.expires, self.now) {
            said.push(("expired", Vec::new()));
        }
        if is_over(self.secret_ends, self.now) {
            said.push(("secret-replaced", Vec::new()));
        }
        if self.suspended {
            said.push(("account-suspended", Vec::new()));
        }
        if !self.is_address_allowed() {
            said.push(("address-not-allowed", Vec::new()));
        }
        match &self.needed {
            None => said.push(("no-such-route", Vec::new())),
            Some(needed) => {
                let lacking = |held: Vec<&'static str>| -> Vec<&'static str> {
                    let lacking = needed.iter().filter(|scope| !held.contains(scope));
                    lacking.copied().collect()
                };
                let missing = lacking(self.closed(&self.granted));
                if !missing.is_empty() {
                    said.push(("missing-scopes", missing));
                }
                let excluded = lacking(self.closed(&self.plan));
                if !excluded.is_empty() {
                    said.push(("plan-excludes-scopes", excluded));
                }
                if let Some(code) = self.what_is_wrong_with_the_site(needed) {
                    said.push((code, Vec::new()));
                }
            }
        }
        if self.wait.is_some() {
            said.push(("rate-limited", Vec::new()));
        }
        said
    }

    /// The scopes with all that comes with them; `*` is every one.
    fn closed(&self, scopes: &[&'static str]) -> Vec<&'static str> {
        if scopes.contains(&"*") {
            return self.all_scopes.clone();
        }
        let mut closed = scopes.to_vec();
        loop {
            let more = self
                .implies
                .iter()
                .find(|(first, second)| closed.contains(first) && !closed.contains(second));
            match more {
                Some((_, second)) => closed.push(second),
                None => return closed,
            }
        }
    }

    fn is_address_allowed(&self) -> bool {
        match &self.ranges {
            None => true,
            Some(ranges) => ranges
                .iter()
                .any(|(first, last)| *first <= self.from && self.from <= *last),
        }
    }

    fn what_is_wrong_with_the_site(&self, needed: &[&'static str]) -> Option<&'static str> {
        let is_about_sites = needed.iter().any(|scope| {
            let area = scope.split(':').next();
            !self.areas_without_sites.iter().any(|other| Some(*other) == area)
        });
        let Some(site) = self.site else {
            return (is_about_sites && self.token_sites.is_some()).then_some("site-required");
        };
        if self.token_sites.as_ref().is_some_and(|sites| !sites.contains(&site)) {
            return Some("site-not-allowed");
        }
        (!self.account_sites.contains(&site)).then_some("no-such-site")
    }
}

/// Whether the end has come; what ends at an hour is over from that hour on.
fn is_over(end: Option<i64>, now: i64) -> bool {
    match end {
        None => false,
        Some(end) => now >= end,
    }
}
