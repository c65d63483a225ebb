//! How a session lives and ends.

use latchkey::{
    domain::{id::LoginId, staff::Role},
    store::{self, StoreError, sessions},
};
use time::Duration;

use crate::support::World;

fn sessions_end_when_nobody_comes(world: &World) {
    world.customer("priya");
    world.staff("asha", Role::Support);
    let (customer, staff) = (world.signed_in("priya"), world.signed_in("asha"));
    world.clock.advance(Duration::minutes(14));
    customer.get("/security").expect(200);
    staff.get("/security").expect(200);
    world.clock.advance(Duration::minutes(15));
    customer.get("/security").expect(200);
    let ended = staff.get("/security").expect(303);
    assert_eq!(ended.header("Location"), Some("/sign-in?next=%2Fsecurity"));
    world.clock.advance(Duration::minutes(59));
    customer.get("/security").expect(200);
    world.clock.advance(Duration::minutes(60));
    customer.get("/security").expect(303);
}

fn sessions_end_after_twelve_hours_whoever_comes(world: &World) {
    world.customer("priya");
    let browser = world.signed_in("priya");
    for _ in 0..15 {
        world.clock.advance(Duration::minutes(45));
        browser.get("/security").expect(200);
    }
    world.clock.advance(Duration::minutes(44));
    browser.get("/security").expect(200);
    world.clock.advance(Duration::minutes(1));
    browser.get("/security").expect(303);
}

fn a_session_has_a_new_id_after_each_sign_in(world: &World) {
    world.customer("priya");
    world.customer("arjun");
    let browser = world.browser();
    browser.set_cookie("latchkey-session", "planted-by-somebody-else");
    browser.sign_in("priya");
    let first = browser.cookie("latchkey-session").unwrap();
    assert_ne!(first, "planted-by-somebody-else");
    let other = world.browser();
    other.set_cookie("latchkey-session", &first);
    assert!(other.get("/security").expect(200).has("priya"));
    // A form of the session signs in as somebody else: the session of before is dead.
    let page = browser.get("/security").expect(200);
    let token = page.form("/sign-out").values("form_token")[0].to_owned();
    let fields = [
        ("form_token", token.as_str()),
        ("username", "arjun"),
        ("password", crate::support::PASSWORD),
    ];
    let encoded = form_urlencoded::Serializer::new(String::new())
        .extend_pairs(fields)
        .finish();
    browser
        .send(&browser.form_request("POST", "/sign-in", &encoded))
        .expect(303);
    assert!(browser.get("/security").expect(200).has("arjun"));
    other.get("/security").expect(303);
}

/// The store never brings back what was ended while a request was under way.
fn an_ended_session_stays_ended(world: &World) {
    let account = world.customer("priya");
    let now = world.clock.now();
    let session = sessions::Session {
        public_id: "s1".to_owned(),
        login: account.login,
        state: "{}".to_owned(),
        created_at: now,
        last_seen_at: now,
        password_at: now,
        address: "192.0.2.1".to_owned(),
        browser: String::new(),
    };
    let store = &world.app.store;
    let insert = |connection: &mut _| sessions::insert(connection, b"a", &session);
    store.write_here::<_, StoreError>(insert).unwrap();
    let renew = |from: &'static [u8], to: &'static [u8]| {
        let renew = move |connection: &mut _| sessions::renew(connection, from, to, "{}", now);
        store.write_here::<_, StoreError>(renew).unwrap()
    };
    let find = |id: &'static [u8]| {
        let find = move |connection: &mut _| sessions::find(connection, id);
        store.read_here::<_, StoreError>(find).unwrap().is_some()
    };
    assert!(renew(b"a", b"b") && !find(b"a") && find(b"b"));
    let end = |connection: &mut _| sessions::delete_one(connection, account.login, "s1");
    assert!(store.write_here::<_, StoreError>(end).unwrap());
    let touch = |connection: &mut _| sessions::touch(connection, b"b", now);
    assert!(!store.write_here::<_, StoreError>(touch).unwrap());
    assert!(!renew(b"b", b"c") && !find(b"b") && !find(b"c"));
}

/// A session that was being begun with the old password while the others were ended does not outlive the change.
fn a_session_does_not_outlive_its_password(world: &World) {
    let account = world.customer("priya");
    let browser = world.signed_in("priya");
    // The other node's clock is behind.
    world.clock.advance(Duration::seconds(-3));
    change_hash(world, account.login);
    browser.get("/security").expect(303);
    browser.sign_in("priya");
    browser.get("/security").expect(200);
}

fn change_hash(world: &World, login: LoginId) {
    let store = &world.app.store;
    let find = move |connection: &mut _| store::logins::find(connection, login);
    let old = store
        .read_here::<_, StoreError>(find)
        .unwrap()
        .unwrap()
        .password_hash
        .unwrap();
    let now = world.clock.now();
    let change = |connection: &mut _| store::logins::change_password(connection, login, &old, &old, now);
    assert!(store.write_here::<_, StoreError>(change).unwrap());
}

fn a_session_serves_on_every_server(world: &World) {
    world.customer("priya");
    let second = world.join();
    let (here, there) = (world.signed_in("priya"), second.browser());
    there.set_cookie("latchkey-session", &here.cookie("latchkey-session").unwrap());
    there.get("/security").expect(200);
    here.get("/security").form("/sign-out").submit("Sign out").expect(303);
    there.get("/security").expect(303);
}

on_both!(
    sessions_end_when_nobody_comes,
    sessions_end_after_twelve_hours_whoever_comes,
    a_session_has_a_new_id_after_each_sign_in,
    an_ended_session_stays_ended,
    a_session_does_not_outlive_its_password,
    a_session_serves_on_every_server,
);
