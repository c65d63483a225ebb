//! `/problems/{code}`: every code that an answer can carry leads to a page.

use latchkey::web::api::kind::Kind;

use crate::support::{Database, World};

#[test]
fn every_code_has_a_page_that_needs_no_sign_in() {
    let world = World::from(Database::sqlite());
    world.customer("priya");
    for browser in [world.browser(), world.signed_in("priya")] {
        for kind in Kind::ALL {
            let page = browser.get(&format!("/problems/{}", kind.code())).expect(200);
            assert_eq!(page.heading(), kind.title());
            assert!(page.has(kind.help()) && page.has(kind.code()), "{}", page.text());
        }
        let page = browser.get("/problems/method-not-allowed").expect(200);
        assert!(page.has("405 Method Not Allowed"));
        browser.get("/problems/nothing").expect(404);
        browser.get("/problems/").expect(404);
    }
    let said = world.api().get("/api/v1/token").expect(401).json();
    let path = said["type"]
        .as_str()
        .unwrap()
        .strip_prefix(world.app.settings.public_url.as_str());
    assert_eq!(
        world.browser().get(path.unwrap()).expect(200).heading(),
        "No token was sent"
    );
}
