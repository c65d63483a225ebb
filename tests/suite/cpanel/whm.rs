//! `/json-api/...` for staff.

use latchkey::{
    domain::{audit::Action, staff::Role},
    store::accounts,
};
use serde_json::{Value, json};
use time::Duration;

use super::{events, get, post, with_password};
use crate::support::{Request, World};

on_both!(
    staff_read_accounts,
    staff_make_change_and_remove_accounts,
    a_customers_session_is_opened_once,
    what_the_role_does_not_include_is_refused,
    only_staff_are_let_in,
    old_shapes_are_kept,
);

/// What the function says with version 1: its metadata and its data.
fn call(world: &World, user: &str, function: &str, parameters: &str) -> (Value, Value) {
    let path = format!("/json-api/{function}?api.version=1&{parameters}");
    let answer = get(world, &path, &with_password(user)).expect(200).json();
    assert_eq!(
        (&answer["metadata"]["version"], &answer["metadata"]["command"]),
        (&json!(1), &json!(function))
    );
    (answer["metadata"].clone(), answer["data"].clone())
}

/// The data of a function that did what it was asked for.
#[track_caller]
fn data(world: &World, function: &str, parameters: &str) -> Value {
    let (metadata, data) = call(world, "meera", function, parameters);
    assert_eq!(metadata["result"], 1, "{metadata}");
    data
}

/// Why a function did not do what it was asked for.
#[track_caller]
fn reason(world: &World, function: &str, parameters: &str) -> String {
    let (metadata, data) = call(world, "meera", function, parameters);
    assert_eq!((&metadata["result"], &data), (&json!(0), &Value::Null), "{metadata}");
    metadata["reason"].as_str().unwrap().to_owned()
}

#[expect(clippy::too_many_lines, reason = "one story, told in its order")]
fn staff_read_accounts(world: &World) {
    world.staff("meera", Role::Admin);
    let lena = world.customer_without_password("lena");
    for name in ["priya", "pia"] {
        world.customer_without_password(name);
    }
    let now = world.app.now();
    let put = |connection: &mut _| accounts::put_suspension(connection, lena.id, Some((now, "the invoice is open")));
    world.app.store.write_here(put).unwrap();
    let users = |parameters: &str| -> Vec<String> {
        let rows = data(world, "listaccts", parameters)["acct"].as_array().unwrap().clone();
        rows.iter()
            .map(|row| row["user"].as_str().unwrap().to_owned())
            .collect()
    };
    assert_eq!(users(""), ["lena", "pia", "priya"]);
    assert_eq!(users("searchtype=user&search=^p"), ["pia", "priya"]);
    assert_eq!(
        users("searchtype=domain&search=priya.example&searchmethod=exact"),
        ["priya"]
    );
    assert_eq!(users("searchtype=package&search=standard&searchmethod=exact").len(), 3);
    assert_eq!(users("searchtype=ip&search=1").len(), 0);
    assert_eq!(
        users("api.sort.enable=1&api.sort.a.field=user&api.sort.a.reverse=1")[0],
        "priya"
    );
    let (metadata, chunk) = call(
        world,
        "meera",
        "listaccts",
        "api.chunk.enable=1&api.chunk.start=2&api.chunk.size=1",
    );
    assert_eq!(chunk["acct"][0]["user"], "pia");
    assert_eq!(metadata["chunk"]["records"], 3);
    assert_eq!(
        data(world, "listaccts", "want=user")["acct"][0],
        json!({"user": "lena"})
    );
    let row = data(world, "accountsummary", "user=lena")["acct"][0].clone();
    for (name, value) in [
        ("domain", json!("lena.example")),
        ("email", json!("lena@mail.example")),
        ("owner", json!("root")),
        ("plan", json!("standard")),
        ("suspended", json!(1)),
        ("suspendreason", json!("the invoice is open")),
        ("suspendtime", json!(1_795_435_200)),
        ("startdate", json!("26 Nov 23 12:00")),
        ("unix_startdate", json!(1_795_435_200)),
        ("disklimit", json!("unlimited")),
        ("ip", json!(null)),
        ("is_locked", json!(0)),
    ] {
        assert_eq!(row[name], value, "{name}");
    }
    assert_eq!(
        data(world, "accountsummary", "domain=shop.priya.example")["acct"][0]["user"],
        "priya"
    );
    for (function, parameters) in [
        ("accountsummary", "user=nobody"),
        ("accountsummary", "user=%27"),
        ("accountsummary", ""),
        ("listaccts", "search=("),
        ("listaccts", "search=a&searchtype=shoe"),
        ("listaccts", "api.chunk.enable=1&api.chunk.size=0"),
    ] {
        assert!(
            reason(world, function, parameters).len() > 10,
            "{function} {parameters}"
        );
    }
}

