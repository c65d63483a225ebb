//! `/staff/members`: inviting, changing, keeping out and letting in; the last administrator stays.

use std::sync::Barrier;

use latchkey::{
    app::{
        AppError, Caller, Rule,
        staff::{self, MemberChange},
        staff_tokens,
    },
    domain::{
        audit::Action,
        staff::{Role, StaffMember},
    },
};
use time::Duration;

use crate::{
    services::written,
    support::{World, mint_staff},
};

on_both!(
    an_invited_member_chooses_a_password_and_is_changed,
    a_deactivated_member_is_out_at_once,
    a_page_says_how_many_tokens_stop,
    another_role_holds_for_the_very_next_request,
    nobody_changes_their_own_role_or_deactivates_themselves,
    one_administrator_stays,
);

fn member(world: &World, username: &str) -> StaffMember {
    let all = world.wait(staff::list(&world.app, &Caller::shell())).unwrap();
    all.into_iter()
        .find(|member| member.username.as_str() == username)
        .unwrap()
}

fn path(world: &World, username: &str) -> String {
    format!("/staff/members/{}", member(world, username).public_id)
}

fn an_invited_member_chooses_a_password_and_is_changed(world: &World) {
    world.staff("meera", Role::Admin);
    let browser = world.signed_in("meera");
    let form = browser.get("/staff/members/new").expect(200).form("/staff/members/new");
    let faulty = form.clone().submit("Invite").expect(422);
    let fields: Vec<_> = faulty.errors().into_iter().map(|(field, _)| field).collect();
    assert_eq!(fields, ["name", "username", "email", "role"]);
    let form = form
        .fill("name", "Ben Okri")
        .fill("username", "ben")
        .fill("email", "ben@staff.example");
    form.fill("role", "support").submit("Invite").expect(303);
    let page = browser.get(&path(world, "ben")).expect(200);
    assert!(page.has("Invited") && page.has("Last sign-in Never"), "{}", page.text());
    let list = browser.get("/staff/members").expect(200);
    assert_eq!(list.rows()[0][1..4], ["ben", "ben@staff.example", "Support"]);
    let form = page.form(&path(world, "ben")).fill("name", "Benjamin Okri");
    assert!(form.submit("Save").follow().has("Saved."));
    let stale = page
        .form(&path(world, "ben"))
        .fill("name", "Another")
        .submit("Save")
        .expect(409);
    assert!(stale.has("Somebody else changed this"));
    assert_eq!(member(world, "ben").name, "Benjamin Okri");
}

fn a_deactivated_member_is_out_at_once(world: &World) {
    world.staff("meera", Role::Admin);
    world.staff("asha", Role::Support);
    let (admin, support) = (world.signed_in("meera"), world.signed_in("asha"));
    support.get("/staff/accounts").expect(200);
    let ask = format!("{}/deactivate", path(world, "asha"));
    let done = admin.get(&ask).expect(200).form(&ask).submit("Deactivate").follow();
    assert!(done.has("Deactivated. They are signed out everywhere."));
    support.get("/staff/accounts").expect(303);
    let form = support.get("/sign-in").form("/sign-in");
    form.fill("username", "asha")
        .fill("password", crate::support::PASSWORD)
        .submit("Sign in")
        .expect(422);
    let ask = format!("{}/reactivate", path(world, "asha"));
    admin.get(&ask).form(&ask).submit("Reactivate").expect(303);
    world.signed_in("asha").get("/staff/accounts").expect(200);
}

