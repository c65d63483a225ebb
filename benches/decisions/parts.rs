//! Where the time of an answer goes: its parts by themselves, in one thread, without a socket; and what keeping the books
//! of usage costs beside the answers.

use std::{
    env,
    hint::black_box,
    path::Path,
    time::{Duration, Instant},
};

use latchkey::{
    app::{
        App,
        usage::Counted,
        verify::{self, Asked},
    },
    domain::{
        id::TokenId,
        secret::{TokenSecret, digest},
        site::SiteName,
        usage::{ALLOWED, SecretGeneration},
    },
};
use tokio::task::LocalSet;

use crate::{print, seed, serve};

/// Each part is done again and again for so long.
const LONG: Duration = Duration::from_millis(500);
/// Tokens whose usage is written.
const USED: u64 = 16_000;
/// Look-ups that are ready in one turn of the event loop.
const A_TURN: u64 = 64;

pub(crate) fn run() {
    let arguments: Vec<String> = env::args().collect();
    let app = serve::open(Path::new(&arguments[2]), &arguments[3], |settings| settings);
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .expect("a runtime can be made");
    let app: &'static App = Box::leak(Box::new(app));
    print::line(&format!("{:<42} {:>9} {:>6}", "parts of an answer", "us", "share"));
    let secrets: Vec<TokenSecret> = (0..4096)
        .map(|place| seed::secret(place * 7919 % seed::TOKENS))
        .collect();
    let local = LocalSet::new();
    let whole = time(A_TURN, |number| {
        let all = (0..A_TURN).map(|place| answer(app, (number as u64 * A_TURN + place) * 7919 % seed::TOKENS));
        local.block_on(&runtime, together(all));
    });
    let part = |name: &str, many, work: &mut dyn FnMut(usize)| {
        let each = time(many, work);
        print::line(&format!("  {name:<40} {each:>9.2} {:>6.2}", each / whole));
    };
    part("form and checksum", 1, &mut |number| {
        black_box(TokenSecret::parse(secrets[number].expose()).is_ok());
    });
    part("route of the catalogue", 1, &mut |number| {
        let target = format!("/sites/{}/backups", seed::site(number as u64));
        black_box(
            app.catalogue
                .route(Some("api.hosting.example"), "POST", &target)
                .is_ok(),
        );
    });
    let keyring = app.keyring().clone();
    part("two digests", 1, &mut |number| {
        let key = keyring.current().1;
        black_box((digest(key, &secrets[number]), digest(key, &secrets[number])));
    });
    part("look-up, alone in its turn", 1, &mut |number| {
        local.block_on(&runtime, look_up(app, number as u64 * 7919 % seed::TOKENS));
    });
    part("look-up, one of 64 in a turn", A_TURN, &mut |number| {
        let all = (0..A_TURN).map(|place| look_up(app, (number as u64 * A_TURN + place) * 7919 % seed::TOKENS));
        local.block_on(&runtime, together(all));
    });
    part("counting it", 1, &mut |number| count(app, number as u64));
    print::line(&format!(
        "  {:<40} {whole:>9.2} {:>6.2}",
        "whole answer, one of 64 in a turn", 1.0
    ));
    runtime.block_on(keep_books(app));
}

/// Counts a call of one token out of [`USED`].
fn count(app: &App, number: u64) {
    let place = number % USED * 61;
    app.usage.count(&Counted {
        token: TokenId(i64::try_from(place).expect("it fits") + 1),
        generation: SecretGeneration::Current,
        at: app.now(),
        route: "POST /sites/{site}/backups",
        scope: "backups:create",
        site: &seed::site(place),
        from: [198, 51, 100, 7].into(),
        outcome: ALLOWED,
    });
}

/// Times the writing of what was counted.
async fn keep_books(app: &App) {
    app.usage.flush(app).await.expect("it can be written");
    (0..USED).for_each(|number| count(app, number));
    let began = Instant::now();
    app.usage.put_down(app).await.expect("it can be written");
    let put_down = began.elapsed();
    let began = Instant::now();
    app.usage.flush(app).await.expect("it can be written");
    let written = began.elapsed();
    print::line(&"usage, of each token that was used");
    for (name, took) in [("put down", put_down), ("written into the books", written)] {
        let each = took.as_secs_f64() * 1e6 / f64::from(u32::try_from(USED).expect("it fits"));
        print::line(&format!("  {name:<40} {each:>9.2}"));
    }
}

async fn together(all: impl Iterator<Item = impl Future<Output = ()> + 'static>) {
    let tasks: Vec<_> = all.map(tokio::task::spawn_local).collect();
    for task in tasks {
        task.await.expect("it ends in good order");
    }
}

async fn look_up(app: &'static App, number: u64) {
    let site: SiteName = seed::site(number).parse().expect("the name of a site");
    let found = app
        .store
        .token_standing(seed::secret(number).public_id(), Some(&site))
        .await;
    assert!(found.expect("it can be read").is_some_and(|token| token.owns_site));
}

async fn answer(app: &'static App, number: u64) {
    let target = format!("/sites/{}/backups", seed::site(number));
    let asked = Asked::Request {
        method: "POST",
        host: Some("api.hosting.example"),
        target: &target,
    };
    let from = [198, 51, 100, 7].into();
    let answered = verify::answer(app, seed::secret(number).expose(), from, asked).await;
    assert!(answered.expect("it can be checked").ruling.decision.is_allowed());
}

/// Microseconds that one of `many` things that `work` does takes.
fn time(many: u64, mut work: impl FnMut(usize)) -> f64 {
    let (began, mut times) = (Instant::now(), 0_u32);
    while began.elapsed() < LONG {
        work(usize::try_from(times % 4096).expect("it fits"));
        times += 1;
    }
    let many = f64::from(u32::try_from(many).expect("it fits"));
    began.elapsed().as_secs_f64() * 1e6 / f64::from(times) / many
}