#[expect(clippy::too_many_lines, reason = "one story, told in its order")]
fn staff_make_change_and_remove_accounts(world: &World) {
    world.staff("meera", Role::Admin);
    let (metadata, made) = call(
        world,
        "meera",
        "createacct",
        "username=Nina&domain=nina.example&plan=standard&password=violet+tram+under+the+pear&contactemail=nina@mail.example",
    );
    assert_eq!(metadata["reason"], "Account Creation Ok");
    assert!(metadata["output"]["raw"].as_str().unwrap().contains("nina.example"));
    assert!(!metadata.to_string().contains("violet"), "who gave it knows it");
    assert_eq!(made["package"], "standard");
    let found = world
        .app
        .store
        .read_here(|connection| accounts::find_by_username(connection, "nina"));
    let nina_id = found.unwrap().unwrap().id;
    let nina = world.signed_in("nina");
    nina.get("/tokens").expect(200);

    let (metadata, _) = call(world, "meera", "createacct", "username=otto&domain=otto.example");
    let raw = metadata["output"]["raw"].as_str().unwrap().to_owned();
    let password = raw.split("Password: ").nth(1).unwrap().trim().to_owned();
    let form = format!("user=otto&pass={password}");
    let login = Request::new("POST", "/login/?login_only=1").body("application/x-www-form-urlencoded", form);
    world.api().send(&login).expect(200);
    let otto = data(world, "accountsummary", "user=otto")["acct"][0].clone();
    assert_eq!(otto["email"], "otto@otto.example");

    data(world, "suspendacct", "user=nina&reason=Unpaid");
    assert_eq!(
        data(world, "accountsummary", "user=nina")["acct"][0]["suspendreason"],
        "Unpaid"
    );
    assert!(reason(world, "suspendacct", "user=nina").contains("already"));
    assert!(reason(world, "suspendacct", "user=otto&disallowun=1").contains("disallowun"));
    data(world, "unsuspendacct", "user=nina");

    let (metadata, set) = call(world, "meera", "passwd", "user=nina&password=another+tram+under+a+plum");
    assert_eq!(
        (&metadata["reason"], &set["app"]),
        (&json!("Password changed for user “nina”."), &json!(["system"]))
    );
    assert!(
        nina.get("/tokens")
            .header("Location")
            .is_some_and(|to| to.starts_with("/sign-in")),
        "her session ended"
    );
    let weak = reason(world, "passwd", "user=nina&pass=short");
    assert!(weak.contains("15 characters"), "{weak}");

    data(
        world,
        "modifyacct",
        "user=nina&newuser=nora&domain=nora.example&contactemail=nora@mail.example",
    );
    let nora = data(world, "accountsummary", "user=nora")["acct"][0].clone();
    assert_eq!(
        (&nora["domain"], &nora["email"]),
        (&json!("nora.example"), &json!("nora@mail.example"))
    );

    world.clock.advance(Duration::minutes(5));
    let removed = call(world, "meera", "removeacct", "user=nora").0;
    assert_eq!(removed["reason"], "nora account removed");
    assert!(removed["output"]["raw"].is_string());
    assert!(reason(world, "removeacct", "username=nora").contains("“nora”"));
    for (parameters, words) in [
        ("", "“username”"),
        ("username=9lives&domain=a.example", "starts with a letter"),
        ("username=a&domain=not a domain", "domain name"),
        ("username=a", "“contactemail”"),
        ("username=a&domain=a.example&contactemail=nowhere", "e-mail address"),
        ("username=a&domain=a.example&plan=gold", "no such plan"),
        (
            "username=otto&domain=b.example&contactemail=b@mail.example",
            "user name",
        ),
        ("username=b&domain=otto.example", "belongs to another account"),
        ("username=b&domain=b.example&password=short", "15 characters"),
    ] {
        let said = reason(world, "createacct", &parameters.replace(' ', "+"));
        assert!(said.contains(words), "{parameters}: {said}");
    }
    let done = [Action::PasswordSetByStaff, Action::AccountRemoved];
    let done: Vec<Action> = events(world, nina_id, &done)
        .into_iter()
        .map(|event| event.action)
        .collect();
    assert_eq!(done, [Action::AccountRemoved, Action::PasswordSetByStaff]);
}

