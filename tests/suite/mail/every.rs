//! Every mail about what people do themselves: who gets it, what it says, where it leads. Whatever is not in the table is
//! not mailed.

use latchkey::{
    app::{self, people::Person, tokens::unused::revoke_unused},
    domain::{account::Account, mail::Kind, policy::Policy, staff::Role, token::Token},
    store::{self, StoreError},
};
use time::Duration;

use super::{Panel, Received};
use crate::support::{Browser, Minted, PASSWORD, World, mint};

on_both_with_python!(
    each_thing_that_people_do_is_one_mail_or_none,
    tokens_that_nobody_uses_are_one_mail,
);

/// Priya, who wants none of the mail that she can do without, and Asha, an administrator, both signed in to a panel that
/// sends mail.
pub(super) struct Scene<'a> {
    pub(super) world: &'a World,
    pub(super) panel: Panel,
    pub(super) account: Account,
    pub(super) priya: Browser,
    pub(super) asha: Browser,
}

impl<'a> Scene<'a> {
    pub(super) fn new(world: &'a World) -> Self {
        let account = world.customer("priya");
        world.staff("asha", Role::Admin);
        let panel = Panel::of(world);
        let signed_in = |name: &str| {
            let browser = panel.server.browser();
            browser.sign_in(name);
            browser
        };
        let (priya, asha) = (signed_in("priya"), signed_in("asha"));
        let nothing = |connection: &mut _| store::accounts::mail::put_unwanted(connection, account.id, &Kind::ALL);
        world.app.store.write_here::<_, StoreError>(nothing).unwrap();
        Self {
            world,
            panel,
            account,
            priya,
            asha,
        }
    }

    pub(super) fn person(&self) -> Person {
        Person::Customer(Box::new(self.account.clone()))
    }

    pub(super) fn mint(&self, name: &str) -> Minted {
        mint(&self.panel.server.app, self.account.id, |new| {
            new.name = name.parse().unwrap();
        })
    }

    /// Does each thing and compares what is mailed.
    pub(super) fn play(&self, cases: &[Case]) {
        for case in cases {
            (case.act)(self);
            let mails = self.panel.take(self.world);
            let told: Vec<(&str, &str)> = case.told.iter().map(|told| (told.to, told.subject)).collect();
            let got: Vec<(&str, &str)> = mails.iter().map(|mail| (&*mail.to, &*mail.subject)).collect();
            assert_eq!(got, told, "{}: {mails:#?}", case.what);
            for (mail, told) in mails.iter().zip(case.told) {
                self.compare(mail, told);
            }
        }
    }

    fn compare(&self, mail: &Received, told: &Told) {
        for words in told.says {
            assert!(mail.text.contains(words), "{words:?} is missing in {}", mail.text);
        }
        let greeting = told.to.split('@').next().unwrap();
        assert!(
            mail.text
                .starts_with(&format!("Hello {},\n", told.name.unwrap_or(greeting))),
            "{}",
            mail.text
        );
        let links: Vec<&str> = mail.links();
        assert_eq!(links.len(), usize::from(!told.link.is_empty()), "{}", mail.text);
        for link in links {
            let path = link.strip_prefix(self.panel.url()).unwrap();
            assert!(
                path == told.link || (told.link.ends_with("/…") && path.starts_with(told.link.trim_end_matches('…'))),
                "{link}"
            );
            assert!(!path.starts_with("/link/"), "only the mail that brings a link has one");
            let reader = if told.by_staff { &self.asha } else { &self.priya };
            assert_eq!(self.panel.open(reader, link), 200, "{link}");
        }
    }
}

