//! Pausing, resuming and revoking one token, by hand and by many hands at once.

use latchkey::{
    app::{
        AppError, Rule,
        tokens::{pause, revoke},
    },
    domain::{
        audit::Action,
        token::{Life, PausedBy, Token},
        usage::SecretGeneration,
    },
    store::{StoreError, tokens},
};
use time::Duration;

use crate::{
    support::{Minted, World, mint},
    token::{events, fresh, note_use},
};

on_both!(
    a_pause_is_undone_with_one_press,
    what_support_paused_only_support_resumes,
    revoking_says_what_stops_and_is_for_good,
    an_unused_token_is_revoked_with_less_alarm,
    one_of_ten_revokes_wins,
    one_of_ten_pauses_wins,
);

fn now(world: &World, token: &Token) -> Token {
    let found = world
        .app
        .store
        .read_here(|connection| tokens::find(connection, token.account, &token.public_id));
    found.unwrap().unwrap()
}

fn a_pause_is_undone_with_one_press(world: &World) {
    let account = world.customer("priya");
    let Minted { token, secret } = mint(&world.app, account.id, |_| ());
    let browser = world.signed_in("priya");
    let path = format!("/tokens/{}", token.public_id);
    let api = world.api().with_token(&secret);
    api.get("/api/v1/token").expect(200);
    world.clock.advance(Duration::minutes(20));
    let page = browser
        .get(&path)
        .form(&format!("{path}/pause"))
        .submit("Pause")
        .follow();
    assert!(
        page.has("Paused. The token is refused until you resume it."),
        "{}",
        page.text()
    );
    api.get("/api/v1/token").expect(401);
    let notice = page
        .forms()
        .into_iter()
        .find(|form| form.action() == format!("{path}/resume") && !form.offers("id"));
    let resumed = notice.unwrap().submit("Undo").follow();
    assert!(resumed.has("Resumed. The token works again."));
    api.get("/api/v1/token").expect(200);
    let actions: Vec<Action> = events(world, &token).iter().map(|event| event.action).collect();
    assert_eq!(
        actions,
        [Action::TokenResumed, Action::TokenPaused],
        "no password was asked for"
    );
}

fn what_support_paused_only_support_resumes(world: &World) {
    let account = world.customer("priya");
    let token = mint(&world.app, account.id, |_| ()).token;
    let browser = world.signed_in("priya");
    let path = format!("/tokens/{}", token.public_id);
    let paused = browser
        .get(&path)
        .form(&format!("{path}/pause"))
        .submit("Pause")
        .follow();
    let resume = paused
        .forms()
        .into_iter()
        .find(|form| form.action() == format!("{path}/resume"))
        .unwrap();
    let at = world.clock.now();
    let by_staff: Result<bool, StoreError> = world.app.store.write_here(|connection| {
        tokens::resume(connection, token.id, &[PausedBy::Owner])?;
        tokens::pause(connection, token.id, PausedBy::Staff, at)
    });
    assert!(by_staff.unwrap());
    let page = resume.submit("Undo").follow();
    assert!(page.has("Support paused this token."));
    assert_eq!(
        now(world, &token).life,
        Life::Paused {
            at,
            by: PausedBy::Staff
        }
    );
    let refused = world.wait(pause::resume(
        &world.app,
        &fresh(world, &account),
        account.id,
        token.public_id,
    ));
    assert!(matches!(refused, Err(AppError::Rule(rule)) if matches!(*rule, Rule::Paused(Some(PausedBy::Staff)))),);
}

