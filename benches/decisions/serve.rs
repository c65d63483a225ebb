//! The server under load: the real panel with its jobs, a fixed text behind its edge, and on a socket of its own the
//! same text from the framework alone.

use std::{env, net::TcpListener, path::Path, sync::Arc};

use actix_web::{App as Actix, HttpResponse, HttpServer, web};
use latchkey::{
    app::{self, App},
    catalogue::Catalogue,
    clock::Clock,
    jobs,
    keyring::Keyring,
    settings::{Flags, Settings},
    web::{authz, door::Door, panel::Panel, routes, server, serving},
};

use crate::print;

/// Where the fixed text is; only here, and in no release.
pub(crate) const TEXT: &str = "/benchmark/text";
/// Where a password is hashed as for a sign-in.
pub(crate) const HASH: &str = "/benchmark/hash";

/// Serves until the process ends. Prints the address of the framework alone and that of the panel.
pub(crate) fn run() {
    let arguments: Vec<String> = env::args().collect();
    // Among what it warns of are calls that were answered and not counted.
    tracing_subscriber::fmt()
        .with_max_level(tracing::Level::WARN)
        .with_writer(std::io::stderr)
        .init();
    let [bare, whole] = [(); 2].map(|()| TcpListener::bind("127.0.0.1:0").expect("a port is free"));
    let [bare_at, whole_at] = [&bare, &whole].map(|socket| socket.local_addr().expect("the socket has an address"));
    let app = open(Path::new(&arguments[2]), &arguments[3], |settings| {
        settings.listening_on(whole_at)
    });
    print::line(&format!("{bare_at} {whole_at}"));
    let panel = Arc::new(Panel::new(Arc::clone(&app)));
    let edge = serving::edge(&panel).expect("the address is an origin");
    let answers = serving::authz(&app);
    let hashing = web::Data::from(Arc::clone(&app));
    let configure = move |config: &mut web::ServiceConfig| {
        config
            .service(web::resource(TEXT).get(text))
            .service(web::resource(HASH).app_data(hashing.clone()).get(hash));
        routes::configure(config, &panel);
    };
    actix_web::rt::System::new().block_on(async {
        let alone = HttpServer::new(|| Actix::new().service(web::resource(TEXT).get(text)))
            .workers(1)
            .disable_signals()
            .listen(bare)
            .expect("the socket can be used")
            .run();
        actix_web::rt::spawn(alone);
        let _jobs = jobs::start(&app);
        let beside = move || authz::service(Arc::clone(&answers));
        server::serve_both(
            vec![Door::plain(whole, configure)],
            edge,
            beside,
            std::future::pending(),
        )
        .await
        .expect("it serves");
    });
}

async fn text() -> HttpResponse {
    HttpResponse::Ok()
        .content_type("text/plain; charset=utf-8")
        .body("fixed\n")
}

/// Answers the same whether it was hashed or there was no room for it.
async fn hash(app: web::Data<App>) -> HttpResponse {
    _ = app
        .passwords
        .verify("correct horse battery".to_owned().into(), None)
        .await;
    text().await
}

/// The application on a database, with the keys of a folder.
pub(crate) fn open(folder: &Path, url: &str, change: impl FnOnce(Settings) -> Settings) -> Arc<App> {
    let flags = Flags {
        data: Some(folder.display().to_string()),
        database: Some(url.to_owned()),
        ..Flags::default()
    };
    let environment = [("LATCHKEY_WORKERS", "1"), ("LATCHKEY_TRUSTED_PROXIES", "127.0.0.1")];
    let environment = environment.map(|(name, value)| (name.to_owned(), value.to_owned()));
    let nothing = |_: &Path| Err(std::io::ErrorKind::NotFound.into());
    let settings = Settings::load(&flags, environment.into_iter(), &nothing).expect("the settings are right");
    let settings = change(settings);
    let (store, _) = app::open_store(&settings).expect("the database can be opened");
    let clock = Clock::system();
    let (keyring, _) = Keyring::open_or_create(&settings.key_file(), &clock).expect("the keys can be read");
    App::new(settings, store, clock, Catalogue::built_in(), keyring).expect("the application can be put together")
}
