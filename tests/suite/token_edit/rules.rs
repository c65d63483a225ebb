//! What holds for an edit whoever makes it: two windows, what a plan has lost, names, and many hands at once.

use std::sync::atomic::{AtomicUsize, Ordering};

use latchkey::{
    app::{AppError, Rule, tokens::edit::edit},
    domain::{draft::Draft, token::Token},
    store::{self, StoreError},
};

use super::{now, path, review, save_path};
use crate::{
    support::{World, mint},
    token::{events, fresh},
    token_stop::wins,
};

on_both!(
    two_windows_lose_nothing,
    what_a_plan_has_lost_may_stay_and_not_come_back,
    a_name_is_taken_by_a_live_token_alone,
    one_of_ten_edits_wins,
);

fn two_windows_lose_nothing(world: &World) {
    let account = world.customer("priya");
    let token = mint(&world.app, account.id, |new| new.name = "Backup".parse().unwrap()).token;
    let browser = world.signed_in("priya");
    let slow = browser.get(&path(&token)).form(&path(&token));
    let slow = slow
        .fill("name", "Slow")
        .fill("description", "typed for long")
        .check("scope", "files:read");
    let slow_review = review(&slow).form(&save_path(&token));
    let quick = browser
        .get(&path(&token))
        .form(&path(&token))
        .fill("name", "Quick")
        .check("scope", "dns:read");
    review(&quick)
        .form(&save_path(&token))
        .submit("Save the change")
        .expect(303);
    for told in [slow.submit("Review changes"), slow_review.submit("Save the change")] {
        let told = told.expect(409);
        assert_eq!(told.heading(), "This token was changed in another window");
        assert!(told.has("The last change: Token “Quick” was changed (You from 127.0.0.1"));
        let rows = told.rows();
        assert_eq!(rows[0], ["Name", "Quick", "Slow"]);
        assert_eq!(rows[1], ["Description", "nothing", "typed for long"]);
        assert!(rows[2][1].contains("See DNS records") && rows[2][2].contains("List and download files"));
        assert_eq!(
            told.link("Keep it as it is now").as_deref(),
            Some(&*format!("/tokens/{}", token.public_id))
        );
    }
    assert_eq!(now(world, &token).name.as_str(), "Quick");
    let told = slow.submit("Review changes").expect(409).form(&path(&token));
    let mended = told.submit("Change my version").expect(200).form(&path(&token));
    assert_eq!(mended.values("description"), ["typed for long"]);
    assert_eq!(mended.values("scope"), ["files:read", "backups:create"]);
    let shown = told.submit("Use my version").expect(200);
    assert!(shown.has("Removed: Quick") && shown.has("Removed: See DNS records"));
    shown.form(&save_path(&token)).submit("Save the change").expect(303);
    let saved = now(world, &token);
    assert_eq!(
        (saved.name.as_str(), saved.description.to_string()),
        ("Slow", "typed for long".to_owned())
    );
    assert_eq!(events(world, &token).len(), 2);
}

fn what_a_plan_has_lost_may_stay_and_not_come_back(world: &World) {
    let account = world.customer("priya");
    let token = mint(&world.app, account.id, |new| {
        new.scopes = "backups:create dns:write".parse().unwrap();
    })
    .token;
    let narrow: Result<(), StoreError> = world.app.store.write_here(|connection| {
        let mut plan = store::plans::find(connection, account.plan)?.unwrap();
        plan.scopes = "backups:create files:read".parse().unwrap();
        store::plans::put(connection, &plan)
    });
    narrow.unwrap();
    let browser = world.signed_in("priya");
    assert!(
        browser
            .get(&format!("/tokens/{}", token.public_id))
            .has("Your plan does not include this now")
    );
    let form = browser.get(&path(&token)).form(&path(&token)).fill("name", "Renamed");
    review(&form)
        .form(&save_path(&token))
        .submit("Save the change")
        .expect(303);
    assert_eq!(now(world, &token).scopes, token.scopes);
    let forged = browser
        .get(&path(&token))
        .form(&path(&token))
        .forge("scope", "databases:delete");
    let refused = forged.submit("Review changes").expect(422);
    assert_eq!(
        refused.error_words(),
        ["Take out what your plan does not include: “delete databases and their users”"]
    );
    let link = browser
        .get(&format!("{}?add=databases:delete", path(&token)))
        .expect(200);
    assert!(link.has("Your plan does not include “Delete databases and their users”."));
}

fn a_name_is_taken_by_a_live_token_alone(world: &World) {
    let account = world.customer("priya");
    let one = mint(&world.app, account.id, |new| new.name = "Deploy".parse().unwrap()).token;
    let other = mint(&world.app, account.id, |_| ()).token;
    let caller = fresh(world, &account);
    let named = |token: &Token, name: &str| Draft {
        name: name.parse().unwrap(),
        ..Draft::from(token)
    };
    let taken = edit(
        &world.app,
        &caller,
        &account,
        other.public_id,
        other.revision,
        named(&other, "DEPLOY"),
    );
    assert!(matches!(world.wait(taken), Err(AppError::Rule(rule)) if matches!(*rule, Rule::NameTaken)));
    let own = edit(
        &world.app,
        &caller,
        &account,
        one.public_id,
        one.revision,
        named(&one, "DEPLOY"),
    );
    assert!(world.wait(own).unwrap(), "its own name in other letters");
    // Two tokens that ask for one free name at once: one of them gets it.
    let (first, second) = (now(world, &one), now(world, &other));
    let wins = wins(|| {
        let ask = |token: &Token| {
            let edited = edit(
                &world.app,
                &caller,
                &account,
                token.public_id,
                token.revision,
                named(token, "Free"),
            );
            match world.wait(edited) {
                Err(AppError::Rule(rule)) if matches!(*rule, Rule::NameTaken) => Ok(false),
                other => other,
            }
        };
        let one = ask(&first)?;
        Ok(ask(&second)? || one)
    });
    assert_eq!(wins, 1);
}

fn one_of_ten_edits_wins(world: &World) {
    let account = world.customer("priya");
    let token = mint(&world.app, account.id, |_| ()).token;
    let caller = fresh(world, &account);
    let counter = AtomicUsize::new(0);
    let wins = wins(|| {
        let number = counter.fetch_add(1, Ordering::Relaxed);
        let draft = Draft {
            name: format!("Edit {number}").parse().unwrap(),
            ..Draft::from(&token)
        };
        world.wait(edit(
            &world.app,
            &caller,
            &account,
            token.public_id,
            token.revision,
            draft,
        ))
    });
    assert_eq!((wins, events(world, &token).len()), (1, 1));
    let written = &events(world, &token)[0];
    assert_eq!(
        written.changes[0].after.as_deref(),
        Some(now(world, &token).name.as_str())
    );
}
