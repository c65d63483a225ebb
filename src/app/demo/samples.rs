//! The tokens that the demo shows: what they may do, what became of them, and who calls with them.

/// One token, told from its creation on. Times are hours before now.
pub(super) struct Sample {
    pub(super) name: &'static str,
    pub(super) description: &'static str,
    /// Id of the template whose scopes it has, or the scopes themselves.
    pub(super) scopes: &'static str,
    /// Sites; none for all.
    pub(super) sites: &'static [&'static str],
    /// As somebody types them; empty for any.
    pub(super) addresses: &'static str,
    pub(super) created: i64,
    /// Days from now to the expiry that it was made with; none for never.
    pub(super) expires: Option<i64>,
    /// What was done to it, in order.
    pub(super) deeds: &'static [(i64, Deed)],
    pub(super) traffic: &'static [Traffic],
}

/// Something that was done to a token.
pub(super) enum Deed {
    /// Its expiry was moved to so many days from now.
    Renewed(i64),
    /// It got a new secret; the old one works for so many hours more.
    Rotated(i64),
    Paused,
    PausedByStaff(&'static str),
    Revoked,
    RevokedByStaff(&'static str),
    /// It was limited to these addresses.
    Limited(&'static str),
    /// It was given these scopes.
    Scoped(&'static str),
}

/// Calls of one kind, between two times in hours before now.
pub(super) struct Traffic {
    /// Method and path template, as in the catalogue.
    pub(super) route: &'static str,
    pub(super) site: &'static str,
    pub(super) address: &'static str,
    /// `allowed` or the code of a refusal.
    pub(super) outcome: &'static str,
    pub(super) rhythm: Rhythm,
    pub(super) from: i64,
    pub(super) until: i64,
    /// Whether it goes on with the outgoing secret after a rotation.
    pub(super) old_secret: bool,
}

/// When calls come. Hours are UTC; in India it is five and a half hours later.
#[derive(Clone, Copy)]
pub(super) enum Rhythm {
    /// In this hour of each day, so many calls.
    Daily(u8, u8),
    /// In this hour of each Monday, so many calls.
    Weekly(u8, u8),
    /// Here and there in the hours in which an office works.
    Office(u8),
    /// In each hour, about so many calls.
    Hourly(u8),
}

use Deed::{Limited, Paused, PausedByStaff, Renewed, Revoked, RevokedByStaff, Rotated, Scoped};
use Rhythm::{Daily, Hourly, Office, Weekly};

/// The sites of the customer who has the tokens.
pub(super) const SITES: [&str; 4] = [SHOP, BLOG, HOME, TEST];
const HOME: &str = "teahouse.example";
const SHOP: &str = "shop.teahouse.example";
const BLOG: &str = "blog.teahouse.example";
const TEST: &str = "staging.teahouse.example";

/// Hours.
pub(super) const DAY: i64 = 24;
/// The panel keeps more, but nobody looks further back in a demo.
const USED: i64 = 60 * DAY;
const OFFICE: &str = "203.0.113.24";
const BUILDS: &str = "198.51.100.61";
const SERVER: &str = "2001:db8:40::7";

pub(super) const PLAIN: Sample = Sample {
    name: "",
    description: "",
    scopes: "",
    sites: &[],
    addresses: "",
    created: 0,
    expires: None,
    deeds: &[],
    traffic: &[],
};

pub(super) const fn calls(route: &'static str, site: &'static str, address: &'static str, rhythm: Rhythm) -> Traffic {
    Traffic {
        route,
        site,
        address,
        outcome: crate::domain::usage::ALLOWED,
        rhythm,
        from: USED,
        until: 0,
        old_secret: false,
    }
}

const fn refused(calls: Traffic, outcome: &'static str) -> Traffic {
    Traffic { outcome, ..calls }
}

pub(super) const fn between(calls: Traffic, from: i64, until: i64) -> Traffic {
    Traffic { from, until, ..calls }
}

/// Every token of the demo, oldest first. The first one's secret is handed out.
pub(super) const SAMPLES: &[Sample] = &[
    Sample {
        name: "Nightly backup",
        description: "Runs at 02:10 UTC on the office server and keeps 14 days.",
        scopes: "nightly-backup",
        created: 71 * DAY,
        expires: Some(19),
        deeds: &[(9 * DAY + 5, Renewed(81))],
        traffic: &[
            calls("POST /sites/{site}/backups", SHOP, SERVER, Daily(2, 1)),
            calls("POST /sites/{site}/backups", BLOG, SERVER, Daily(2, 1)),
            calls("GET /sites/{site}/backups/{backup}", SHOP, SERVER, Daily(3, 4)),
            calls("GET /sites/{site}/databases", SHOP, SERVER, Daily(2, 2)),
            refused(
                between(
                    calls("DELETE /sites/{site}/backups/{backup}", SHOP, SERVER, Daily(3, 1)),
                    16 * DAY,
                    11 * DAY,
                ),
                "missing-scopes",
            ),
        ],
        ..PLAIN
    },
    Sample {
        name: "Deploy shop from CI",
        description: "Build job of the shop's repository.",
        scopes: "deploy-website",
        sites: &[SHOP, TEST],
        created: 35 * DAY,
        expires: Some(55),
        traffic: &[
            between(
                calls("POST /v1/sites/{site}/releases", TEST, BUILDS, Office(3)),
                34 * DAY,
                0,
            ),
            between(
                calls("POST /v1/sites/{site}/releases", SHOP, BUILDS, Office(1)),
                34 * DAY,
                0,
            ),
            between(
                calls("GET /v1/sites/{site}/releases/{release}", SHOP, BUILDS, Office(6)),
                34 * DAY,
                0,
            ),
            refused(
                between(
                    calls("POST /v1/sites/{site}/releases", BLOG, BUILDS, Office(1)),
                    23 * DAY,
                    20 * DAY,
                ),
                "site-not-allowed",
            ),
        ],
        ..PLAIN
    },
    Sample {
        name: "Status board in the kitchen",
        description: "The screen beside the kettle.",
        scopes: "read-only",
        addresses: "203.0.113.24, 2001:db8:40::/64",
        created: 120 * DAY,
        expires: Some(245),
        traffic: &[
            calls("GET /statistics", "", OFFICE, Hourly(12)),
            calls("GET /sites/{site}/certificates", SHOP, OFFICE, Hourly(2)),
            refused(
                between(calls("GET /statistics", "", "192.0.2.180", Office(4)), 9 * DAY, 5 * DAY),
                "address-not-allowed",
            ),
        ],
        ..PLAIN
    },
    Sample {
        name: "Certificates for all sites",
        scopes: "dns-certificates",
        created: 150 * DAY,
        expires: Some(215),
        deeds: &[(32 * DAY, Limited("2001:db8:40::7"))],
        traffic: &[
            calls("POST /sites/{site}/dns/challenges", SHOP, SERVER, Weekly(4, 1)),
            calls(
                "DELETE /sites/{site}/dns/challenges/{challenge}",
                SHOP,
                SERVER,
                Weekly(4, 1),
            ),
            calls(
                "PUT /sites/{site}/certificates/{certificate}",
                SHOP,
                SERVER,
                Weekly(4, 1),
            ),
        ],
        ..PLAIN
    },
    Sample {
        name: "Blog editor on Priya's phone",
        scopes: "websites:read files:read files:write",
        sites: &[BLOG],
        created: 84 * DAY,
        expires: Some(3),
        traffic: &[calls(
            "PUT /sites/{site}/files/{path*}",
            BLOG,
            "203.0.113.90",
            Office(2),
        )],
        ..PLAIN
    },
    Sample {
        name: "Order export to accounting",
        description: "Fetches the day's orders for the bookkeeper.",
        scopes: "databases:read databases:write databases:export",
        sites: &[SHOP],
        created: 95 * DAY,
        expires: Some(85),
        deeds: &[(40 * DAY, Scoped("databases:read databases:export")), (5, Rotated(24))],
        traffic: &[
            calls("GET /databases/{database}/export", SHOP, "198.51.100.7", Daily(18, 3)),
            between(
                calls("GET /databases/{database}", SHOP, "198.51.100.7", Hourly(1)),
                4,
                0,
            ),
            Traffic {
                old_secret: true,
                ..between(
                    calls("GET /databases/{database}", SHOP, "198.51.100.200", Hourly(2)),
                    4,
                    0,
                )
            },
        ],
        ..PLAIN
    },
    Sample {
        name: "Phone app, trial",
        scopes: "websites:read statistics:read",
        created: 40 * DAY,
        expires: Some(21),
        ..PLAIN
    },
    Sample {
        name: "Restore drill",
        description: "Only for the exercise in spring. Paused until then.",
        scopes: "restore-backups",
        sites: &[TEST],
        created: 58 * DAY,
        expires: Some(122),
        deeds: &[(38 * DAY, Paused)],
        traffic: &[between(
            calls("POST /sites/{site}/backups/{backup}/restore", TEST, OFFICE, Office(1)),
            45 * DAY,
            39 * DAY,
        )],
        ..PLAIN
    },
    Sample {
        name: "Import from the old host",
        scopes: "files:read files:write databases:read databases:write",
        created: 50 * DAY,
        expires: Some(57),
        deeds: &[(
            2 * DAY + 3,
            PausedByStaff("This token was found in a public repository. Rotate it before you use it again."),
        )],
        traffic: &[
            between(
                calls("PUT /sites/{site}/files/{path*}", HOME, "192.0.2.77", Hourly(9)),
                50 * DAY,
                26 * DAY,
            ),
            refused(
                between(calls("GET /databases", "", "192.0.2.231", Hourly(3)), 2 * DAY + 3, DAY),
                "paused",
            ),
        ],
        ..PLAIN
    },
    Sample {
        name: "Shop plugin",
        description: "WordPress, order status.",
        scopes: "websites:read databases:read",
        sites: &[SHOP],
        created: 95 * DAY,
        expires: Some(-6),
        traffic: &[
            between(
                calls("GET /sites/{site}/databases", SHOP, "198.51.100.140", Hourly(3)),
                30 * DAY,
                6 * DAY,
            ),
            refused(
                between(
                    calls("GET /sites/{site}/databases", SHOP, "198.51.100.140", Hourly(3)),
                    4 * DAY,
                    0,
                ),
                "expired",
            ),
        ],
        ..PLAIN
    },
    Sample {
        name: "Yearly report",
        description: "Wakes up once a year.",
        scopes: "statistics:read",
        created: 300 * DAY,
        traffic: &[between(
            calls("GET /statistics", "", OFFICE, Daily(9, 2)),
            112 * DAY,
            104 * DAY,
        )],
        ..PLAIN
    },
    Sample {
        name: "Agency, full access",
        description: "Rao & Sons, while they rebuild the shop.",
        scopes: "full-access",
        created: 45 * DAY,
        expires: Some(18),
        traffic: &[
            between(
                calls("PUT /sites/{site}/files/{path*}", TEST, "203.0.113.201", Office(14)),
                44 * DAY,
                0,
            ),
            between(calls("POST /databases", "", "203.0.113.201", Office(1)), 44 * DAY, 0),
        ],
        ..PLAIN
    },
    Sample {
        name: "Mailbox for interns",
        scopes: "email:read email:write",
        sites: &[HOME],
        created: 62 * DAY,
        expires: Some(30),
        traffic: &[calls("GET /sites/{site}/mailboxes", HOME, OFFICE, Weekly(5, 3))],
        ..PLAIN
    },
    Sample {
        name: "Priya's old laptop",
        scopes: "full-access",
        created: 200 * DAY,
        expires: Some(10),
        deeds: &[(41 * DAY, Revoked)],
        traffic: &[
            between(calls("GET /sites", "", OFFICE, Office(2)), USED, 41 * DAY),
            refused(
                between(calls("GET /sites", "", "192.0.2.9", Office(2)), 39 * DAY, 37 * DAY),
                "revoked",
            ),
        ],
        ..PLAIN
    },
    Sample {
        name: "Chat bot",
        scopes: "websites:read",
        created: 47 * DAY,
        expires: Some(43),
        deeds: &[(
            17 * DAY,
            RevokedByStaff("Somebody pasted this token into a public chat."),
        )],
        traffic: &[between(
            calls("GET /sites", "", "198.51.100.33", Hourly(4)),
            20 * DAY,
            17 * DAY,
        )],
        ..PLAIN
    },
];
