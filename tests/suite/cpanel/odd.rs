//! What nobody would send in good faith, and what is answered when something fails: in the envelope of the route.

use latchkey::settings;
use serde_json::{Value, json};

use super::{error, full, get, post, with_password, with_token};
use crate::support::{Answer, Database, Gate, Request, World};

on_both!(
    hostile_parameters_are_answered_in_words,
    failures_have_the_envelope_of_the_route
);

const LIST: &str = "/execute/Tokens/list";

fn hostile_parameters_are_answered_in_words(world: &World) {
    let priya = world.customer_without_password("priya");
    let key = with_token("cpanel", "priya", &full(world, &priya).secret);
    for query in [
        "api.paginate=1&api.paginate_start=-1",
        "api.paginate=1&api.paginate_size=99999999999999999999999999",
        "api.filter_column=name&api.filter_type=matches&api.filter_term=(((((",
        "api.filter_column=name&api.filter_type=matches&api.filter_term=(a%7B1000%7D)%7B1000%7D",
        "api.sort=1&api.sort_column=name&api.sort_method=drop%20table",
    ] {
        let said = error(&get(world, &format!("{LIST}?{query}"), &key));
        assert!(said.len() > 20, "{query}: {said}");
    }
    let catastrophic = format!("{LIST}?api.filter_column=name&api.filter_type=matches&api.filter_term=%5E(a%2B)%2B%24");
    get(world, &catastrophic, &key).expect(200);
    for path in [
        "/execute/Tokens/rename?name=%27%3B%20DROP%20TABLE%20tokens&new_name=x",
        "/execute/Tokens/rename?name=%F0%9F%98%80&new_name=x",
    ] {
        error(&get(world, path, &key));
    }
    get(world, "/execute/Tokens/revoke?name=a%00b", &key).expect(400);
    get(world, "/execute/%00/%0a", &key).expect(200);
}

#[track_caller]
fn failed(answer: &Answer, status: u16) -> Value {
    assert_eq!(answer.status(), status, "{}", answer.text());
    answer.json()
}

fn failures_have_the_envelope_of_the_route(world: &World) {
    let priya = world.customer_without_password("priya");
    let key = with_token("cpanel", "priya", &full(world, &priya).secret);
    let large = "x".repeat(70_000);
    for (path, place) in [
        (LIST, "/errors/0"),
        ("/json-api/cpanel", "/cpanelresult/error"),
        ("/login/", "/message"),
    ] {
        let says = |json: Value| assert!(json.pointer(place).is_some_and(Value::is_string), "{path}: {json}");
        says(failed(&post(world, path, &key, &large), 413));
        let put = Request::new("PUT", path).header("Authorization", &key);
        says(failed(&world.api().send(&put), 405));
        let xml = Request::new("POST", path)
            .header("Authorization", &key)
            .body("text/xml", "<a/>");
        says(failed(&world.api().send(&xml), 415));
        let list = Request::new("POST", path)
            .header("Authorization", &key)
            .body("application/json", "[]");
        says(failed(&world.api().send(&list), 400));
        let elsewhere = Request::new("GET", path).header("Host", "evil.example");
        says(failed(&world.api().send(&elsewhere), 421));
    }
    let flat = failed(&post(world, LIST, &key, &large), 413);
    assert_eq!((&flat["status"], &flat["data"]), (&json!(0), &json!(null)));
}

#[test]
#[ignore = "needs PostgreSQL: tests/run"]
fn without_the_database_nobody_is_told_that_they_are_not_let_in() {
    let world = World::from(Database::postgres());
    let settings::Database::Postgres(url) = &world.app.settings.database else {
        panic!("the world is on PostgreSQL")
    };
    let gate = Gate::to(url.expose());
    let priya = world.customer("priya");
    let key = with_token("cpanel", "priya", &full(&world, &priya).secret);
    let second = world.join_with(&[("LATCHKEY_DATABASE", gate.url())]);
    let ask = |path: &str, authorization: &str| {
        let request = Request::new("GET", path).header("Authorization", authorization);
        second.api().send(&request)
    };
    ask(LIST, &key).expect(200);
    gate.close();
    for (path, place) in [
        (LIST, "/errors/0"),
        (
            "/json-api/cpanel?cpanel_jsonapi_module=Tokens&cpanel_jsonapi_func=list",
            "/cpanelresult/error",
        ),
        ("/json-api/listaccts", "/metadata/reason"),
    ] {
        for authorization in [&key, &with_password("priya"), &key.replace("cpanel", "whm")] {
            let answer = ask(path, authorization);
            if answer.status() != 403 {
                let said = failed(&answer, 503);
                assert!(said.pointer(place).is_some_and(Value::is_string), "{path}: {said}");
            }
        }
    }
    gate.open();
}
