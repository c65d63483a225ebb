//! What nobody asks the staff area by accident: ids that are none or another account's, names that would run something, a
//! form that was opened with another role, and one that is pressed ten times at once.

use latchkey::{
    app::{
        Caller,
        accounts::{notes, suspend},
        policy::plans,
        runs::{self, NewRun, Started},
        staff::{self, MemberChange},
    },
    domain::{
        account::Account,
        audit::Action,
        policy::{Plan, Policy},
        run::{Criteria, Run, RunKind},
        scope::ScopeSet,
        secret::PublicId,
        staff::Role,
        text::Note,
    },
    store::{StoreError, audit},
};

use crate::{
    services::events,
    support::{Browser, Form, World, mint, mint_service},
};

on_both!(
    an_id_that_is_none_is_not_found,
    no_name_runs_anything,
    a_form_of_an_administrator_is_worth_nothing_to_support,
    a_run_is_started_for_what_it_was_named_for,
    what_another_account_has_is_not_found_at_this_one,
    ten_presses_do_it_once,
);

const SCRIPT: &str = "\"><img src=x onerror=alert(1)>";

fn administrator(world: &World) -> Browser {
    world.staff("meera", Role::Admin);
    world.signed_in("meera")
}

fn last_event(world: &World) -> String {
    let head = world.app.store.read_here(audit::chain::head).unwrap();
    head.expect("something has happened").to_string()
}

/// Neither a database's special characters nor one that it refuses are more than a wrong id.
fn an_id_that_is_none_is_not_found(world: &World) {
    let account = world.customer("priya");
    let browser = administrator(world);
    let at_account = |rest: &str| format!("/staff/accounts/{}{rest}", account.public_id);
    let ids = [
        "%00",
        "a%00b",
        "%ff",
        "%25",
        "_",
        "____________",
        "%27%20OR%201%3D1",
        "%2e%2e%2f",
        "%E2%80%AE",
        "%F0%9F%98%80",
        &"x".repeat(3_000),
    ];
    for id in ids {
        for path in [
            "/staff/incidents/{}",
            "/staff/incidents?before={}",
            "/staff/members/{}",
            "/staff/members/{}/deactivate",
            "/staff/plans/{}",
            "/staff/plans/{}/remove",
            "/staff/services/{}/revoke",
            "/staff/services?status=revoked&before={}",
            "/staff/accounts/{}",
            "/staff/accounts/{}/activity.csv",
            &at_account("/tokens/{}"),
        ] {
            browser.get(&path.replace("{}", id)).expect(404);
        }
        for path in [
            "/staff/incidents/{}/stop",
            "/staff/members/{}/reactivate",
            "/staff/plans/{}/remove",
            "/staff/services/{}/revoke",
            &at_account("/sessions/{}/end"),
        ] {
            let sign_out = browser.get("/staff/audit").expect(200).form("/sign-out");
            let body = format!("form_token={}", sign_out.values("form_token")[0]);
            browser
                .send(&browser.form_request("POST", &path.replace("{}", id), &body))
                .expect(404);
        }
    }
}

/// Every text that somebody can write, on every page of the staff area that shows it.
fn no_name_runs_anything(world: &World) {
    let account = world.customer("priya");
    mint(&world.app, account.id, |new| new.name = SCRIPT.parse().unwrap());
    let browser = administrator(world);
    let (shell, app) = (Caller::shell().because(SCRIPT.parse().unwrap()), &world.app);
    let plan = Plan {
        public_id: String::new(),
        name: SCRIPT.to_owned(),
        scopes: ScopeSet::full(),
        policy: Policy::default(),
    };
    let plan = world.wait(plans::create(app, &shell, &plan)).unwrap();
    let run = start(world, &shell, &plan.name);
    let (_, service) = mint_service(world, SCRIPT, "*");
    let members = world.wait(staff::list(app, &shell)).unwrap();
    let to = MemberChange {
        name: SCRIPT.parse().unwrap(),
        email: members[0].email.clone(),
        role: Role::Admin,
    };
    let member = &members[0].public_id;
    world.wait(staff::change(app, &shell, member, None, to)).unwrap();
    let note: Note = SCRIPT.parse().unwrap();
    world.wait(notes::add(app, &shell, &account, note)).unwrap();
    world.wait(suspend::suspend(app, &shell, account.id)).unwrap();
    let at_account = |rest: &str| format!("/staff/accounts/{}{rest}", account.public_id);
    let searched = "%22%3E%3Cimg%20src%3Dx%20onerror%3Dalert(1)%3E";
    for path in [
        "/staff/accounts".to_owned(),
        format!("/staff/accounts?q={searched}&plan={searched}"),
        format!("/staff/accounts/new?username={searched}"),
        at_account(""),
        at_account("/activity"),
        at_account("/notes"),
        at_account("/tokens"),
        at_account("/tokens/revoke-all"),
        at_account(&format!("/change?version=1&username={searched}&sites={searched}")),
        "/staff/members".to_owned(),
        format!("/staff/members/{member}"),
        format!("/staff/members/{member}/deactivate"),
        format!("/staff/members/new?name={searched}"),
        "/staff/plans".to_owned(),
        format!("/staff/plans/{}", plan.public_id),
        format!("/staff/plans/{}/remove", plan.public_id),
        "/staff/services".to_owned(),
        format!("/staff/services/{}/revoke", service.public_id),
        format!("/staff/services/new?name={searched}&addresses={searched}"),
        "/staff/incidents".to_owned(),
        format!("/staff/incidents/{}", run.public_id),
        format!("/staff/incidents/new?reason={searched}&run={searched}"),
        "/staff/audit".to_owned(),
        format!("/staff/audit?q={searched}"),
    ] {
        let page = browser.get(&path);
        assert!([200, 409, 422].contains(&page.status()), "{path}: {}", page.status());
        assert!(!page.body().contains("<img src=x"), "{path}");
        assert!(page.body().contains("onerror"), "{path} does not show it");
    }
}

