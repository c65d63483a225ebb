//! Every mail about what staff do to an account: its holder is told, once, by whom and why.

use base64::{Engine, engine::general_purpose::STANDARD};

use super::every::{Case, Scene, TOLD, Told};
use crate::support::{Form, PASSWORD, Request, World};

on_both_with_python!(
    each_thing_that_staff_do_to_tokens_is_one_mail,
    each_thing_that_staff_do_to_an_account_is_one_mail,
    a_removed_account_is_told_once_where_it_was,
);

/// The page of the account, as staff see it.
fn page(scene: &Scene<'_>, rest: &str) -> String {
    format!("/staff/accounts/{}{rest}", scene.account.public_id)
}

/// Opens a page that asks, fills it in and presses its button.
pub(super) fn press(scene: &Scene<'_>, path: &str, fill: impl FnOnce(Form) -> Form, button: &str) {
    let form = fill(scene.asha.get(path).expect(200).form(path));
    form.submit(button).expect(303);
}

fn on_token(scene: &Scene<'_>, name: &str, step: &str, button: &str) -> String {
    let token = scene.mint(name).token;
    let path = page(scene, &format!("/tokens/{}/{step}", token.public_id));
    press(
        scene,
        &path,
        |form| form.fill("reason", "Strange calls at night"),
        button,
    );
    page(scene, &format!("/tokens/{}", token.public_id))
}

fn pause(scene: &Scene<'_>) {
    on_token(scene, "Odd", "pause", "Pause token");
}

fn resume(scene: &Scene<'_>) {
    let token = on_token(scene, "Back", "pause", "Pause token");
    scene.panel.take(scene.world);
    let path = format!("{token}/resume");
    press(scene, &path, |form| form.fill("reason", "All is well"), "Resume token");
}

fn shorten(scene: &Scene<'_>) {
    let token = scene.mint("Long").token;
    let path = page(scene, &format!("/tokens/{}/shorten", token.public_id));
    let fill = |form: Form| form.fill("expires", "30").fill("reason", "The contract ends");
    press(scene, &path, fill, "Shorten token");
}

fn leak(scene: &Scene<'_>) {
    on_token(scene, "Lost", "leaked", "Revoke as leaked");
}

fn several(scene: &Scene<'_>) {
    let ids = ["One", "Two"].map(|name| scene.mint(name).token.public_id.to_string());
    let list = page(scene, "/tokens/revoke");
    let ask = scene.asha.get(&format!("{list}?ids={}", ids.join(","))).expect(200);
    let form = ask.form(&list).fill("reason", "Still odd").check("understood", "1");
    form.submit("Revoke 2 tokens").expect(303);
}

fn all(scene: &Scene<'_>) {
    // What the cases before have left, and these.
    (0..22).for_each(|number| drop(scene.mint(&format!("Many {number:02}"))));
    let path = page(scene, "/tokens/revoke-all");
    let form = scene.asha.get(&path).expect(200).form(&path);
    let form = form.fill("reason", "Taken over").fill("username", "priya");
    form.submit("Revoke all 25 tokens").expect(303);
}

const ON_TOKENS: &[Case] = &[
    Case {
        what: "paused",
        act: pause,
        told: &[Told {
            subject: "Your API token “Odd” was paused by support",
            says: &["- By: Staff asha (support)\n- Reason: Strange calls at night\n\n"],
            link: "/tokens/…",
            ..TOLD
        }],
    },
    Case {
        what: "resumed",
        act: resume,
        told: &[Told {
            subject: "Your API token “Back” was resumed by support",
            says: &["- Reason: All is well"],
            link: "/tokens/…",
            ..TOLD
        }],
    },
    Case {
        what: "shortened",
        act: shorten,
        told: &[Told {
            subject: "Your API token “Long” was made to expire sooner by support",
            says: &[
                "- Expires: 23 Dec 2026",
                "(before: 21 Feb 2027",
                "- Reason: The contract ends",
            ],
            link: "/tokens/…",
            ..TOLD
        }],
    },
    Case {
        what: "leaked",
        act: leak,
        told: &[Told {
            subject: "Your API token “Lost” was reported as leaked and revoked",
            says: &[
                "Its secret was found where others can read it",
                "put a new token in its place",
            ],
            link: "/tokens/…",
            ..TOLD
        }],
    },
    Case {
        what: "several revoked",
        act: several,
        told: &[Told {
            subject: "2 of your API tokens were revoked by support",
            says: &["- One\n- Two\n", "- Reason: Still odd"],
            link: "/tokens",
            ..TOLD
        }],
    },
    Case {
        what: "all revoked",
        act: all,
        told: &[Told {
            subject: "25 of your API tokens were revoked by support",
            says: &[
                "- Odd\n- Back\n- Long\n- Many 00\n",
                "- Many 16\n- and 5 more\n",
                "- Reason: Taken over",
            ],
            link: "/tokens",
            ..TOLD
        }],
    },
];

fn suspend(scene: &Scene<'_>) {
    scene.mint("Stopped");
    let fill = |form: Form| form.fill("reason", "Invoice 2026-117 is open.\r\nPlease call us.");
    press(scene, &page(scene, "/suspend"), fill, "Suspend account");
    // The sessions of a suspended account end; she signs in and reads why.
    scene.priya.sign_in("priya");
}

