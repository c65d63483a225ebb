//! `/staff/policy` and `/staff/plans`: the rules, what a change of them touches, and who is faster.

use std::sync::Barrier;

use latchkey::{
    app::{
        AppError, Caller, Rule,
        accounts::{self, NewAccount, change},
        policy::{self, plans},
    },
    domain::{
        policy::{Plan, Policy},
        scope::ScopeSet,
        staff::Role,
        token::Expiry,
    },
    store,
};
use time::macros::datetime;
use tokio::runtime::{Builder, Runtime};

use crate::support::{Page, World, mint};

on_both!(
    a_policy_is_looked_over_before_it_is_saved,
    contradicting_values_are_told_at_the_field,
    an_overtaken_form_is_told_and_changes_nothing,
    a_plan_is_made_narrowed_and_removed,
    a_plan_is_removed_or_taken_but_never_both,
    a_plan_is_removed_or_changed_to_but_never_both,
);

fn review(world: &World, fields: &[(&str, &str)]) -> Page {
    let form = world
        .signed_in("meera")
        .get("/staff/policy")
        .expect(200)
        .form("/staff/policy");
    let form = fields.iter().fold(form, |form, (name, value)| form.fill(name, value));
    form.submit("Review changes")
}

fn current(world: &World) -> Policy {
    world.wait(policy::show(&world.app, &Caller::shell())).unwrap()
}

fn a_policy_is_looked_over_before_it_is_saved(world: &World) {
    world.staff("meera", Role::Admin);
    let account = world.customer_without_password("priya");
    mint(&world.app, account.id, |new| {
        new.expiry = Expiry::At(datetime!(2027-11-23 18:29:59));
    });
    let endless = mint(&world.app, account.id, |new| new.expiry = Expiry::Never).token;
    mint(&world.app, account.id, |new| {
        new.expiry = Expiry::At(datetime!(2026-12-23 18:29:59));
    });
    let fields = [
        ("max_lifetime_days", "90"),
        ("never_allowed", "false"),
        ("max_live_tokens", "2"),
        ("revoke_unused_days", "30"),
    ];
    let page = review(world, &fields).expect(200);
    assert!(
        page.has("1 token lives longer than this, and 1 token never expires."),
        "{}",
        page.text()
    );
    assert!(page.has("1 account has more tokens than this: it keeps them and cannot create more."));
    assert!(page.has("No token has been unused for so long yet. The first would be revoked on 23 Dec 2026"));
    assert_eq!(current(world), Policy::default(), "nothing is saved by looking");
    let form = page.form("/staff/policy").fill("longer", "shorten");
    let faulty = form.submit("Save").expect(422);
    assert_eq!(faulty.errors()[0].0, "reason");
    let form = faulty.form("/staff/policy").fill("reason", "Our new rules");
    let done = form.submit("Save").follow();
    assert!(done.has("Saved. The policy holds from now on."), "{}", done.text());
    assert_eq!(current(world).max_lifetime_days, Some(90));
    while world.wait(latchkey::app::runs::work(&world.app)).unwrap() > 0 {}
    let token = world
        .app
        .store
        .read_here(|connection| store::tokens::find(connection, account.id, &endless.public_id));
    let expiry = token.unwrap().unwrap().expiry;
    assert!(
        expiry.instant().is_some_and(|at| at <= datetime!(2027-02-23 0:00)),
        "{expiry}"
    );
}

fn contradicting_values_are_told_at_the_field(world: &World) {
    world.staff("meera", Role::Admin);
    let page = review(
        world,
        &[
            ("max_lifetime_days", "91"),
            ("max_total_lifetime_days", "90"),
            ("never_allowed", "false"),
        ],
    );
    assert_eq!(page.expect(422).errors()[0].0, "max_lifetime_days");
    let page = review(world, &[("max_lifetime_days", "90")]).expect(422);
    assert_eq!(page.errors()[0].0, "never_allowed");
    let page = review(world, &[("max_live_tokens", "-1")]).expect(422);
    assert_eq!(page.errors()[0].0, "max_live_tokens");
    assert_eq!(current(world), Policy::default());
}

fn an_overtaken_form_is_told_and_changes_nothing(world: &World) {
    world.staff("meera", Role::Admin);
    let page = review(world, &[("max_live_tokens", "5")]).expect(200);
    let other = Policy {
        max_live_tokens: Some(7),
        ..Policy::default()
    };
    let shown = policy::version(&Policy::default());
    let caller = Caller::shell();
    let set = policy::set(&world.app, &caller, &shown, &other, None);
    assert!(world.wait(set).unwrap());
    let told = page.form("/staff/policy").submit("Save").expect(409);
    assert!(told.has("Somebody else changed this while you had it open."));
    assert_eq!(current(world), other);
    let again = told.form("/staff/policy").submit("Review changes").expect(200);
    again.form("/staff/policy").submit("Save").expect(303);
    assert_eq!(current(world).max_live_tokens, Some(5));
}

