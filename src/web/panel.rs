//! What all pages share for as long as the process lives.

use std::sync::{Arc, OnceLock};

use super::{
    api::reference::Published,
    assets,
    csrf::FormTokens,
    exports::Exports,
    layout::{Brand, Layout},
    pages::brand::BrandFile,
};
use crate::app::App;

/// The hosting company's look, and what makes and checks forms.
pub struct Panel {
    /// The use cases and what they need.
    pub app: Arc<App>,
    /// The hosting company as pages show it.
    pub brand: Brand,
    /// The company's logo.
    pub logo: Option<BrandFile>,
    /// The style sheet with the company's colour.
    pub accent: Option<BrandFile>,
    /// Makes and checks form tokens.
    pub form_tokens: FormTokens,
    /// Who is being given a file.
    pub exports: Arc<Exports>,
    published: OnceLock<Published>,
}

impl Panel {
    /// Prepares the pages of an application.
    pub fn new(app: Arc<App>) -> Self {
        let form_tokens = FormTokens::new(app.keyring().derive("form tokens"), app.clock.clone());
        let company = &app.settings.company;
        let (logo, accent) = (BrandFile::logo(company), BrandFile::accent(company));
        let brand = Brand {
            name: company.name.clone(),
            logo: logo.as_ref().map(|file| file.url.clone()),
            support_email: company.support_email.clone(),
            support_phone: company.support_phone.clone(),
            support_url: company.support_url.clone(),
        };
        Self {
            app,
            brand,
            logo,
            accent,
            form_tokens,
            exports: Arc::default(),
            published: OnceLock::new(),
        }
    }

    /// The API's document, written when somebody first asks for it.
    pub fn published(&self) -> &Published {
        self.published.get_or_init(|| Published::new(&self.app.settings))
    }

    /// The layout of a page for a visitor of whom nothing is known. Without a form token it offers no form.
    pub fn layout(&self) -> Layout {
        Layout {
            title: String::new(),
            brand: self.brand.clone(),
            accent_css: self.accent.as_ref().map(|file| file.url.clone()),
            css: assets::asset("css/app.css"),
            js: assets::asset("js/app.js"),
            icons: assets::asset("icons.svg"),
            theme: None,
            signed_in: None,
            form_token: String::new(),
            current: "",
            demo: self.app.demo,
            notice: None,
            suspended: None,
            path: String::new(),
            version: env!("CARGO_PKG_VERSION"),
        }
    }

    /// The origin that our pages have: scheme, host and port of the public URL.
    pub fn origin(&self) -> &str {
        self.app.settings.public_url.as_str()
    }
}