/// Something that somebody does.
pub(super) struct Case {
    pub(super) what: &'static str,
    pub(super) act: fn(&Scene<'_>),
    /// The mails about it, by address and subject.
    pub(super) told: &'static [Told],
}

/// A mail that is expected.
pub(super) struct Told {
    pub(super) to: &'static str,
    pub(super) subject: &'static str,
    pub(super) says: &'static [&'static str],
    /// Where it leads, `/…` standing for one id; empty where it leads nowhere.
    pub(super) link: &'static str,
    /// Whom it greets, if not by the first part of the address.
    pub(super) name: Option<&'static str>,
    /// Asha opens the link, and not Priya.
    pub(super) by_staff: bool,
}

/// What is so of most.
pub(super) const TOLD: Told = Told {
    to: "priya@mail.example",
    subject: "",
    says: &[],
    link: "",
    name: None,
    by_staff: false,
};

fn create(scene: &Scene<'_>) {
    let form = scene.priya.get("/tokens/new").expect(200).form("/tokens/new");
    let form = form.fill("name", "Nightly").check("scope", "backups:create");
    let review = form.submit("Review token").expect(200);
    review.form("/tokens").submit("Create token").expect(200);
}

/// Opens the page of a token that changes it and presses the button.
fn edit(scene: &Scene<'_>, token: &Token, change: impl FnOnce(crate::support::Form) -> crate::support::Form) {
    let path = format!("/tokens/{}/edit", token.public_id);
    let form = change(scene.priya.get(&path).expect(200).form(&path));
    let review = form.submit("Review changes").expect(200);
    let save = review.form(&format!("{path}/save"));
    save.submit("Save the change").expect(303);
}

fn widen(scene: &Scene<'_>) {
    let token = scene.mint("Wider").token;
    edit(scene, &token, |form| {
        form.check("scope", "files:read").fill("name", "Wider yet")
    });
}

fn rename(scene: &Scene<'_>) {
    let token = scene.mint("One").token;
    edit(scene, &token, |form| form.fill("name", "Two"));
}

fn rotate(scene: &Scene<'_>) {
    let path = format!("/tokens/{}/rotate", scene.mint("Deploy").token.public_id);
    let form = scene.priya.get(&path).expect(200).form(&path);
    form.fill("overlap", "hour").submit("Make a new secret").expect(200);
}

fn stop_by_oneself(scene: &Scene<'_>) {
    let path = format!("/tokens/{}", scene.mint("Own").token.public_id);
    let press = |step: &str, button: &str| {
        let action = format!("{path}/{step}");
        scene.priya.get(&path).expect(200);
        scene.priya.get(&path).form(&action).submit(button).expect(303);
    };
    press("pause", "Pause");
    press("resume", "Resume");
    let revoke = format!("{path}/revoke");
    let form = scene.priya.get(&revoke).expect(200).form(&revoke);
    form.submit("Revoke token").expect(303);
}

fn end_itself(scene: &Scene<'_>) {
    let api = scene.panel.server.api().with_token(&scene.mint("Robot").secret);
    api.delete("/api/v1/token").expect(204);
}

fn sign_in_elsewhere(scene: &Scene<'_>) {
    scene.panel.server.browser().sign_in("priya");
}

fn sign_in_again(scene: &Scene<'_>) {
    let again = scene.priya.clone();
    again.get("/security").form("/sign-out").submit("Sign out").expect(303);
    again.sign_in("priya");
}

fn change_password(scene: &Scene<'_>) {
    let form = scene.priya.get("/security").expect(200).form("/security");
    let form = form.fill("current_password", PASSWORD);
    let form = form.fill("new_password", "green boats sail over the hill");
    form.submit("Change password").expect(303);
}

/// What others cannot have done, or what does no harm.
fn nothing_to_tell(scene: &Scene<'_>) {
    let form = scene.priya.get("/preferences").expect(200).form("/preferences");
    form.fill("time_zone", "Europe/Berlin").submit("Save").expect(303);
    let form = scene.priya.get("/preferences").expect(200).form("/preferences");
    form.fill("time_zone", "Asia/Kolkata").submit("Save").expect(303);
    let wrong = scene.panel.server.browser();
    let form = wrong.get("/sign-in").form("/sign-in");
    let form = form.fill("username", "priya").fill("password", "not hers");
    form.submit("Sign in").expect(422);
}

