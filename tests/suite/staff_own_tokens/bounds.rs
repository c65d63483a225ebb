//! What a staff token can be made of: nothing that its maker, their role or the token that asks could not do.

use latchkey::{
    app::{
        AppError, Caller, Rule, accounts, policy,
        staff::{self as members, MemberChange},
        staff_tokens,
    },
    domain::{
        audit::Action,
        permission::{Actor, Denied},
        staff::{Role, StaffMember},
        staff_scope::StaffScopes,
        staff_token::StaffDraft,
    },
    store,
};
use time::Duration;

use super::{caller_of, create, draft, live, make, revoke, rule, staff};
use crate::{services::events, support::World};

on_both!(
    a_lowered_role_holds_at_once,
    a_support_member_gets_no_further_by_a_token,
    a_token_makes_only_what_can_do_no_more,
    administrators_see_and_end_those_of_others,
    widening_asks_for_the_password,
);

fn a_lowered_role_holds_at_once(world: &World) {
    let (meera, _) = staff(world, "meera", Role::Admin);
    let (nils, member) = staff(world, "nils", Role::Admin);
    let all = draft(world, "Everything", &StaffScopes::all().to_string());
    let (secret, token) = make(world, &nils, &member, all.clone());
    let read = |caller: &Caller| world.wait(policy::show(&world.app, caller));
    assert!(read(&caller_of(world, &secret)).is_ok());
    let to = MemberChange {
        name: "Nils".parse().unwrap(),
        email: member.email.clone(),
        role: Role::Support,
    };
    world
        .wait(members::change(&world.app, &meera, &member.public_id, None, to))
        .unwrap();
    let by_token = caller_of(world, &secret);
    assert!(matches!(read(&by_token), Err(AppError::Denied(Denied::Role))));
    // It keeps what it has, and gets nothing that the role does not allow.
    let renamed = StaffDraft {
        name: "Less".parse().unwrap(),
        ..all.clone()
    };
    let kept = world.wait(staff_tokens::change(
        &world.app,
        &nils,
        member.id,
        token.public_id,
        token.revision,
        renamed,
    ));
    assert!(kept.unwrap().1);
    let again = rule(create(world, &nils, &member, all, None));
    assert!(
        matches!(&again, Rule::RoleExcludes(scopes) if scopes.to_string().contains("policy:change")),
        "{again:?}"
    );
}

fn a_support_member_gets_no_further_by_a_token(world: &World) {
    let (asha, member) = staff(world, "asha", Role::Support);
    let wide = draft(world, "Wide", "accounts:read accounts:remove accounts:password");
    let refused = rule(create(world, &asha, &member, wide, None));
    let expected: StaffScopes = "accounts:remove accounts:password".parse().unwrap();
    assert!(
        matches!(&refused, Rule::RoleExcludes(scopes) if *scopes == expected),
        "{refused:?}"
    );
    // Whatever stood in a row would give nothing either: the role is asked too.
    let (secret, token) = make(world, &asha, &member, draft(world, "Read", "accounts:read"));
    let everything = StaffDraft {
        scopes: StaffScopes::all(),
        ..StaffDraft::from(&token)
    };
    let written = world
        .app
        .store
        .write_here(|connection| store::staff_tokens::update(connection, token.id, token.revision, &everything));
    assert!(written.unwrap());
    let by_token = caller_of(world, &secret);
    let account = world.customer("priya");
    let because = by_token.because("It was asked for".parse().unwrap());
    let removed = world.wait(accounts::remove::remove(&world.app, &because, account.id));
    assert!(matches!(removed, Err(AppError::Denied(Denied::Role))), "{removed:?}");
    let members = world.wait(members::list(&world.app, &by_token));
    assert!(matches!(members, Err(AppError::Denied(Denied::Role))));
}

