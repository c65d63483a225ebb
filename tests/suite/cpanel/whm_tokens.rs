//! `/json-api/api_token_...`, and calls with what it makes.

use latchkey::domain::staff::Role;
use serde_json::{Value, json};
use time::Duration;

use super::{get, post, with_password, with_token};
use crate::support::World;

on_both!(
    a_program_makes_uses_changes_and_revokes_its_tokens,
    a_token_makes_nothing_that_can_do_more,
    what_cannot_be_is_refused_by_its_name,
    a_token_is_its_members_alone,
);

/// What the function says with version 1.
fn call(world: &World, key: &str, function: &str, parameters: &str) -> Value {
    post(
        world,
        &format!("/json-api/{function}"),
        key,
        &format!("api.version=1&{parameters}"),
    )
    .expect(200)
    .json()
}

#[track_caller]
fn data(said: &Value) -> &Value {
    assert_eq!(said["metadata"]["result"], 1, "{said}");
    &said["data"]
}

#[track_caller]
fn reason(said: &Value) -> String {
    assert_eq!(said["metadata"]["result"], 0, "{said}");
    said["metadata"]["reason"].as_str().unwrap().to_owned()
}

fn seconds(world: &World, days: i64) -> i64 {
    (world.app.now() + Duration::days(days)).as_utc().unix_timestamp()
}

#[expect(clippy::too_many_lines, reason = "one story, told in its order")]
fn a_program_makes_uses_changes_and_revokes_its_tokens(world: &World) {
    world.staff("meera", Role::Admin);
    world.customer_without_password("priya");
    let password = with_password("meera");
    let end = seconds(world, 30);
    let form = format!(
        "token_name=billing&acl=list-accts&acl-0=suspend-acct&expires_at={end}&whitelist_ip=127.0.0.1&whitelist_ip-1=fc00:abcd::f"
    );
    let made = call(world, &password, "api_token_create", &form);
    let made = data(&made);
    assert_eq!(made["name"], "billing");
    assert_eq!(made["expires_at"], end);
    let acls = made["acls"].as_array().unwrap();
    assert!(
        acls.contains(&json!("list-accts"))
            && acls.contains(&json!("suspend-acct"))
            && !acls.contains(&json!("kill-acct"))
    );
    assert!(
        made["whitelist_ips"]
            .as_array()
            .unwrap()
            .contains(&json!("fc00:abcd:0000:0000:0000:0000:0000:000f"))
    );
    let secret = made["token"].as_str().unwrap();
    assert!(secret.starts_with("lka_"));

    for scheme in ["whm", "WHM"] {
        let key = with_token(scheme, "meera", secret);
        let listed = call(world, &key, "listaccts", "");
        assert_eq!(data(&listed)["acct"][0]["user"], "priya");
        data(&call(world, &key, "suspendacct", "user=priya&reason=Unpaid"));
        data(&call(world, &key, "unsuspendacct", "user=priya"));
        let refused = reason(&call(world, &key, "removeacct", "user=priya"));
        assert!(
            refused.contains("accounts:remove") && refused.contains("kill-acct"),
            "{refused}"
        );
    }
    let listed = call(world, &password, "api_token_list", "");
    let row = &data(&listed)["tokens"]["billing"];
    assert_eq!(
        (&row["acls"]["list-accts"], &row["acls"]["kill-acct"]),
        (&json!(1), &json!(0))
    );
    let details = call(world, &password, "api_token_get_details", &format!("token={secret}"));
    assert_eq!(data(&details)["name"], "billing");
    for unknown in ["token=lka_EXAMPLE1_0000000000000000000000000000000019WjLP", "token=x"] {
        let said = call(world, &password, "api_token_get_details", unknown);
        assert!(said.get("data").is_none(), "{said}");
    }

    let renamed = call(world, &password, "api_token_update", "token_name=billing&new_name=shop");
    assert_eq!(
        (&data(&renamed)["name"], &data(&renamed)["acls"]),
        (&json!("shop"), &made["acls"])
    );
    assert_eq!(
        (&data(&renamed)["expires_at"], &data(&renamed)["whitelist_ips"]),
        (&json!(end), &made["whitelist_ips"])
    );
    let changed = call(
        world,
        &password,
        "api_token_update",
        "token_name=shop&acl=list-accts&whitelist_ip=any",
    );
    assert_eq!(data(&changed)["whitelist_ips"], Value::Null);
    let key = with_token("whm", "meera", secret);
    assert!(reason(&call(world, &key, "suspendacct", "user=priya")).contains("accounts:suspend"));

    data(&call(
        world,
        &password,
        "api_token_create",
        &format!("token_name=other&acl=list-accts&expires_at={end}"),
    ));
    assert!(
        reason(&call(
            world,
            &password,
            "api_token_revoke",
            "token_name=shop&token_name-1=never-was"
        ))
        .contains("never-was")
    );
    data(&call(world, &key, "listaccts", ""));
    let revoked = call(
        world,
        &password,
        "api_token_revoke",
        "token_name=shop&token_name-1=other",
    );
    assert_eq!((data(&revoked), revoked.get("data")), (&Value::Null, None));
    get(world, "/json-api/version", &key).expect(403);
    assert_eq!(data(&call(world, &password, "api_token_list", ""))["tokens"], json!({}));
}

