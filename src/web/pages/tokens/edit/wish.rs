//! What a link to the edit page proposes to add: `?add=backups:create&add_site=shop.example`. It is shown and waits for
//! its holder; what cannot be added is told, not dropped.

use crate::{
    app::App,
    domain::{
        account::Account,
        scope::{Scope, ScopeSet},
        site::{SiteName, SiteSet},
        token::Token,
    },
    web::{pages::tokens::fields::TokenForm, words},
};

/// Characters of a name in a link that are shown back.
const SHOWN: usize = 80;

/// What a link asks to be added, in words.
#[derive(Default)]
pub(super) struct Wish {
    /// What is filled in.
    pub(super) proposed: Vec<String>,
    /// What cannot be.
    pub(super) refused: Vec<String>,
}

impl Wish {
    /// Reads a query and fills what it asks for into a form that holds the token as it is.
    pub(super) fn read(
        query: &str,
        app: &App,
        account: &Account,
        token: &Token,
        plan: &ScopeSet,
        form: &mut TokenForm,
    ) -> Self {
        let mut wish = Self::default();
        for (name, value) in form_urlencoded::parse(query.as_bytes()) {
            for word in value.split_whitespace() {
                match name.as_ref() {
                    "add" => wish.add_scope(word, app, token, plan, form),
                    "add_site" => wish.add_site(word, account, token, form),
                    _ => {}
                }
            }
        }
        wish
    }

    fn add_scope(&mut self, word: &str, app: &App, token: &Token, plan: &ScopeSet, form: &mut TokenForm) {
        let catalogue = &app.catalogue;
        let known = word
            .parse::<Scope>()
            .ok()
            .filter(|scope| catalogue.scope(scope).is_some());
        match known {
            Some(scope) if catalogue.closure(&token.scopes).contains(&scope) => {}
            Some(scope) if catalogue.closure(plan).contains(&scope) => {
                self.proposed.push(words::permission(catalogue, &scope));
                form.scope.push(scope.to_string());
            }
            Some(scope) => {
                let can = words::permission(catalogue, &scope);
                self.refused.push(format!("Your plan does not include “{can}”."));
            }
            None => self
                .refused
                .push(format!("There is no permission “{}” here.", shown(word))),
        }
    }

    fn add_site(&mut self, word: &str, account: &Account, token: &Token, form: &mut TokenForm) {
        let own = word
            .parse::<SiteName>()
            .ok()
            .filter(|site| account.sites.contains(site));
        let Some(site) = own else {
            self.refused
                .push(format!("Your account has no site “{}”.", shown(word)));
            return;
        };
        if matches!(&token.sites, SiteSet::Named(names) if !names.contains(&site)) {
            self.proposed.push(format!("Work on {site}"));
            form.site.push(site.to_string());
        }
    }
}

fn shown(word: &str) -> String {
    word.chars().take(SHOWN).collect()
}