fn start(world: &World, caller: &Caller, plan: &str) -> Run {
    let new = NewRun {
        public_id: world.app.new_public_id(),
        kind: RunKind::Pause,
        criteria: Criteria {
            plan: Some(plan.to_owned()),
            ..Criteria::default()
        },
        reason: SCRIPT.parse().unwrap(),
        at_most: None,
    };
    match world.wait(runs::start(&world.app, caller, new)).unwrap() {
        Started::Run(run) => *run,
        Started::More(count) => panic!("{count} tokens"),
    }
}

fn a_form_of_an_administrator_is_worth_nothing_to_support(world: &World) {
    world.staff("asha", Role::Admin);
    let browser = administrator(world);
    let members = world.wait(staff::list(&world.app, &Caller::shell())).unwrap();
    let [asha, meera] = members.as_slice() else {
        panic!("{members:?}")
    };
    let other = format!("/staff/members/{}", asha.public_id);
    let policy = browser.get("/staff/policy").expect(200).form("/staff/policy");
    let narrower = policy.fill("max_lifetime_days", "90").fill("never_allowed", "false");
    let review = narrower.submit("Review changes").expect(200);
    let plan = browser.get("/staff/plans/new").expect(200).form("/staff/plans/new");
    let change = browser.get(&other).expect(200).form(&other).fill("role", "support");
    let invite = browser.get("/staff/members/new").expect(200).form("/staff/members/new");
    let to = MemberChange {
        name: meera.name.parse().unwrap(),
        email: meera.email.clone(),
        role: Role::Support,
    };
    world
        .wait(staff::change(&world.app, &Caller::shell(), &meera.public_id, None, to))
        .unwrap();
    let before = last_event(world);
    review.form("/staff/policy").submit("Save").expect(403);
    plan.fill("name", "Mine").submit("").expect(403);
    change.submit("Save").expect(403);
    invite.fill("name", "Accomplice").submit("Invite").expect(403);
    assert_eq!(last_event(world), before);
}

/// The id of a run stands in a form; with another's it starts none, and tells nothing about that one.
fn a_run_is_started_for_what_it_was_named_for(world: &World) {
    let account = world.customer_without_password("priya");
    mint(&world.app, account.id, |_| ());
    let browser = administrator(world);
    let run = start(world, &Caller::shell(), "no such plan");
    let page = browser
        .get("/staff/incidents/new?action=revoke&scope=backups%3Acreate")
        .expect(200);
    let form = page
        .form("/staff/incidents")
        .fill("reason", "Leaked")
        .check("understood", "1");
    let before = last_event(world);
    form.clone().forge("run", &run.public_id).submit("").expect(404);
    form.clone().forge("run", "not/an/id/at").submit("").expect(404);
    // A number that is not one tells of no token.
    form.forge("count", "-1").submit("").expect(422);
    let query = audit::Query {
        actions: vec![Action::TokenRevoked],
        limit: 10,
        ..audit::Query::default()
    };
    let revoked = world
        .app
        .store
        .read_here(|connection| audit::list(connection, account.id, &query));
    let revoked: Result<_, StoreError> = revoked;
    assert!(revoked.unwrap().is_empty());
    assert_eq!(last_event(world), before);
}

