//! Mail about secrets that others have or had.

use latchkey::{
    app::{
        Caller,
        tokens::{
            leaked::{Found, end_found},
            revoke,
        },
    },
    domain::{
        secret::{WholeToken, whole_tokens},
        staff::Role,
        text::Reason,
    },
};
use time::Duration;

use super::Panel;
use crate::support::{Minted, World, mint, mint_staff};

on_both_with_python!(
    the_owner_is_told_that_it_was_found_and_not_by_whom,
    a_staff_member_is_told_alike,
    an_old_secret_that_is_used_is_told_once_a_day,
);

fn stage(world: &World, panel: &Panel) -> Minted {
    let account = world.customer("priya");
    mint(&panel.server.app, account.id, |new| {
        new.name = "Nightly".parse().unwrap();
    })
}

fn whole(text: &str) -> WholeToken {
    whole_tokens(text, 1).remove(0)
}

fn finder() -> Caller {
    Caller::finder(
        "198.51.100.77".parse().unwrap(),
        Some("curl/8".to_owned()),
        "r".to_owned(),
    )
}

fn the_owner_is_told_that_it_was_found_and_not_by_whom(world: &World) {
    let panel = Panel::of(world);
    let app = &panel.server.app;
    let Minted { secret, .. } = stage(world, &panel);
    let caller = finder();
    let found = |place| Found {
        secret: whole(&secret),
        place: Reason::from_stranger(place),
    };
    for place in ["https://code.example/shop/.env", "somewhere else"] {
        world.wait(end_found(app, &caller, vec![found(place)])).unwrap();
    }
    let mail = panel.take_one(world);
    assert_eq!(
        mail.subject,
        "Your API token “Nightly” was reported as leaked and revoked"
    );
    for words in ["- By: somebody who found it\n", "put a new token in its place"] {
        assert!(mail.text.contains(words), "{words}: {}", mail.text);
    }
    assert!(!mail.text.contains("198.51.100.77") && !mail.text.contains("curl"));
    assert!(
        !mail.text.contains("code.example") && !mail.html.contains("code.example"),
        "a stranger's text stands on the page alone"
    );
}

fn a_staff_member_is_told_alike(world: &World) {
    let panel = Panel::of(world);
    let app = &panel.server.app;
    world.staff("asha", Role::Support);
    let (secret, token) = mint_staff(world, "asha", "Billing", "accounts:read");
    panel.take(world);
    for _ in 0..2 {
        let found = Found {
            secret: whole(&secret),
            place: Reason::from_stranger("https://code.example/billing/.env"),
        };
        world.wait(end_found(app, &finder(), vec![found])).unwrap();
    }
    let mail = panel.take_one(world);
    assert_eq!(
        mail.subject,
        "A staff token of yours was reported as leaked and revoked"
    );
    for words in [
        format!("- Token: Billing ({})\n", token.public_id),
        "- By: somebody who found it\n".to_owned(),
        "Tell an administrator: what others did with it stands in the audit under your name.".to_owned(),
        "/staff/tokens".to_owned(),
    ] {
        assert!(mail.text.contains(&words), "{words}: {}", mail.text);
    }
    for hidden in ["198.51.100.77", "curl", "code.example", &secret[13..43]] {
        assert!(!mail.text.contains(hidden) && !mail.html.contains(hidden), "{hidden}");
    }
}

fn an_old_secret_that_is_used_is_told_once_a_day(world: &World) {
    let panel = Panel::of(world);
    let app = &panel.server.app;
    let Minted { secret, token } = stage(world, &panel);
    let support = Caller::shell().because("a test".parse().unwrap());
    world
        .wait(revoke::revoke(app, &support, token.account, token.public_id))
        .unwrap();
    assert_eq!(panel.take(world).len(), 1);
    let call = |address: &str| {
        let api = panel.server.api().with_token(&secret).at_address(address);
        api.get("/api/v1/token").expect(401);
        world.wait(app.reuse.flush(app)).unwrap();
    };
    for address in ["203.0.113.24", "203.0.113.24", "203.0.113.25"] {
        call(address);
    }
    let mail = panel.take_one(world);
    assert_eq!(
        mail.subject,
        "Your API token “Nightly” was called with a secret that no longer works"
    );
    for words in [
        "The call was refused.",
        "- The secret: the one of the token, which is revoked\n",
        "- From: 203.0.113.24\n",
        "somebody else has it",
    ] {
        assert!(mail.text.contains(words), "{words}: {}", mail.text);
    }
    assert!(!mail.text.contains("- By:"), "nobody knows by whom: {}", mail.text);
    world.clock.advance(Duration::days(1));
    call("203.0.113.24");
    assert_eq!(panel.take(world).len(), 0, "it is no news");
    call("203.0.113.26");
    assert_eq!(panel.take(world).len(), 0, "one a day at most");
    world.clock.advance(Duration::days(1));
    call("203.0.113.27");
    assert_eq!(panel.take(world).len(), 1);
}
