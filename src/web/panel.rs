//! What all pages share for as long as the process lives.

use std::sync::Arc;

use super::{csrf::FormTokens, layout::Brand};
use crate::app::App;

/// The hosting company's look, and what makes and checks forms.
pub struct Panel {
    /// The use cases and what they need.
    pub app: Arc<App>,
    /// The hosting company as pages show it.
    pub brand: Brand,
    /// Address of the style sheet with the company's colour.
    pub accent_css: Option<String>,
    /// Makes and checks form tokens.
    pub form_tokens: FormTokens,
}

/// Where the company's logo is served.
pub const LOGO: &str = "/brand/logo";
/// Where the company's colour is served.
pub const ACCENT: &str = "/brand/accent.css";

impl Panel {
    /// Prepares the pages of an application.
    pub fn new(app: Arc<App>) -> Self {
        let form_tokens = FormTokens::new(app.keyring().derive("form tokens"), app.clock.clone());
        let company = &app.settings.company;
        let brand = Brand {
            name: company.name.clone(),
            logo: company.logo.as_ref().map(|_| LOGO.to_owned()),
            support_email: company.support_email.clone(),
            support_phone: company.support_phone.clone(),
            support_url: company.support_url.clone(),
        };
        Self {
            brand,
            accent_css: None,
            form_tokens,
            app,
        }
    }

    /// The origin that our pages have: scheme, host and port of the public URL.
    pub fn origin(&self) -> &str {
        self.app.settings.public_url.as_str()
    }
}
