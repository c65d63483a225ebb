//! Telling whose a token is that somebody found. What was pasted is kept nowhere.

use latchkey::{
    app::{
        Caller, staff_tokens,
        tokens::{
            revoke::revoke,
            rotate::{Overlap, rotate},
        },
    },
    domain::{account::Account, audit::Action, secret::StaffSecret, staff::Role},
};
use time::Duration;

use crate::{
    staff_own_tokens::member,
    support::{Browser, Minted, Page, World, mint, mint_staff},
    token::{events, fresh},
    tokens_new::once::{log_here, logged, stored},
};

on_both!(
    a_found_token_is_recognised,
    each_kind_of_nonsense_is_told_apart,
    revoking_as_leaked_takes_one_press,
    nothing_keeps_what_was_pasted,
    nobody_looks_too_often,
    a_staff_token_is_shown_to_its_member_and_to_administrators,
);

fn paste(browser: &Browser, text: &str) -> Page {
    let form = browser.get("/staff/identify").expect(200).form("/staff/identify");
    form.fill("pasted", text).submit("Identify")
}

fn stage(world: &World) -> (Account, Minted, Browser) {
    let account = world.customer_without_password("priya");
    let minted = mint(&world.app, account.id, |new| new.name = "Backup".parse().unwrap());
    world.staff("asha", Role::Support);
    (account, minted, world.signed_in("asha"))
}

fn a_found_token_is_recognised(world: &World) {
    let (account, Minted { token, secret }, asha) = stage(world);
    let line = format!("Nov 23 12:00:01 web1 curl -H 'Authorization: Bearer {secret}' https://api.example");
    for text in [&*secret, &*line] {
        let page = paste(&asha, text).expect(200);
        for words in [
            "Backup",
            "priya",
            "This is its current secret, whole.",
            "create backups",
            "Active",
        ] {
            assert!(page.has(words), "{words}: {}", page.text());
        }
        assert_eq!(
            page.link("priya"),
            Some(format!("/staff/accounts/{}", account.public_id))
        );
        assert!(!page.body().contains(&secret), "it is not shown again");
        assert_eq!(page.form("/staff/identify").values("pasted"), [""]);
    }
    for text in [
        token.public_id.to_string(),
        format!("lk_{}…{}", token.public_id, token.last4),
    ] {
        let page = paste(&asha, &text).expect(200);
        assert!(
            page.has("Only its id was found, which lets nobody in."),
            "{}",
            page.text()
        );
    }
    let caller = fresh(world, &account);
    let rotated = rotate(
        &world.app,
        &caller,
        account.id,
        token.public_id,
        token.revision,
        Overlap::Day,
    );
    world.wait(rotated).unwrap();
    assert!(paste(&asha, &secret).has("the old secret of a rotation. It still works, until 24 Nov 2026"));
    world.clock.advance(Duration::hours(25));
    let asha = world.signed_in("asha");
    assert!(paste(&asha, &secret).has("It stopped working on 24 Nov 2026"));
    world
        .wait(revoke(&world.app, &fresh(world, &account), account.id, token.public_id))
        .unwrap();
    let page = paste(&asha, &secret).expect(200);
    assert!(page.has("Revoked 24 Nov 2026") && page.forms().iter().all(|form| !form.action().ends_with("/leaked")));
}

fn each_kind_of_nonsense_is_told_apart(world: &World) {
    let (_, Minted { token, secret }, asha) = stage(world);
    let mistyped = format!("{}{}", &secret[..49], if secret.ends_with('a') { 'b' } else { 'a' });
    for (text, status, words) in [
        ("", 422, "Paste a token, its id, or a text in which one stands"),
        (
            "lks_EXAMPLE1_0000000000000000000000000000000012nD5s",
            422,
            "That is a service credential, as it begins with lks_.",
        ),
        (
            "ghp_16C7e42F292c6912E7710c838347Ae178B4a",
            422,
            "No token of ours stands in it.",
        ),
        ("lk_short", 422, "Paste more of it"),
        (&secret[..40], 200, "What was found is cut"),
        (&mistyped, 200, "What was found is mistyped: its checksum is wrong."),
        (
            "lk_EXAMPLE1_0000000000000000000000000000000019WjLP",
            200,
            "No token here has this id.",
        ),
        ("EXAMPLE1", 200, "No token here has this id."),
    ] {
        let page = paste(&asha, text).expect(status);
        assert!(page.has(words), "{text}: {}", page.text());
    }
    assert!(events(world, &token).is_empty());
}

fn revoking_as_leaked_takes_one_press(world: &World) {
    let (account, Minted { token, secret }, asha) = stage(world);
    let page = paste(&asha, &secret).expect(200);
    let action = format!(
        "/staff/accounts/{}/tokens/{}/leaked",
        account.public_id, token.public_id
    );
    let form = page.form(&action);
    assert_eq!(form.values("reason"), ["Found in public"]);
    let done = form.submit("Revoke as leaked Backup").follow();
    assert!(done.has("Somebody else had this token"), "{}", done.text());
    world.api().with_token(&secret).get("/api/v1/token").expect(401);
    let event = events(world, &token).remove(0);
    assert_eq!(
        (event.action, event.reason.as_deref()),
        (Action::TokenLeaked, Some("Found in public"))
    );
}

