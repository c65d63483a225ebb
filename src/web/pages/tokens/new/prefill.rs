//! A form that a link or a template fills in. Nothing of what a link asks for is dropped in silence.

use crate::{
    catalogue::Template,
    domain::{
        policy::DEFAULT_LIFETIME_DAYS,
        scope::{Scope, ScopeSet},
        site::SiteName,
    },
    web::pages::tokens::fields::{ALL_SITES, Bounds, NEVER, Proposal, SOME_SITES, TokenForm, proposal, scope_values},
};

/// At most so many remarks are shown: a link with more is not meant well.
const REMARKS: usize = 8;
/// At most so many characters of something unknown are repeated.
const REPEATED: usize = 64;

/// A form as it is first shown.
pub(super) struct Prefill<'a> {
    /// The answers in it.
    pub(super) form: TokenForm,
    /// The template that was chosen.
    pub(super) template: Option<&'a Template>,
    /// Whether the address said more than a template.
    pub(super) by_link: bool,
    /// What could not be filled in, in sentences.
    pub(super) remarks: Vec<String>,
}

impl<'a> Prefill<'a> {
    /// Reads the parameters of the page's address: `template`, `name`, `scopes`, `sites`, `days`, or the form's own field
    /// names. Parameters that are none of these belong to somebody else, such as a mail program, and are passed over.
    pub(super) fn of(bounds: &Bounds<'a>, query: &str) -> Self {
        let mut filling = Self {
            form: TokenForm {
                place: ALL_SITES.to_owned(),
                ..TokenForm::default()
            },
            template: None,
            by_link: false,
            remarks: Vec::new(),
        };
        let pairs: Vec<(String, String)> = form_urlencoded::parse(query.as_bytes()).into_owned().collect();
        for (_, id) in pairs.iter().filter(|(name, _)| name == "template") {
            filling.take_template(bounds, id);
        }
        let days = filling
            .template
            .map_or(DEFAULT_LIFETIME_DAYS, |template| template.days.get());
        filling.take_proposal(proposal(bounds, days));
        for (name, value) in &pairs {
            filling.take(bounds, name, value);
        }
        filling.remarks.truncate(REMARKS);
        filling
    }

    fn remark(&mut self, sentence: impl FnOnce(&str) -> String, about: &str) {
        let about: String = about.chars().take(REPEATED).collect();
        self.remarks.push(sentence(&about));
    }

    fn take_template(&mut self, bounds: &Bounds<'a>, id: &str) {
        match bounds.catalogue.template(id) {
            Some(template) => {
                self.template = Some(template);
                for scope in scope_values(&template.scopes) {
                    self.take_scope(bounds, &scope);
                }
            }
            None => self.remark(|id| format!("There is no template “{id}” here."), id),
        }
    }

    fn take(&mut self, bounds: &Bounds<'a>, name: &str, value: &str) {
        let separator = |c: char| c == ',' || c.is_whitespace();
        let each = || value.split(separator).filter(|word| !word.is_empty());
        match name {
            "name" => value.clone_into(&mut self.form.name),
            "description" => value.clone_into(&mut self.form.description),
            "addresses" => value.clone_into(&mut self.form.addresses),
            "scopes" | "scope" => each().for_each(|scope| self.take_scope(bounds, scope)),
            "sites" | "site" => each().for_each(|site| self.take_site(bounds, site)),
            "where" if value == ALL_SITES || value == SOME_SITES => value.clone_into(&mut self.form.place),
            "days" => self.take_days(bounds, value),
            "expires" => value.clone_into(&mut self.form.expires),
            "date" => value.clone_into(&mut self.form.date),
            _ => return,
        }
        self.by_link = true;
    }

    fn take_scope(&mut self, bounds: &Bounds<'a>, word: &str) {
        if word == ScopeSet::FULL {
            self.form.scope = vec![word.to_owned()];
            return;
        }
        let entry = word
            .parse::<Scope>()
            .ok()
            .and_then(|scope| bounds.catalogue.scope(&scope));
        match entry {
            None => self.remark(|word| format!("There is no permission “{word}” here."), word),
            Some(entry) => {
                let plan = bounds.catalogue.closure(&bounds.terms.plan_scopes);
                if !plan.contains(&entry.scope) {
                    self.remark(|can| format!("Your plan does not include “{can}”."), &entry.can);
                } else if !self.form.scope.iter().any(|scope| scope == word) {
                    self.form.scope.push(word.to_owned());
                }
            }
        }
    }

    /// Sites that a link names, and be they all unknown, never become all sites.
    fn take_site(&mut self, bounds: &Bounds<'a>, word: &str) {
        SOME_SITES.clone_into(&mut self.form.place);
        let name = word.parse::<SiteName>().ok();
        match name.filter(|name| bounds.account.sites.contains(name)) {
            Some(name) => self.form.site.push(name.to_string()),
            None => self.remark(|word| format!("“{word}” is not one of your sites."), word),
        }
    }

    fn take_days(&mut self, bounds: &Bounds<'a>, value: &str) {
        if value == NEVER && bounds.terms.policy.allows_never() {
            NEVER.clone_into(&mut self.form.expires);
            return;
        }
        if value == NEVER {
            self.remark(
                |_| "Every token has to expire here, so a date is chosen.".to_owned(),
                value,
            );
            return;
        }
        let Some(days) = value.parse::<u16>().ok().filter(|days| *days > 0) else {
            self.remark(|value| format!("“{value}” is not a number of days."), value);
            return;
        };
        let proposal = proposal(bounds, days);
        if proposal.shortened {
            self.remark(
                |days| format!("A token cannot live {days} days here, so a shorter time is chosen."),
                value,
            );
        }
        self.take_proposal(proposal);
    }

    fn take_proposal(&mut self, proposal: Proposal) {
        self.form.expires = proposal.expires;
        self.form.date = proposal.date;
    }
}