fn a_customers_session_is_opened_once(world: &World) {
    world.staff("meera", Role::Admin);
    world.customer_without_password("priya");
    let opened = data(world, "create_user_session", "user=priya&service=cpaneld");
    let url = opened["url"].as_str().unwrap();
    let path = &url[url.find("/link/").unwrap()..];
    assert_eq!(opened["expires"], 1_795_435_260);
    let browser = world.browser();
    browser.get(path).expect(303);
    let token = opened["cp_security_token"].as_str().unwrap();
    let list = browser.request("GET", &format!("{token}/execute/Tokens/list"));
    let said: Value = serde_json::from_str(browser.send(&list).body()).unwrap();
    assert_eq!(said["status"], 1, "{said}");
    world.browser().get(path).expect(404);
    assert!(reason(world, "create_user_session", "user=priya&service=whostmgrd").contains("cpaneld"));
}

fn what_the_role_does_not_include_is_refused(world: &World) {
    world.staff("asha", Role::Support);
    world.staff("meera", Role::Admin);
    world.customer_without_password("priya");
    for (function, parameters) in [
        ("removeacct", "user=priya"),
        ("passwd", "user=priya&password=another+tram+under+a+plum"),
        ("create_user_session", "user=priya"),
    ] {
        let (metadata, _) = call(world, "asha", function, parameters);
        assert_eq!(metadata["result"], 0, "{function}");
        let said = metadata["reason"].as_str().unwrap();
        assert!(said.contains("permission"), "{function}: {said}");
    }
    let privileges = |user: &str| call(world, user, "myprivs", "").1["privileges"][0].clone();
    let (support, admin) = (privileges("asha"), privileges("meera"));
    assert_eq!(
        (&support["list-accts"], &support["kill-acct"], &support["all"]),
        (&json!(1), &json!(0), &json!(0))
    );
    assert_eq!((&admin["kill-acct"], &admin["all"]), (&json!(1), &json!(1)));
    let lists = data(world, "listacls", "")["acl"].clone();
    assert_eq!(lists[1]["name"], "support");
    assert_eq!(lists[1]["privileges"], support);
}

fn only_staff_are_let_in(world: &World) {
    let priya = world.customer("priya");
    world.staff("meera", Role::Admin);
    let token = super::full(world, &priya).secret;
    for authorization in [
        with_password("priya"),
        super::with_token("whm", "priya", &token),
        super::with_token("cpanel", "priya", &token),
        super::with_token("whm", "meera", "lka_EXAMPLE1_0000000000000000000000000000000019WjLP"),
        "Bearer x".to_owned(),
    ] {
        let answer = get(world, "/json-api/version?api.version=1", &authorization);
        assert_eq!(answer.status(), 403, "{authorization}");
        assert!(answer.text().starts_with("{\"cpanelresult\""));
    }
    let browser = world.signed_in("meera");
    let bare = browser.request("GET", "/json-api/version");
    assert_eq!(browser.send(&bare).status(), 403, "without the security token");
}

fn old_shapes_are_kept(world: &World) {
    world.staff("meera", Role::Admin);
    let key = with_password("meera");
    let apps = get(world, "/json-api/applist", &key).expect(200).json();
    assert!(apps["app"].as_array().unwrap().contains(&json!("createacct")));
    let unknown = get(world, "/json-api/foo", &key).expect(200).json();
    assert_eq!(unknown, json!({"error": "Unknown App Requested: foo"}));
    let unknown = post(world, "/json-api/foo", &key, "api.version=1").expect(200).json();
    assert_eq!(unknown["metadata"]["reason"], "Unknown app (\"foo\") requested");
    let acls = get(world, "/json-api/listacls", &key).json()["acls"].clone();
    assert_eq!(acls["admin"]["all"], 1);
    let version = get(world, "/json-api/version", &key).json();
    assert!(version["version"].as_str().unwrap().starts_with("11."));
    assert_eq!(data(world, "gethostname", "")["hostname"], "127.0.0.1");
}
