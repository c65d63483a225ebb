//! What the README says is so.

use std::{path::Path, process::Command};

use latchkey::domain::{
    id::{AccountId, StaffId, TokenId},
    permission::{Act, Actor, TokenPowers, may},
    staff::Role,
};

const README: &str = include_str!("../../README.md");
const SECURITY: &str = include_str!("../../SECURITY.md");

/// What an act is, as the table names it.
fn act_words(act: Act) -> &'static str {
    match act {
        Act::View => "see an account's tokens, usage and activity",
        Act::ExtendTokens => "make a token, widen, renew or rotate one",
        Act::StopTokens => "narrow, rename, pause or revoke a token",
        Act::RevokeItself => "revoke the very token that asks",
        Act::RevokeFound => "revoke a token by showing its whole secret",
        Act::LiftPause => "resume a token that staff paused",
        Act::ChangePreferences => "change the account's own settings",
        Act::ReadAccounts => "search accounts, see one, say whose a token is",
        Act::CreateAccounts => "make an account",
        Act::ChangeAccounts => "change an account, end its sessions, send it a link, write notes",
        Act::SuspendAccounts => "suspend an account and restore it",
        Act::RemoveAccounts => "remove an account",
        Act::SetPasswords => "give an account a password",
        Act::OpenSessions => "open a session of an account, which widens nothing and sees no secret",
        Act::ReadAudit => "read and export the audit",
        Act::StartRuns => "revoke or pause many tokens at once",
        Act::ManageStaff => "invite, change and deactivate staff members, see and revoke their tokens",
        Act::ManageStaffTokens => "make, change and revoke tokens of one's own as a staff member",
        Act::ManageServices => "make, see and revoke service credentials",
        Act::ReadPolicy => "read the policy and the plans",
        Act::SetPolicy => "set the policy and the plans",
    }
}

/// The whole of `domain/permission.rs` as a table: act by actor.
fn permissions() -> String {
    let account = |suspended| Actor::Account {
        id: AccountId(1),
        public_id: String::new(),
        username: String::new(),
        suspended,
    };
    let staff = |role| Actor::Staff {
        id: StaffId(1),
        public_id: String::new(),
        name: String::new(),
        role,
    };
    let token = |manage| Actor::Token {
        id: TokenId(1),
        public_id: "Ab12Cd34".parse().unwrap(),
        name: String::new(),
        account: AccountId(1),
        powers: TokenPowers { read: manage, manage },
    };
    let actors = [
        account(false),
        account(true),
        token(false),
        token(true),
        staff(Role::Support),
        staff(Role::Admin),
        Actor::Finder,
        Actor::Shell,
    ];
    let mut table = String::from(
        "| What | Account | Suspended account | Token | Token with `tokens:manage` | Support | Administrator | Anybody | \
         Command line | Staff member's token needs |\n",
    );
    table.push_str("|---|---|---|---|---|---|---|---|---|---|\n");
    for act in Act::ALL.iter().copied() {
        let cell = |actor: &Actor| {
            let own = may(actor, act, Some(AccountId(1))).is_ok();
            match (own, may(actor, act, Some(AccountId(2))).is_ok()) {
                (_, true) if act.needs_reason(actor) => "with a reason",
                (_, true) => "yes",
                (true, false) => "its own",
                (false, false) => "no",
            }
        };
        let mut cells: Vec<String> = actors.iter().map(|actor| cell(actor).to_owned()).collect();
        cells.push(match act.staff_scope() {
            Some(scope) => format!("`{scope}`"),
            None if act == Act::RevokeFound => "nothing".to_owned(),
            None => "no".to_owned(),
        });
        table.push_str("| ");
        table.push_str(act_words(act));
        table.push_str(" | ");
        table.push_str(&cells.join(" | "));
        table.push_str(" |\n");
    }
    table
}

#[test]
fn its_table_of_permissions_is_the_rules_own() {
    let table = permissions();
    assert!(SECURITY.contains(&table), "SECURITY.md has to say:\n{table}");
}

#[test]
fn its_table_of_settings_is_the_programs_own() {
    let output = Command::new(env!("CARGO_BIN_EXE_latchkey"))
        .args(["settings", "--format", "markdown"])
        .env_clear()
        .output()
        .unwrap();
    let table = String::from_utf8(output.stdout).unwrap();
    assert!(
        table.starts_with("| Setting") && README.contains(&table),
        "take it over from latchkey settings --format markdown"
    );
}

#[test]
fn its_links_and_pictures_lead_somewhere() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let linked = README.split("](").skip(1).filter_map(|rest| rest.split(')').next());
    let shown = ["src=\"", "srcset=\""];
    let shown = shown
        .iter()
        .flat_map(|attribute| README.split(attribute).skip(1))
        .filter_map(|rest| rest.split('"').next());
    let mut count = 0;
    for path in linked.chain(shown).filter(|path| !path.starts_with("https://")) {
        count += 1;
        let size = std::fs::metadata(root.join(path)).map(|file| file.len());
        assert!(size.is_ok_and(|size| size < 200 * 1024), "{path}");
    }
    assert!(count >= 6, "{count}");
}