fn unsuspend(scene: &Scene<'_>) {
    press(scene, &page(scene, "/unsuspend"), |form| form, "End the suspension");
}

fn end_sessions(scene: &Scene<'_>) {
    let forms = scene.asha.get(&page(scene, "/sessions")).expect(200).forms();
    let end = forms.into_iter().find(|form| form.action().ends_with("/end"));
    end.expect("she is signed in").submit("").expect(303);
    scene.priya.sign_in("priya");
}

fn change(scene: &Scene<'_>, fill: impl FnOnce(Form) -> Form) {
    let path = page(scene, "/change");
    let form = fill(scene.asha.get(&path).expect(200).form(&path));
    let review = form.submit("Review the change").expect(200);
    review
        .form(&format!("{path}/save"))
        .submit("Save the change")
        .expect(303);
}

fn change_sites(scene: &Scene<'_>) {
    change(scene, |form| {
        form.fill("sites", "new.example\r\npriya.example")
            .fill("reason", "She moved a site")
    });
}

fn change_address(scene: &Scene<'_>) {
    change(scene, |form| {
        form.fill("email", "priya@new.example").fill("reason", "She called")
    });
}

fn note_and_look(scene: &Scene<'_>) {
    let path = page(scene, "/notes");
    press(scene, &path, |form| form.fill("note", "Called back."), "Add note");
    scene.asha.get(&page(scene, "/activity")).expect(200);
}

fn set_password(scene: &Scene<'_>) {
    let key = STANDARD.encode(format!("asha:{PASSWORD}"));
    let call = Request::new("POST", "/json-api/passwd?api.version=1")
        .header("Authorization", &format!("Basic {key}"))
        .body(
            "application/x-www-form-urlencoded",
            "user=priya&password=another+tram+under+a+plum",
        );
    let answer = scene.panel.server.api().send(&call).expect(200);
    assert_eq!(answer.json()["metadata"]["result"], 1, "{}", answer.text());
}

const ON_ACCOUNT: &[Case] = &[
    Case {
        what: "suspended",
        act: suspend,
        told: &[Told {
            subject: "Your Sun & Moon account was suspended",
            says: &[
                "Its API tokens are refused until it is restored",
                "- Tokens that stop: 1\n",
                "- By: Staff asha (support)\n- Reason: Invoice 2026-117 is open. Please call us.",
            ],
            link: "/",
            ..TOLD
        }],
    },
    Case {
        what: "unsuspended",
        act: unsuspend,
        told: &[Told {
            subject: "Your Sun & Moon account works again",
            says: &["Its API tokens work again"],
            link: "/",
            ..TOLD
        }],
    },
    Case {
        what: "signed out",
        act: end_sessions,
        told: &[Told {
            subject: "Support signed you out",
            says: &["- By: Staff asha (support)"],
            link: "/security",
            ..TOLD
        }],
    },
    Case {
        what: "noted and looked at",
        act: note_and_look,
        told: &[],
    },
    Case {
        what: "changed",
        act: change_sites,
        told: &[Told {
            subject: "Your Sun & Moon account was changed by support",
            says: &[
                "- Main site: new.example (before: priya.example)",
                "- Reason: She moved a site",
            ],
            link: "/",
            ..TOLD
        }],
    },
    Case {
        what: "given another address",
        act: change_address,
        told: &[
            Told {
                subject: "The e-mail address of your Sun & Moon account was changed",
                says: &[
                    "Mail about it no longer comes here.",
                    "- Reason: She called",
                    "ask support at once",
                ],
                ..TOLD
            },
            Told {
                to: "priya@new.example",
                subject: "The e-mail address of your Sun & Moon account was changed",
                says: &["The e-mail address of your account is now priya@new.example: this one."],
                ..TOLD
            },
        ],
    },
    Case {
        what: "given a password by a program for other panels",
        act: set_password,
        told: &[Told {
            to: "priya@new.example",
            subject: "Support set your password",
            says: &[
                "Support set another password for your account, and all its sessions were ended.",
                "- By: Staff asha (support)",
                "ask support at once",
            ],
            ..TOLD
        }],
    },
];

fn remove(scene: &Scene<'_>) {
    (0..3).for_each(|_| drop(scene.mint(&scene.world.app.new_public_id())));
    let path = page(scene, "/remove");
    let fill = |form: Form| form.fill("confirm", "priya").fill("reason", "Moved away");
    press(scene, &path, fill, "Remove account");
}

const REMOVED: &[Case] = &[Case {
    what: "removed",
    act: remove,
    told: &[Told {
        subject: "Your Sun & Moon account was removed",
        says: &["its API tokens were revoked for good", "- Reason: Moved away"],
        ..TOLD
    }],
}];

fn each_thing_that_staff_do_to_tokens_is_one_mail(world: &World) {
    Scene::new(world).play(ON_TOKENS);
}

fn each_thing_that_staff_do_to_an_account_is_one_mail(world: &World) {
    Scene::new(world).play(ON_ACCOUNT);
}

fn a_removed_account_is_told_once_where_it_was(world: &World) {
    Scene::new(world).play(REMOVED);
}