#[expect(clippy::too_many_lines, reason = "one story, told in its order")]
fn a_token_makes_only_what_can_do_no_more(world: &World) {
    let (meera, member) = staff(world, "meera", Role::Admin);
    let mut manager = draft(world, "Manager", "accounts:read staff-tokens:manage");
    manager.addresses = "127.0.0.0/8".parse().unwrap();
    let (secret, own) = make(world, &meera, &member, manager.clone());
    let by_token = caller_of(world, &secret);
    let (_, wider) = make(
        world,
        &meera,
        &member,
        draft(world, "Wider", "accounts:read audit:read"),
    );
    // Not even touched: what can do more is not ended by less.
    assert!(matches!(
        rule(revoke(world, &by_token, &wider)),
        Rule::BeyondStaffToken(_)
    ));
    let inside = StaffDraft {
        name: "Inside".parse().unwrap(),
        addresses: "127.0.0.1".parse().unwrap(),
        ..manager.clone()
    };
    let (_, made) = make(world, &by_token, &member, inside.clone());
    let widened: [&dyn Fn(&mut StaffDraft); 3] = [
        &|wanted| wanted.scopes = "accounts:read audit:read".parse().unwrap(),
        &|wanted| wanted.addresses = "*".parse().unwrap(),
        &|wanted| wanted.expires_at += Duration::SECOND,
    ];
    for widen in widened {
        let mut wanted = inside.clone();
        wanted.name = "More".parse().unwrap();
        widen(&mut wanted);
        let more = rule(create(world, &by_token, &member, wanted.clone(), None));
        assert!(matches!(more, Rule::BeyondStaffToken(_)), "{more:?}");
        for target in [&made, &own] {
            let become_more = staff_tokens::change(
                &world.app,
                &by_token,
                member.id,
                target.public_id,
                target.revision,
                wanted.clone(),
            );
            let more = rule(world.wait(become_more));
            assert!(matches!(more, Rule::BeyondStaffToken(_)), "{more:?}");
        }
    }
    // As it is in the transaction: narrowed since it was let in, it makes less.
    let less = StaffDraft {
        scopes: "staff-tokens:manage".parse().unwrap(),
        ..manager
    };
    let narrowed = staff_tokens::change(&world.app, &meera, member.id, own.public_id, own.revision, less);
    world.wait(narrowed).unwrap();
    let late = rule(create(
        world,
        &by_token,
        &member,
        StaffDraft {
            name: "Late".parse().unwrap(),
            ..inside
        },
        None,
    ));
    assert!(matches!(late, Rule::BeyondStaffToken(_)));
    let (reader, _) = make(world, &meera, &member, draft(world, "Reader", "accounts:read"));
    let without = create(
        world,
        &caller_of(world, &reader),
        &member,
        draft(world, "No", "accounts:read"),
        None,
    );
    assert!(matches!(without, Err(AppError::Denied(Denied::StaffScope(_)))));
}

fn administrators_see_and_end_those_of_others(world: &World) {
    let (meera, admin) = staff(world, "meera", Role::Admin);
    let (asha, member) = staff(world, "asha", Role::Support);
    let (_, token) = make(world, &asha, &member, draft(world, "Billing", "accounts:read"));
    let (all, _) = make(
        world,
        &meera,
        &admin,
        draft(world, "All", &StaffScopes::all().to_string()),
    );
    let list = |caller: &Caller, of: &StaffMember| world.wait(staff_tokens::list(&world.app, caller, of.id));
    assert_eq!(list(&meera, &member).unwrap().len(), 1);
    let customer = Caller {
        actor: Actor::from(&world.customer("priya")),
        ..asha.clone()
    };
    // Neither another member nor an administrator's token reaches them; nor does an administrator make or change one.
    for caller in [&asha, &caller_of(world, &all)] {
        let other = if std::ptr::eq(caller, &raw const asha) {
            &admin
        } else {
            &member
        };
        assert!(matches!(list(caller, other), Err(AppError::NotFound)));
    }
    assert!(matches!(list(&customer, &member), Err(AppError::Denied(Denied::Role))));
    let made = create(world, &meera, &member, draft(world, "For you", "accounts:read"), None);
    assert!(matches!(made, Err(AppError::NotFound)));
    revoke(world, &meera, &token).unwrap();
    assert!(live(world, &member).is_empty());
}

fn widening_asks_for_the_password(world: &World) {
    let (meera, member) = staff(world, "meera", Role::Admin);
    let mut first = draft(world, "Billing", "accounts:read audit:read");
    first.addresses = "203.0.113.0/24".parse().unwrap();
    let (_, mut token) = make(world, &meera, &member, first.clone());
    world.clock.advance(Duration::minutes(11));
    let stale = create(world, &meera, &member, draft(world, "Other", "accounts:read"), None);
    assert!(matches!(stale, Err(AppError::PasswordNeeded)));
    let mut change = |draft: StaffDraft| {
        let revision = token.revision;
        let done = staff_tokens::change(&world.app, &meera, member.id, token.public_id, revision, draft);
        let done = world.wait(done);
        if let Ok((now, _)) = &done {
            token = now.clone();
        }
        done
    };
    let widened: [&dyn Fn(&mut StaffDraft); 3] = [
        &|wanted| wanted.scopes = "accounts:read audit:read tokens:read".parse().unwrap(),
        &|wanted| wanted.addresses = "*".parse().unwrap(),
        &|wanted| wanted.expires_at += Duration::DAY,
    ];
    for widen in widened {
        let mut wanted = first.clone();
        widen(&mut wanted);
        assert!(matches!(change(wanted), Err(AppError::PasswordNeeded)));
    }
    let narrower = StaffDraft {
        name: "Accounting".parse().unwrap(),
        scopes: "accounts:read".parse().unwrap(),
        addresses: "203.0.113.7".parse().unwrap(),
        expires_at: first.expires_at - Duration::DAY,
    };
    assert!(change(narrower.clone()).unwrap().1);
    assert!(!change(narrower).unwrap().1, "nothing is different any more");
    assert_eq!(events(world, Action::StaffTokenChanged), 1);
}