fn a_page_says_how_many_tokens_stop(world: &World) {
    world.staff("meera", Role::Admin);
    world.staff("asha", Role::Support);
    let admin = world.signed_in("meera");
    let [out, back] = ["deactivate", "reactivate"].map(|press| format!("{}/{press}", path(world, "asha")));
    assert!(admin.get(&out).expect(200).has("0 staff tokens stop at once"));
    let (old, _) = mint_staff(world, "asha", "Old", "accounts:read");
    assert!(admin.get(&out).has("1 staff token stops at once"));
    world.clock.advance(Duration::days(30));
    let admin = world.signed_in("meera");
    let works = ["Billing", "Tickets"].map(|name| mint_staff(world, "asha", name, "accounts:read").0);
    let (revoked, token) = mint_staff(world, "asha", "Gone", "accounts:read");
    let shell = Caller::shell();
    let ended = staff_tokens::revoke(&world.app, &shell, token.member, token.public_id);
    world.wait(ended).unwrap();
    let status = |secret: &String| world.api().with_token(secret).get("/api/v1/accounts").status();
    let page = admin.get(&out).expect(200);
    assert!(page.has("2 staff tokens stop at once"), "{}", page.text());
    page.form(&out).submit("Deactivate").expect(303);
    assert_eq!([&works[0], &works[1], &old, &revoked].map(status), [401; 4]);
    let written = written(world, Action::StaffDeactivated).remove(0);
    let stopped = written.changes.iter().find(|change| change.field == "tokens_stopped");
    assert_eq!(stopped.unwrap().after.as_deref(), Some("2"));
    let page = admin.get(&back).expect(200);
    assert!(page.has("2 staff tokens work again"), "{}", page.text());
    page.form(&back).submit("Reactivate").expect(303);
    assert_eq!([&works[0], &works[1], &old, &revoked].map(status), [200, 200, 401, 401]);
}

fn another_role_holds_for_the_very_next_request(world: &World) {
    world.staff("meera", Role::Admin);
    world.staff("asha", Role::Admin);
    let (admin, other) = (world.signed_in("meera"), world.signed_in("asha"));
    other.get("/staff/policy").expect(200);
    let path = path(world, "asha");
    admin
        .get(&path)
        .form(&path)
        .fill("role", "support")
        .submit("Save")
        .expect(303);
    other.get("/staff/policy").expect(403);
}

fn nobody_changes_their_own_role_or_deactivates_themselves(world: &World) {
    world.staff("meera", Role::Admin);
    world.staff("asha", Role::Admin);
    let browser = world.signed_in("meera");
    let own = path(world, "meera");
    let forged = browser
        .get(&own)
        .form(&own)
        .forge("role", "support")
        .submit("Save")
        .expect(422);
    assert_eq!(forged.errors()[0].0, "role");
    let asked = browser.get(&format!("{own}/deactivate"));
    assert!(asked.expect(409).has("Nobody deactivates themselves."));
    assert_eq!(member(world, "meera").role, Role::Admin);
}

fn one_administrator_stays(world: &World) {
    let names = ["ana", "bea", "cem", "dov"];
    for name in names {
        world.staff(name, Role::Admin);
    }
    let members = names.map(|name| member(world, name));
    let gate = Barrier::new(8);
    let refused = std::thread::scope(|scope| {
        let one = |number: usize| {
            let (gate, member) = (&gate, &members[number % 4]);
            scope.spawn(move || {
                let runtime = tokio::runtime::Builder::new_current_thread()
                    .enable_all()
                    .build()
                    .unwrap();
                gate.wait();
                let caller = Caller::shell();
                if number < 4 {
                    return runtime
                        .block_on(staff::deactivate(&world.app, &caller, &member.public_id))
                        .map(drop);
                }
                let to = MemberChange {
                    name: member.name.parse().unwrap(),
                    email: member.email.clone(),
                    role: Role::Support,
                };
                runtime
                    .block_on(staff::change(&world.app, &caller, &member.public_id, None, to))
                    .map(drop)
            })
        };
        let threads: Vec<_> = (0..8).map(one).collect();
        threads
            .into_iter()
            .filter_map(|thread| thread.join().unwrap().err())
            .collect::<Vec<_>>()
    });
    for error in &refused {
        assert!(
            matches!(error, AppError::Rule(rule) if matches!(**rule, Rule::LastAdministrator)),
            "{error:?}"
        );
    }
    let all = world.wait(staff::list(&world.app, &Caller::shell())).unwrap();
    let left = all
        .iter()
        .filter(|member| member.role == Role::Admin && member.deactivated_at.is_none());
    assert_eq!((left.count(), refused.is_empty()), (1, false));
}