fn revoking_says_what_stops_and_is_for_good(world: &World) {
    let account = world.customer("priya");
    let Minted { token, secret } = mint(&world.app, account.id, |new| {
        new.name = "Backup script".parse().unwrap();
    });
    note_use(world, &token, SecretGeneration::Current);
    world.clock.advance(Duration::minutes(10));
    let browser = world.signed_in("priya");
    let path = format!("/tokens/{}", token.public_id);
    let confirm = browser.get(&path).click("Revoke").expect(200);
    assert_eq!(confirm.heading(), "Revoke “Backup script”?");
    for words in [
        "It is in use. It was used 10 minutes ago from 203.0.113.24. Anything using it stops at once. This cannot be undone.",
        "Pause instead",
        "Keep token",
    ] {
        assert!(confirm.has(words), "{words}: {}", confirm.text());
    }
    assert_eq!(confirm.link("Keep token").as_deref(), Some(&*path));
    world.clock.advance(Duration::minutes(20));
    let form = confirm.form(&format!("{path}/revoke"));
    let done = form.submit("Revoke token").follow();
    assert!(done.has("Revoked. Anything that still uses the token is refused.") && done.has("This token was revoked."));
    world.api().with_token(&secret).get("/api/v1/token").expect(401);
    let again = form.submit("Revoke token").expect(200);
    assert_eq!(again.heading(), "“Backup script” is revoked");
    assert!(again.has("It was revoked on 23 Nov 2026, 18:00 IST"));
    assert_eq!(
        browser.get(&format!("{path}/revoke")).expect(200).heading(),
        again.heading()
    );
    for rest in ["edit", "resume"] {
        assert!(browser.get(&format!("{path}/{rest}")).status() != 200, "{rest}");
    }
    let written = events(world, &token);
    assert_eq!(written.len(), 1);
    let change = &written[0].changes[0];
    assert_eq!(
        (change.field.as_str(), change.before.as_deref(), change.after.as_deref()),
        ("status", Some("active"), Some("revoked"))
    );
}

fn an_unused_token_is_revoked_with_less_alarm(world: &World) {
    let account = world.customer("priya");
    let token = mint(&world.app, account.id, |_| ()).token;
    let browser = world.signed_in("priya");
    let confirm = browser.get(&format!("/tokens/{}/revoke", token.public_id)).expect(200);
    assert!(confirm.has("It was never used.") && !confirm.has("It is in use."));
    note_use(world, &token, SecretGeneration::Current);
    world.clock.advance(Duration::hours(50));
    let browser = world.signed_in("priya");
    let confirm = browser.get(&format!("/tokens/{}/revoke", token.public_id)).expect(200);
    assert!(confirm.has("It was used 2 days ago from 203.0.113.24.") && !confirm.has("It is in use."));
}

/// Runs `work` on eight threads, ten times in all, and returns how often it succeeded.
pub(crate) fn wins(work: impl Fn() -> Result<bool, AppError> + Sync) -> usize {
    std::thread::scope(|scope| {
        let threads: Vec<_> = (0..8)
            .map(|thread| {
                let work = &work;
                scope.spawn(move || {
                    let times = if thread < 2 { 2 } else { 1 };
                    (0..times).filter(|_| won(work())).count()
                })
            })
            .collect();
        threads.into_iter().map(|thread| thread.join().unwrap()).sum()
    })
}

/// Whether it was done; a lost race must be a rule, never a failure.
fn won(result: Result<bool, AppError>) -> bool {
    match result {
        Ok(won) => won,
        Err(AppError::Rule(rule)) => {
            assert!(
                matches!(
                    *rule,
                    Rule::Revoked(_) | Rule::Paused(Some(PausedBy::Owner)) | Rule::Changed(_)
                ),
                "{rule:?}"
            );
            false
        }
        Err(error) => panic!("{error}"),
    }
}

fn one_of_ten_revokes_wins(world: &World) {
    let account = world.customer("priya");
    let token = mint(&world.app, account.id, |_| ()).token;
    let caller = fresh(world, &account);
    let wins = wins(|| {
        world
            .wait(revoke::revoke(&world.app, &caller, account.id, token.public_id))
            .map(|()| true)
    });
    assert_eq!((wins, events(world, &token).len()), (1, 1));
    assert!(now(world, &token).is_revoked());
}

fn one_of_ten_pauses_wins(world: &World) {
    let account = world.customer("priya");
    let token = mint(&world.app, account.id, |_| ()).token;
    let caller = fresh(world, &account);
    let wins = wins(|| {
        world
            .wait(pause::pause(&world.app, &caller, account.id, token.public_id))
            .map(|()| true)
    });
    assert_eq!((wins, events(world, &token).len()), (1, 1));
}