/// Every page and form of an account that names something of it, with what another account has.
fn what_another_account_has_is_not_found_at_this_one(world: &World) {
    let (priya, arjun) = (world.customer("priya"), world.customer_without_password("arjun"));
    let theirs = mint(&world.app, arjun.id, |_| ()).token.public_id;
    mint(&world.app, priya.id, |_| ());
    let session = crate::matrix::open_session(world, &arjun);
    let browser = administrator(world);
    let at = |rest: &str| format!("/staff/accounts/{}{rest}", priya.public_id);
    let token = browser.get("/staff/audit").form("/sign-out").values("form_token")[0].to_owned();
    let send = |path: &str, fields: &str| {
        browser.send(&browser.form_request("POST", path, &format!("form_token={token}&{fields}")))
    };
    let before = last_event(world);
    for page in [
        "", "/usage", "/history", "/pause", "/resume", "/shorten", "/revoke", "/leaked",
    ] {
        browser.get(&at(&format!("/tokens/{theirs}{page}"))).expect(404);
    }
    for press in ["/pause", "/resume", "/revoke", "/leaked"] {
        send(&at(&format!("/tokens/{theirs}{press}")), "reason=Mine").expect(404);
    }
    let shorten = at(&format!("/tokens/{theirs}/shorten"));
    send(&shorten, "expires=1&date=&reason=Mine").expect(404);
    send(&at(&format!("/sessions/{session}/end")), "").expect(404);
    for several in ["/tokens/pause", "/tokens/revoke"] {
        let fields = format!("ids={theirs}&back=&confirm=1&understood=1&reason=Mine");
        let answer = send(&at(several), &fields);
        assert!(
            answer.status() < 500 && !answer.body().contains(theirs.as_str()),
            "{several}"
        );
    }
    assert_eq!(last_event(world), before);
}

/// A form that is filled in, its button, and what that does.
type Press = (Form, &'static str, Action);

fn presses_at(browser: &Browser, account: &Account, token: PublicId) -> [Press; 3] {
    let fill = |rest: &str, field: &str, text: &str| {
        let path = format!("/staff/accounts/{}{rest}", account.public_id);
        browser.get(&path).expect(200).form(&path).fill(field, text)
    };
    let revoke = fill(&format!("/tokens/{token}/revoke"), "reason", "Leaked");
    [
        (revoke, "Revoke token", Action::TokenRevoked),
        (fill("/notes", "note", "Called back."), "Add note", Action::NoteAdded),
        (
            fill("/suspend", "reason", "Unpaid"),
            "Suspend account",
            Action::AccountSuspended,
        ),
    ]
}

fn presses_of_makers(browser: &Browser) -> [Press; 3] {
    let form = |path: &str| browser.get(path).expect(200).form(path);
    let plan = form("/staff/plans/new").fill("name", "Once").check("scope", "*");
    let member = form("/staff/members/new")
        .fill("name", "Ben Okri")
        .fill("role", "support");
    let member = member.fill("username", "ben").fill("email", "ben@staff.example");
    let account = form("/staff/accounts/new").fill("username", "lena");
    let account = account.fill("email", "lena@mail.example");
    [
        (plan, "Make plan", Action::PlanCreated),
        (member, "Invite", Action::StaffCreated),
        (account, "Create account", Action::AccountCreated),
    ]
}

/// The same form, pressed ten times at once, is done once; the others are told so and nothing fails.
fn ten_presses_do_it_once(world: &World) {
    let account = world.customer("priya");
    let token = mint(&world.app, account.id, |_| ()).token.public_id;
    let (_, service) = mint_service(world, "Proxy", "*");
    let browser = administrator(world);
    let end = format!("/staff/services/{}/revoke", service.public_id);
    let end = (
        browser.get(&end).expect(200).form(&end),
        "Revoke service credential",
        Action::ServiceCredentialRevoked,
    );
    let presses = presses_at(&browser, &account, token).into_iter();
    for (form, button, action) in presses.chain(presses_of_makers(&browser)).chain([end]) {
        let before = events(world, action);
        let statuses: Vec<u16> = std::thread::scope(|scope| {
            let threads: Vec<_> = (0..10).map(|_| scope.spawn(|| form.submit(button).status())).collect();
            threads.into_iter().map(|answer| answer.join().unwrap()).collect()
        });
        let known = |status: &u16| [200, 303, 409, 422].contains(status);
        assert!(statuses.iter().all(known), "{button}: {statuses:?}");
        assert_eq!(events(world, action), before + 1, "{button}: {statuses:?}");
    }
}