const BY_ONESELF: &[Case] = &[
    Case {
        what: "created",
        act: create,
        told: &[Told {
            subject: "New API token “Nightly” was created",
            says: &[
                "- It can: create backups",
                "- On the sites: all",
                "- Expires: 21 Feb 2027, 23:59 IST",
                "- When: 23 Nov 2026, 17:30 IST\n- From: 127.0.0.1, a browser on Linux\n",
                "If this was not you, revoke the token",
            ],
            link: "/tokens/…",
            ..TOLD
        }],
    },
    Case {
        what: "widened",
        act: widen,
        told: &[Told {
            subject: "Your API token “Wider yet” can do more now",
            says: &["- It can: ", "list and download files"],
            link: "/tokens/…",
            ..TOLD
        }],
    },
    Case {
        what: "renamed",
        act: rename,
        told: &[],
    },
    Case {
        what: "rotated",
        act: rotate,
        told: &[Told {
            subject: "Your API token “Deploy” was given a new secret",
            says: &["- The old secret works until: 23 Nov 2026, 18:30 IST"],
            link: "/tokens/…",
            ..TOLD
        }],
    },
    Case {
        what: "paused, resumed and revoked by its holder",
        act: stop_by_oneself,
        told: &[],
    },
    Case {
        what: "revoked by itself",
        act: end_itself,
        told: &[Told {
            subject: "Your API token “Robot” was revoked by a program that has it",
            says: &["- By: the token itself\n- From: 127.0.0.1"],
            link: "/tokens/…",
            ..TOLD
        }],
    },
    Case {
        what: "signed in with a browser that is known",
        act: sign_in_again,
        told: &[],
    },
    Case {
        what: "signed in with one that is not",
        act: sign_in_elsewhere,
        told: &[Told {
            subject: "New sign-in to your Sun & Moon account with a browser on Linux",
            says: &["- From: 127.0.0.1, a browser on Linux"],
            link: "/security",
            ..TOLD
        }],
    },
    Case {
        what: "preferences, and a sign-in that failed",
        act: nothing_to_tell,
        told: &[],
    },
    Case {
        what: "another password",
        act: change_password,
        told: &[Told {
            subject: "Your password was changed",
            says: &["all other sessions were ended", "- From: 127.0.0.1, a browser on Linux"],
            link: "/security",
            ..TOLD
        }],
    },
];

fn each_thing_that_people_do_is_one_mail_or_none(world: &World) {
    Scene::new(world).play(BY_ONESELF);
}

fn tokens_that_nobody_uses_are_one_mail(world: &World) {
    let scene = Scene::new(world);
    let policy = Policy {
        revoke_unused_days: Some(30),
        ..Policy::default()
    };
    let put = |connection: &mut _| store::installation::put_policy(connection, &policy);
    world.app.store.write_here::<_, StoreError>(put).unwrap();
    for name in ["One", "Two", "Three"] {
        scene.mint(name);
    }
    let other = world.customer_without_password("arjun");
    mint(&world.app, other.id, |_| ());
    world.clock.advance(Duration::days(31));
    assert_eq!(world.wait(revoke_unused(&scene.panel.server.app)).unwrap(), 4);
    let mails = scene.panel.take(world);
    let told: Vec<(&str, &str)> = mails.iter().map(|mail| (&*mail.to, &*mail.subject)).collect();
    assert_eq!(told.len(), 2, "{mails:#?}");
    assert_eq!(
        told[1],
        (
            "priya@mail.example",
            "3 of your API tokens were revoked because nobody used them"
        )
    );
    for words in ["- One\n- Two\n- Three\n", "- Reason: Not used for 30 days"] {
        assert!(mails[1].text.contains(words), "{}", mails[1].text);
    }
    assert_eq!(world.wait(app::mail::remind(&scene.panel.server.app)).unwrap(), 0);
}