fn a_token_makes_nothing_that_can_do_more(world: &World) {
    world.staff("meera", Role::Admin);
    let password = with_password("meera");
    let end = seconds(world, 30);
    let form = format!("token_name=manager&acl=manage-api-tokens&acl=list-accts&expires_at={end}");
    let made = call(world, &password, "api_token_create", &form);
    let key = with_token("whm", "meera", data(&made)["token"].as_str().unwrap());
    let create = |parameters: String| call(world, &key, "api_token_create", &parameters);
    let own = create(format!("token_name=same&expires_at={end}"));
    assert_eq!(
        data(&own)["acls"],
        data(&made)["acls"],
        "without any named, those of the caller"
    );
    for parameters in [
        format!("token_name=more&acl=kill-acct&expires_at={end}"),
        format!("token_name=more&acl=all&expires_at={end}"),
        format!("token_name=more&acl=list-accts&expires_at={}", end + 1),
    ] {
        let said = reason(&create(parameters));
        assert!(said.contains("more than itself"), "{said}");
    }
    let said = reason(&call(world, &key, "api_token_update", "token_name=manager&acl=all"));
    assert!(said.contains("more than itself"), "{said}");
}

fn what_cannot_be_is_refused_by_its_name(world: &World) {
    world.staff("asha", Role::Support);
    let password = with_password("asha");
    let end = seconds(world, 30);
    for (parameters, words) in [
        ("token_name=a".to_owned(), "has to expire"),
        ("token_name=a&expires_at=0".to_owned(), "has to expire"),
        (format!("token_name=a&expires_at={}", seconds(world, 91)), "at most"),
        (format!("token_name=a&expires_at={end}&acl=mailcheck"), "“mailcheck”"),
        (
            format!("token_name=a&expires_at={end}&acl=kill-acct"),
            "accounts:remove",
        ),
        (
            format!("token_name=a&expires_at={end}&acl=basic-whm-functions"),
            "At least one scope",
        ),
        (
            format!("token_name=a&expires_at={end}&whitelist_ip=here"),
            "“whitelist_ip”",
        ),
        (format!("token_name=a%20b&expires_at={end}"), "1 to 50"),
        (format!("expires_at={end}"), "“token_name”"),
    ] {
        let said = reason(&call(world, &password, "api_token_create", &parameters));
        assert!(said.contains(words), "{parameters}: {said}");
    }
}

fn a_token_is_its_members_alone(world: &World) {
    world.staff("meera", Role::Admin);
    world.staff("asha", Role::Support);
    let end = seconds(world, 30);
    let form = format!("token_name=billing&acl=list-accts&expires_at={end}");
    let made = call(world, &with_password("meera"), "api_token_create", &form);
    let secret = data(&made)["token"].as_str().unwrap();
    get(world, "/json-api/version", &with_token("whm", "asha", secret)).expect(403);
    get(world, "/execute/Tokens/list", &with_token("whm", "meera", secret)).expect(401);
    let asha = with_password("asha");
    let details = call(world, &asha, "api_token_get_details", &format!("token={secret}"));
    assert!(details.get("data").is_none(), "{details}");
    assert!(reason(&call(world, &asha, "api_token_revoke", "token_name=billing")).contains("“billing”"));
    get(world, "/json-api/version", &with_token("whm", "meera", secret)).expect(200);
}