fn nothing_keeps_what_was_pasted(world: &World) {
    log_here();
    let (_, Minted { token, secret }, asha) = stage(world);
    let hidden = secret.rsplit_once('_').unwrap().1.to_owned();
    paste(&asha, &format!("see {secret} there")).expect(200);
    paste(&asha, &secret[..45]).expect(200);
    // The session ends while the form is open: what was typed is not put into an address.
    let form = asha
        .get("/staff/identify")
        .form("/staff/identify")
        .fill("pasted", &secret[..45]);
    world.clock.advance(Duration::days(40));
    let sent = form.submit("Identify").expect(303);
    let to = sent.header("Location").unwrap();
    assert!(to.starts_with("/sign-in") && !to.contains(&hidden[..8]), "{to}");
    let bytes = stored(world);
    let holds = |wanted: &str| bytes.windows(wanted.len()).any(|window| window == wanted.as_bytes());
    assert!(holds(token.public_id.as_str()) && !holds(&hidden[..30]));
    assert!(!logged().contains(&hidden[..30]));
}

fn nobody_looks_too_often(world: &World) {
    let (_, _, asha) = stage(world);
    let form = asha
        .get("/staff/identify")
        .form("/staff/identify")
        .fill("pasted", "EXAMPLE1");
    for _ in 0..30 {
        form.submit("Identify").expect(200);
    }
    let refused = form.submit("Identify").expect(429);
    assert!(refused.has("Too many tries.") && refused.header("Retry-After").is_some());
    world.staff("ravi", Role::Support);
    paste(&world.signed_in("ravi"), "EXAMPLE1").expect(200);
    world.clock.advance(Duration::seconds(4));
    form.submit("Identify").expect(200);
}

fn a_staff_token_is_shown_to_its_member_and_to_administrators(world: &World) {
    log_here();
    let (_, Minted { secret: other, .. }, asha) = stage(world);
    world.staff("meera", Role::Admin);
    world.staff("ravi", Role::Support);
    let (secret, token) = mint_staff(world, "ravi", "Billing", "accounts:read");
    let (meera, ravi) = (world.signed_in("meera"), world.signed_in("ravi"));
    let id = member(world, "ravi").public_id;
    let line = format!("curl -H 'Authorization: Bearer {secret}' # not {other}");
    for (browser, revoke) in [
        (&meera, format!("/staff/members/{id}/tokens/{}/revoke", token.public_id)),
        (&ravi, format!("/staff/tokens/{}/revoke", token.public_id)),
    ] {
        let page = paste(browser, &line).expect(200);
        for words in ["Billing", "Staff ravi", "This is its current secret, whole.", "Backup"] {
            assert!(page.has(words), "{words}: {}", page.text());
        }
        assert_eq!(page.link("Revoke Billing"), Some(revoke));
        assert!(!page.body().contains(&secret[13..]) && !page.body().contains(&other[12..]));
    }
    let whose = Some(format!("/staff/members/{id}"));
    assert_eq!(paste(&meera, &secret).link("Staff ravi"), whose);
    for text in [token.public_id.to_string(), format!("lka_{}", token.public_id)] {
        let page = paste(&meera, &text).expect(200);
        assert!(
            page.has("Only its id was found") && page.has("Billing"),
            "{}",
            page.text()
        );
        assert!(!page.has("No token here has this id."));
    }
    let made_up = StaffSecret::mint(token.public_id, |length| "x".repeat(length));
    assert!(paste(&meera, made_up.expose()).has("The secret is not one that it has now"));
    assert!(paste(&meera, &secret[..50]).has("What was found is cut: a whole token has 51 characters."));
    assert!(
        paste(&meera, "lka_Unknown1")
            .expect(200)
            .has("no staff member here has one like it")
    );
    // Whoever may see neither is told the same of each.
    let of_nobody = StaffSecret::mint("Unknown1".parse().unwrap(), |length| "x".repeat(length));
    for text in [&*secret, made_up.expose(), of_nobody.expose()] {
        let page = paste(&asha, text).expect(200);
        assert!(page.has("Only an administrator sees whose it is."), "{}", page.text());
        assert!(!page.has("Billing") && !page.has("ravi") && !page.has("current secret"));
    }
    assert!(paste(&asha, token.public_id.as_str()).has("No token here has this id."));
    world
        .wait(staff_tokens::revoke(
            &world.app,
            &Caller::shell(),
            token.member,
            token.public_id,
        ))
        .unwrap();
    let page = paste(&meera, &secret).expect(200);
    assert!(page.has("Revoked 23 Nov 2026") && page.link("Revoke Billing").is_none());
    let (hidden, bytes) = (&secret[13..43], stored(world));
    assert!(!bytes.windows(hidden.len()).any(|window| window == hidden.as_bytes()));
    assert!(!logged().contains(hidden));
}