fn a_plan_is_made_narrowed_and_removed(world: &World) {
    world.staff("meera", Role::Admin);
    let account = world.customer_without_password("priya");
    mint(&world.app, account.id, |new| {
        new.scopes = "files:delete backups:create".parse().unwrap();
    });
    let browser = world.signed_in("meera");
    let form = browser.get("/staff/plans/new").expect(200).form("/staff/plans/new");
    let form = form
        .fill("name", "Small")
        .check("scope", "files:read")
        .fill("max_live_tokens", "3");
    assert!(form.submit("Make plan").follow().has("The plan was made."));
    let taken = browser.get("/staff/plans/new").form("/staff/plans/new");
    let taken = taken
        .fill("name", "SMALL")
        .check("scope", "files:read")
        .submit("Make plan");
    assert_eq!(taken.expect(422).errors()[0].0, "name");

    let page = browser.get("/staff/plans").expect(200).click("standard").expect(200);
    let path = page.path().to_owned();
    let form = page.form(&path).uncheck("scope", "*").check("scope", "backups:create");
    let page = form.submit("Review changes").expect(200);
    assert!(page.has("1 token loses “delete files”"), "{}", page.text());
    assert!(page.form(&path).submit("Save").follow().has("Saved."));

    let remove = format!("{path}/remove");
    assert!(browser.get(&remove).expect(409).has("1 account is on it."));
    let small = browser.get("/staff/plans").click("Small").path().to_owned();
    let remove = format!("{small}/remove");
    let gone = browser.get(&remove).form(&remove).submit("Remove plan").follow();
    assert!(gone.has("The plan was removed."));
    browser.get(&small).expect(404);
}

fn a_plan_is_removed_or_taken_but_never_both(world: &World) {
    let plan = Plan {
        public_id: String::new(),
        name: "short".to_owned(),
        scopes: ScopeSet::full(),
        policy: Policy::default(),
    };
    let plan = world.wait(plans::create(&world.app, &Caller::shell(), &plan)).unwrap();
    let results = race(8, |number, runtime| {
        let caller = Caller::shell();
        if number == 0 {
            let removed = plans::remove(&world.app, &caller, &plan.public_id);
            return runtime.block_on(removed).map(|()| true);
        }
        let new = NewAccount {
            username: format!("user{number}").parse().unwrap(),
            email: format!("user{number}@mail.example").parse().unwrap(),
            password: None,
            plan: plan.name.clone(),
            time_zone: "UTC".to_owned(),
            sites: Vec::new(),
        };
        runtime
            .block_on(accounts::create(&world.app, &caller, new))
            .map(|_| false)
    });
    let removed = matches!(results[0], Ok(true));
    let made = results[1..].iter().filter(|result| result.is_ok()).count();
    assert_eq!(removed, made == 0, "{results:?}");
    for result in &results {
        match result {
            Ok(_) => {}
            Err(AppError::Rule(rule)) => assert!(matches!(**rule, Rule::PlanInUse(_) | Rule::UnknownPlan), "{rule:?}"),
            Err(error) => panic!("{error:?}"),
        }
    }
}

fn a_plan_is_removed_or_changed_to_but_never_both(world: &World) {
    let names: Vec<_> = (1..8)
        .map(|number| world.customer_without_password(&format!("user{number}")).username)
        .collect();
    for round in 0..3 {
        let plan = Plan {
            public_id: String::new(),
            name: format!("short {round}"),
            scopes: ScopeSet::full(),
            policy: Policy::default(),
        };
        let plan = world.wait(plans::create(&world.app, &Caller::shell(), &plan)).unwrap();
        let results = race(8, |number, runtime| {
            let caller = Caller::shell();
            if number == 0 {
                return runtime.block_on(plans::remove(&world.app, &caller, &plan.public_id));
            }
            let found = accounts::find(&world.app, &caller, &names[number - 1]);
            let account = runtime.block_on(found)?.expect("it is there");
            let mut to = runtime.block_on(change::current(&world.app, &caller, &account))?;
            let shown = to.version();
            to.plan.clone_from(&plan.name);
            let who = (account.id, account.login);
            runtime
                .block_on(change::change(&world.app, &caller, who, &shown, to))
                .map(|_| ())
        });
        let taken = results[1..].iter().filter(|result| result.is_ok()).count();
        assert_eq!(results[0].is_ok(), taken == 0, "{results:?}");
        for result in &results {
            let expected = |rule: &Rule| matches!(rule, Rule::PlanInUse(_) | Rule::UnknownPlan);
            assert!(
                result.is_ok() || matches!(result, Err(AppError::Rule(rule)) if expected(rule)),
                "{result:?}"
            );
        }
    }
}

/// What came of so many threads that begin at once.
fn race<T: Send>(threads: usize, work: impl Fn(usize, &Runtime) -> T + Sync) -> Vec<T> {
    let gate = Barrier::new(threads);
    std::thread::scope(|scope| {
        let one = |number: usize| {
            let (gate, work) = (&gate, &work);
            scope.spawn(move || {
                let runtime = Builder::new_current_thread().enable_all().build().unwrap();
                gate.wait();
                work(number, &runtime)
            })
        };
        let threads: Vec<_> = (0..threads).map(one).collect();
        threads.into_iter().map(|thread| thread.join().unwrap()).collect()
    })
}
