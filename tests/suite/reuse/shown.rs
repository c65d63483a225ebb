//! Where calls with old secrets are shown: to the owner, to staff, on the command line.

use latchkey::{
    app::tokens::rotate::Overlap,
    domain::{account::Account, staff::Role, token::Expiry},
    store,
};
use serde_json::{Value, json};
use time::Duration;

use super::{TOKEN, at, end, flush, rotated, stage};
use crate::support::{Minted, World, mint};

on_both!(
    the_owner_reads_it_where_the_token_stands,
    staff_and_the_command_line_see_it_too,
    what_was_renewed_is_nothing_to_worry_about,
);

/// A token whose replaced secret was used 14 times.
fn used(world: &World) -> (Account, Minted) {
    let (account, minted) = stage(world);
    rotated(world, &account, &minted.token, Overlap::None);
    for _ in 0..14 {
        at(world, "203.0.113.24", &minted.secret).get(TOKEN).expect(401);
    }
    flush(world, &world.app);
    (account, minted)
}

fn the_owner_reads_it_where_the_token_stands(world: &World) {
    let (account, Minted { token, .. }) = used(world);
    let quiet = mint(&world.app, account.id, |_| ());
    let priya = world.signed_in("priya");
    let path = format!("/tokens/{}", token.public_id);
    let page = priya.get(&path).expect(200);
    for words in [
        "An old secret of this token, which a rotation replaced, was used again. Every call was refused.",
        "14 times from 203.0.113.24, last 23 Nov 2026, 17:30 IST",
        "give it the new one",
    ] {
        assert!(page.has(words), "{words}: {}", page.text());
    }
    assert!(priya.get("/tokens").expect(200).has("Old secret used 14 times"));
    assert!(
        !priya
            .get(&format!("/tokens/{}", quiet.token.public_id))
            .has("was used again")
    );
    let activity = priya.get("/activity").expect(200);
    assert!(
        activity.has("A secret of token “Backup” that no longer works was used"),
        "{}",
        activity.text()
    );
}

fn staff_and_the_command_line_see_it_too(world: &World) {
    let (account, Minted { token, .. }) = used(world);
    let path = format!("/tokens/{}", token.public_id);
    world.staff("asha", Role::Support);
    let asha = world.signed_in("asha");
    let theirs = format!("/staff/accounts/{}{path}", account.public_id);
    let page = asha.get(&theirs).expect(200);
    assert!(page.has("14 times from 203.0.113.24") && !page.has("give it the new one"));
    let list = asha
        .get(&format!("/staff/accounts/{}/tokens", account.public_id))
        .expect(200);
    assert!(list.has("Old secret used 14 times"));
    let shown = world.latchkey(&["token", "show", token.public_id.as_str(), "--json"], "");
    let shown: Value = serde_json::from_slice(&shown.stdout).unwrap();
    assert_eq!(shown["name"], "Backup");
    assert_eq!(
        shown["old_secret_uses"],
        json!([{
            "secret": "replaced", "address": "203.0.113.24", "calls": 14,
            "first_at": "2026-11-23T12:00:00Z", "last_at": "2026-11-23T12:00:00Z",
        }])
    );
    end(world, &account, &token);
    let revoked = format!("/staff/accounts/{}/tokens?status=revoked", account.public_id);
    assert!(asha.get(&revoked).has("Old secret used 14 times"));
}

fn what_was_renewed_is_nothing_to_worry_about(world: &World) {
    let (account, _) = stage(world);
    let priya = world.signed_in("priya");
    let expired = mint(&world.app, account.id, |new| {
        new.expiry = Expiry::At(world.clock.now() - Duration::SECOND);
    });
    at(world, "203.0.113.24", &expired.secret).get(TOKEN).expect(401);
    flush(world, &world.app);
    let path = format!("/tokens/{}", expired.token.public_id);
    assert!(priya.get(&path).has("This token was used after it expired."));
    let later = Expiry::At(world.clock.now() + Duration::days(9));
    let renewed = world
        .app
        .store
        .write_here(|connection| store::tokens::extend(connection, expired.token.id, expired.token.revision, later));
    assert!(renewed.unwrap());
    assert!(!priya.get(&path).has("This token was used after it expired."));
}
