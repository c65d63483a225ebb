//! Where the time of an answer goes: its parts by themselves, in one thread, without a socket.

use std::{
    env,
    hint::black_box,
    path::Path,
    time::{Duration, Instant},
};

use latchkey::{
    app::{
        App,
        verify::{self, Asked},
    },
    domain::{
        secret::{TokenSecret, digest},
        site::SiteName,
    },
};
use tokio::task::LocalSet;

use crate::{print, seed, serve};

/// Each part is done again and again for so long.
const LONG: Duration = Duration::from_millis(500);
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
    print::line(&format!("{:<42}", "microseconds"));
    let secrets: Vec<TokenSecret> = (0..4096)
        .map(|place| seed::secret(place * 7919 % seed::TOKENS))
        .collect();
    part("form and checksum", 1, |number| {
        black_box(TokenSecret::parse(secrets[number].expose()).is_ok());
    });
    part("route of the catalogue", 1, |number| {
        let target = format!("/sites/{}/backups", seed::site(number as u64));
        black_box(
            app.catalogue
                .route(Some("api.hosting.example"), "POST", &target)
                .is_ok(),
        );
    });
    let keyring = app.keyring().clone();
    part("two digests", 1, |number| {
        let key = keyring.current().1;
        black_box((digest(key, &secrets[number]), digest(key, &secrets[number])));
    });
    let local = LocalSet::new();
    part("look-up, alone in its turn", 1, |number| {
        local.block_on(&runtime, look_up(app, number as u64 * 7919 % seed::TOKENS));
    });
    part("look-up, one of 64 in a turn", A_TURN, |number| {
        let all = (0..A_TURN).map(|place| look_up(app, (number as u64 * A_TURN + place) * 7919 % seed::TOKENS));
        local.block_on(&runtime, together(all));
    });
    part("whole answer, one of 64 in a turn", A_TURN, |number| {
        let all = (0..A_TURN).map(|place| answer(app, (number as u64 * A_TURN + place) * 7919 % seed::TOKENS));
        local.block_on(&runtime, together(all));
    });
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

/// Prints what one of `many` things that `work` does takes.
fn part(name: &str, many: u64, mut work: impl FnMut(usize)) {
    let (began, mut times) = (Instant::now(), 0_u32);
    while began.elapsed() < LONG {
        work(usize::try_from(times % 4096).expect("it fits"));
        times += 1;
    }
    let many = f64::from(u32::try_from(many).expect("it fits"));
    let each = began.elapsed().as_secs_f64() * 1e6 / f64::from(times) / many;
    print::line(&format!("  {name:<40} {each:>9.2}"));
}
