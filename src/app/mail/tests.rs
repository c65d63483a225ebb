//! How long it is until the next try.

use time::Duration;

use super::send::wait_after;

#[test]
fn tries_come_ever_later_and_never_too_late() {
    let minutes: Vec<i64> = (0..12).map(|tries| wait_after(tries).whole_minutes()).collect();
    assert_eq!(minutes, [1, 2, 4, 8, 16, 32, 64, 128, 256, 360, 360, 360]);
    assert_eq!(wait_after(i32::MAX), Duration::hours(6));
}
