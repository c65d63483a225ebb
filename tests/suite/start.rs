//! What answers before anybody has signed in.

use time::Duration;

use crate::support::World;

fn the_server_lives_and_knows_what_it_has_not(world: &World) {
    assert_eq!(world.browser().get("/healthz").status(), 200);
    assert_eq!(
        world.browser().get("/no/such/page").expect(404).heading(),
        "We can't find that page."
    );
    assert_eq!(world.api().get("/api/v1/nothing").expect(404).json()["status"], 404);
    let second = world.join();
    assert_eq!(second.browser().get("/healthz").status(), 200);
    assert_eq!(second.api().get("/healthz").status(), 200);
    let before = world.app.now();
    world.clock.advance(Duration::hours(1));
    assert_eq!(world.app.now() - before, Duration::hours(1));
}

on_both!(the_server_lives_and_knows_what_it_has_not);
