//! What the tests stand on: a browser and an API client that speak HTTP, and databases that vanish after the test.

/// Makes two tests of each function: `name::sqlite`, and `name::postgres`, which only `tests/run` runs.
///
/// The function takes a reference to whatever can be made from a [`Database`]: the database itself, or the application
/// on it.
macro_rules! on_both {
    ($($name:ident),+ $(,)?) => {$(
        mod $name {
            #[test]
            fn sqlite() {
                super::$name(&$crate::support::Database::sqlite().into());
            }

            #[test]
            #[ignore = "needs PostgreSQL: tests/run"]
            fn postgres() {
                super::$name(&$crate::support::Database::postgres().into());
            }
        }
    )+};
}

mod api;
mod browser;
mod copies;
mod database;
pub(crate) mod document;
mod form;
mod gate;
mod html;
mod http;
mod mint;
mod page;
mod plan;
mod process;
mod responder;
mod world;

pub(crate) use self::{
    api::{Answer, Api},
    browser::Browser,
    database::Database,
    form::Form,
    gate::Gate,
    html::Element,
    http::{Request, Response},
    mint::{Minted, mint, mint_service, mint_staff},
    page::Page,
    plan::plans,
    process::{Process, account_of},
    world::{PASSWORD, Server, World},
};
