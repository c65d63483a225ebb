//! `/sign-in` and `/sign-out`.

use crate::support::{PASSWORD, Page, World};

fn attempt(world: &World, name: &str, password: &str) -> Page {
    let form = world.browser().get("/sign-in").expect(200).form("/sign-in");
    form.fill("username", name).fill("password", password).submit("Sign in")
}

fn a_customer_signs_in_by_name_or_address_and_out_again(world: &World) {
    world.customer("priya");
    for name in ["priya", " Priya ", "PRIYA@mail.example"] {
        let browser = world.browser();
        assert_eq!(browser.get("/").expect(303).header("Location"), Some("/sign-in"));
        let form = browser.get("/sign-in").form("/sign-in");
        let form = form.fill("username", name).fill("password", PASSWORD);
        assert_eq!(form.submit("Sign in").expect(303).header("Location"), Some("/"));
        assert_eq!(browser.get("/").expect(303).header("Location"), Some("/tokens"));
        assert_eq!(browser.get("/sign-in").expect(303).header("Location"), Some("/"));
    }
    let refused = attempt(world, "priya", "violet tram under the peaR").expect(422);
    assert_eq!(refused.error_words(), ["Username or password is not right"]);
    assert!(refused.title().starts_with("Error: "));
    assert_eq!(refused.form("/sign-in").values("username"), ["priya"]);
    assert_eq!(refused.form("/sign-in").values("password"), [""]);
    let empty = attempt(world, "", "").expect(422);
    assert_eq!(
        empty.error_words(),
        ["Enter your username or e-mail address", "Enter your password"]
    );
}

on_both!(a_customer_signs_in_by_name_or_address_and_out_again);
