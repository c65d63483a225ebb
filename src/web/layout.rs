//! What `base.html` shows around every page.

/// The hosting company as pages show it.
#[derive(Clone, Debug, Default)]
pub struct Brand {
    /// Its name.
    pub name: String,
    /// Address of its logo.
    pub logo: Option<String>,
    /// Where to write for help.
    pub support_email: Option<String>,
    /// Where to call for help.
    pub support_phone: Option<String>,
    /// Where to read about help.
    pub support_url: Option<String>,
}

/// Who is signed in, as the top bar shows them.
#[derive(Clone, Debug)]
pub struct SignedInName {
    /// User name of an account, name of a staff member.
    pub name: String,
    /// Whether it is a staff member.
    pub staff: bool,
    /// Whether it is an administrator.
    pub admin: bool,
}

/// What the last action has to say.
#[derive(Clone, Debug)]
pub struct NoticeWords {
    /// `ok`, `info`, `warn` or `danger`.
    pub kind: &'static str,
    /// One or two sentences.
    pub text: String,
    /// Where a form posts that takes the action back.
    pub undo: Option<String>,
}

/// The frame of a page; field by field what `base.html` names.
#[derive(Clone, Debug)]
pub struct Layout {
    /// The page's title, without the company's name.
    pub title: String,
    /// The company.
    pub brand: Brand,
    /// Address of the style sheet with the company's colour.
    pub accent_css: Option<String>,
    /// Address of the style sheet.
    pub css: &'static str,
    /// Address of the script.
    pub js: &'static str,
    /// Address of the icons.
    pub icons: &'static str,
    /// `light` or `dark` when the visitor chose one.
    pub theme: Option<&'static str>,
    /// Who is signed in.
    pub signed_in: Option<SignedInName>,
    /// The token that every form of the page carries.
    pub form_token: String,
    /// Which entry of the navigation is the page's.
    pub current: &'static str,
    /// Whether the data are made up.
    pub demo: bool,
    /// What the last action has to say.
    pub notice: Option<NoticeWords>,
    /// Why the account is suspended.
    pub suspended: Option<String>,
    /// The page's path, with the parameters of a page that was asked for.
    pub path: String,
    /// The program's version.
    pub version: &'static str,
}
