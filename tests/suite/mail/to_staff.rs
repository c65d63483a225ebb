//! Every mail about what staff do to each other and to their own logins.

use super::{
    by_staff::press,
    every::{Case, Scene, TOLD, Told},
};
use crate::support::{PASSWORD, World};

on_both_with_python!(each_thing_that_is_done_to_a_staff_member_is_one_mail);

fn member(scene: &Scene<'_>) -> String {
    let all = scene.asha.get("/staff/members").expect(200);
    let link = all.link("Meera Rao").expect("she is in the list");
    link.split('?').next().unwrap().to_owned()
}

fn change_role(scene: &Scene<'_>) {
    let path = member(scene);
    let form = scene.asha.get(&path).form(&path);
    form.fill("role", "admin").submit("Save").expect(303);
}

fn deactivate(scene: &Scene<'_>) {
    let path = format!("{}/deactivate", member(scene));
    press(scene, &path, |form| form, "Deactivate");
}

fn reactivate(scene: &Scene<'_>) {
    let path = format!("{}/reactivate", member(scene));
    press(scene, &path, |form| form, "Reactivate");
}

fn own_password(scene: &Scene<'_>) {
    let form = scene.asha.get("/security").expect(200).form("/security");
    let form = form.fill("current_password", PASSWORD);
    let form = form.fill("new_password", "green boats sail over the hill");
    form.submit("Change password").expect(303);
}

/// To a staff member, and opened by one.
const TO_MEERA: Told = Told {
    to: "meera@staff.example",
    name: Some("Meera Rao"),
    by_staff: true,
    ..TOLD
};

const ON_STAFF: &[Case] = &[
    Case {
        what: "given another role",
        act: change_role,
        told: &[Told {
            subject: "Your staff login was changed",
            says: &["- Role: admin (before: support)"],
            link: "/",
            ..TO_MEERA
        }],
    },
    Case {
        what: "deactivated",
        act: deactivate,
        told: &[Told {
            subject: "Your staff login was deactivated",
            says: &["you can no longer sign in"],
            ..TO_MEERA
        }],
    },
    Case {
        what: "reactivated",
        act: reactivate,
        told: &[Told {
            subject: "Your staff login was reactivated",
            says: &["you can sign in again"],
            link: "/",
            ..TO_MEERA
        }],
    },
    Case {
        what: "a password of one's own",
        act: own_password,
        told: &[Told {
            to: "asha@staff.example",
            subject: "Your password was changed",
            link: "/security",
            name: Some("Staff asha"),
            by_staff: true,
            ..TOLD
        }],
    },
];

fn each_thing_that_is_done_to_a_staff_member_is_one_mail(world: &World) {
    let scene = Scene::new(world);
    let form = scene.asha.get("/staff/members/new").form("/staff/members/new");
    let form = form.fill("name", "Meera Rao").fill("username", "meera");
    let form = form.fill("email", "meera@staff.example").fill("role", "support");
    form.submit("Invite").expect(303);
    assert_eq!(scene.panel.take(world).len(), 1, "the invitation");
    scene.play(ON_STAFF);
}
