//! The server under load: the real panel with one more route, on a database that is made first.

use std::{env, net::TcpListener, path::Path, sync::Arc};

use actix_web::{HttpResponse, web};
use latchkey::{
    app::{
        self, App, Caller,
        accounts::{self, NewAccount},
    },
    catalogue::Catalogue,
    clock::Clock,
    domain::{
        account::Account,
        address::AddressSet,
        secret::{PublicId, TokenSecret, digest},
        site::SiteSet,
        token::Expiry,
        usage::{SecretGeneration, SeenUse, UsageDay, day_of},
    },
    keyring::Keyring,
    settings::Settings,
    store::{self, DbConnection, StoreError, tokens::NewToken},
    web::{panel::Panel, routes, server, serving},
};
use time::Duration;

use crate::{ONE_PAGE, TOKENS, report};

/// Where the fixed text is; only here, and in no release.
pub(crate) const TEXT: &str = "/benchmark/text";
/// The account with one page of tokens, and the one with many.
pub(crate) const NAMES: [&str; 2] = ["few", "many"];
pub(crate) const PASSWORD: &str = "violet tram under the pear";

pub(crate) fn run() {
    let folder = env::args().nth(2).expect("the folder is named");
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port is free");
    let address = listener.local_addr().expect("the socket has an address");
    let app = open(Path::new(&folder), |settings| settings.listening_on(address));
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .expect("a runtime can be made");
    let [few, many] = NAMES.map(|name| runtime.block_on(account(&app, name)));
    fill(&app, &few, ONE_PAGE);
    fill(&app, &many, TOKENS - ONE_PAGE);
    report::line(&address);
    let panel = Arc::new(Panel::new(app));
    let edge = serving::edge(&panel).expect("the address is an origin");
    let configure = move |config: &mut web::ServiceConfig| {
        config.service(web::resource(TEXT).get(text));
        routes::configure(config, &panel);
    };
    actix_web::rt::System::new()
        .block_on(server::serve(listener, edge, configure, std::future::pending()))
        .expect("it serves");
}

async fn text() -> HttpResponse {
    HttpResponse::Ok()
        .content_type("text/plain; charset=utf-8")
        .body("fixed\n")
}

/// The application on the database in a folder.
pub(crate) fn open(folder: &Path, change: impl FnOnce(Settings) -> Settings) -> Arc<App> {
    let settings = change(Settings::for_tests(folder));
    let (store, _) = app::open_store(&settings).expect("the database can be opened");
    let (clock, keyring) = (Clock::system(), Keyring::for_tests());
    App::new(settings, store, clock, Catalogue::built_in(), keyring).expect("the application can be put together")
}

/// The account with one page of tokens, or the one with many.
pub(crate) fn find(connection: &mut DbConnection, many: bool) -> Result<Account, StoreError> {
    let found = store::accounts::find_by_username(connection, NAMES[usize::from(many)])?;
    Ok(found.expect("the accounts have been made"))
}

async fn account(app: &App, name: &str) -> Account {
    let site = |beginning: &str| {
        format!("{beginning}{name}.example")
            .parse()
            .expect("the name of a site")
    };
    let new = NewAccount {
        username: name.parse().expect("a user name"),
        email: format!("{name}@mail.example").parse().expect("an address"),
        password: Some(PASSWORD.to_owned().into()),
        plan: "standard".to_owned(),
        time_zone: "Asia/Kolkata".to_owned(),
        sites: ["", "shop.", "blog."].map(site).into(),
    };
    accounts::create(app, &Caller::shell(), new)
        .await
        .expect("the account can be made")
}

/// Gives an account tokens as people have them, with two weeks of use.
fn fill(app: &App, account: &Account, count: usize) {
    let templates = app.catalogue.templates();
    let now = app.now();
    let write = |connection: &mut DbConnection| -> Result<(), StoreError> {
        for (number, template) in (0_i64..).zip(templates.iter().cycle().take(count)) {
            let random = |length| app.clock.random_base62(length);
            let public_id = PublicId::mint(random);
            let secret = TokenSecret::mint(public_id, random);
            let keyring = app.keyring();
            let (key, digest_key) = keyring.current();
            let new = NewToken {
                public_id,
                account: account.id,
                name: format!("{} {number}", template.name).parse().expect("a name"),
                description: template.sentence.parse().expect("a description"),
                scopes: template.scopes.clone(),
                sites: match number % 3 {
                    0 => SiteSet::All,
                    _ => account.sites[0].as_str().parse().expect("a site"),
                },
                addresses: AddressSet::any(),
                expiry: Expiry::At(now + Duration::days(1 + number % 90)),
                created_at: now - Duration::days(30) - Duration::minutes(number),
                created_by: account.username.to_string(),
                creation_key: None,
                digest: digest(digest_key, &secret),
                key: key.clone(),
                last4: secret.last4().to_owned(),
            };
            let store::tokens::Inserted::Stored(token) = store::tokens::insert(connection, &new)? else {
                continue;
            };
            for ago in 0..14 {
                let day = UsageDay {
                    token: token.id,
                    day: day_of(now - Duration::days(ago)),
                    allowed: 3 + ago * number % 17,
                    refused: ago % 2,
                };
                store::usage::add_day(connection, &day)?;
            }
            let seen = SeenUse {
                token: token.id,
                generation: SecretGeneration::Current,
                at: now - Duration::minutes(number % 5_000),
                from: "203.0.113.24".parse().expect("an address"),
            };
            store::tokens::record_use(connection, &seen)?;
        }
        Ok(())
    };
    app.store.write_here(write).expect("the tokens can be stored");
}
