//! The names of WHM's privileges, and what a staff member's token needs for each: one table, both ways.

use crate::domain::{
    permission::{Act, Actor, may},
    staff_scope::{StaffScope, StaffScopes},
};

/// A privilege of WHM's.
#[derive(Debug)]
pub struct Acl {
    /// Its name.
    pub name: &'static str,
    /// All of these are needed; none: every staff member's token has it.
    pub scopes: &'static [StaffScope],
}

const fn acl(name: &'static str, scopes: &'static [StaffScope]) -> Acl {
    Acl { name, scopes }
}

/// The table. A name that is not here stands for nothing that Latchkey can do.
pub const TABLE: &[Acl] = &[
    acl("all", StaffScope::ALL),
    acl("list-accts", &[StaffScope::AccountsRead]),
    acl("acct-summary", &[StaffScope::AccountsRead]),
    acl("create-acct", &[StaffScope::AccountsCreate]),
    acl("edit-account", &[StaffScope::AccountsChange]),
    acl("upgrade-account", &[StaffScope::AccountsChange]),
    acl("suspend-acct", &[StaffScope::AccountsSuspend]),
    acl("kill-acct", &[StaffScope::AccountsRemove]),
    acl("passwd", &[StaffScope::AccountsPassword]),
    acl("create-user-session", &[StaffScope::AccountsSignIn]),
    acl("list-pkgs", &[StaffScope::PolicyRead]),
    acl("add-pkg", &[StaffScope::PolicyChange]),
    acl("edit-pkg", &[StaffScope::PolicyChange]),
    acl("manage-api-tokens", &[StaffScope::StaffTokensManage]),
    acl("basic-system-info", &[]),
    acl("basic-whm-functions", &[]),
];

/// What the privileges of these names come to; the first name that stands for nothing otherwise.
pub fn scopes<'a>(names: impl Iterator<Item = &'a str>) -> Result<StaffScopes, &'a str> {
    let mut all = Vec::new();
    for name in names {
        let known = TABLE.iter().find(|acl| acl.name == name).ok_or(name)?;
        all.extend_from_slice(known.scopes);
    }
    Ok(all.into_iter().collect())
}

/// Each privilege, and whether it is among these scopes.
pub fn held(scopes: &StaffScopes) -> impl Iterator<Item = (&'static str, bool)> + '_ {
    let has = |acl: &Acl| acl.scopes.iter().all(|scope| scopes.contains(*scope));
    TABLE.iter().map(move |acl| (acl.name, has(acl)))
}

/// What an actor may do, as scopes.
pub fn scopes_of(actor: &Actor) -> StaffScopes {
    let allowed = Act::ALL.iter().filter(|act| may(actor, **act, None).is_ok());
    allowed.filter_map(|act| act.staff_scope()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_become_scopes_and_back() {
        let names = ["list-accts", "suspend-acct", "basic-whm-functions"];
        let read = scopes(names.into_iter()).unwrap();
        assert_eq!(read.to_string(), "accounts:read accounts:suspend");
        let held: Vec<&str> = held(&read).filter(|(_, has)| *has).map(|(name, _)| name).collect();
        assert_eq!(
            held,
            [
                "list-accts",
                "acct-summary",
                "suspend-acct",
                "basic-system-info",
                "basic-whm-functions"
            ]
        );
        assert_eq!(scopes(["all"].into_iter()).unwrap(), StaffScopes::all());
        assert_eq!(scopes(["list-accts", "mailcheck"].into_iter()), Err("mailcheck"));
    }

    #[test]
    fn the_documentation_has_the_same_table() {
        let words = |acl: &Acl| match acl.scopes {
            [] => "nothing".to_owned(),
            scopes if scopes == StaffScope::ALL => "every staff scope".to_owned(),
            scopes => {
                let scopes: Vec<String> = scopes.iter().map(|scope| format!("`{scope}`")).collect();
                scopes.join(", ")
            }
        };
        let row = |acl: &Acl| format!("| `{}` | {} |\n", acl.name, words(acl));
        let table: String = TABLE.iter().map(row).collect();
        let table = format!("| Privilege | Needs |\n|---|---|\n{table}\n");
        let documentation = include_str!("../../../docs/cpanel.md");
        assert!(documentation.contains(&table), "docs/cpanel.md has to say:\n{table}");
    }

    #[test]
    fn every_name_stands_there_once() {
        for acl in TABLE {
            assert_eq!(
                TABLE.iter().filter(|other| other.name == acl.name).count(),
                1,
                "{}",
                acl.name
            );
        }
    }
}
