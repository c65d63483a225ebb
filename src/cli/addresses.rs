//! Addresses and ranges on the command line: those from which a credential may be used.

use super::output::CommandError;
use crate::domain::address::AddressSet;

/// What a command that makes a credential takes.
#[derive(Debug, clap::Args)]
pub(super) struct AddressArguments {
    /// An address or a range from which it may be used, any number of times; any address if there is none
    #[arg(long = "address", value_name = "ADDRESS")]
    addresses: Vec<String>,
}

impl AddressArguments {
    /// The addresses that were given, any if none was. `what` begins what is said of those that are none.
    pub(super) fn read(&self, what: &str) -> Result<AddressSet, CommandError> {
        if self.addresses.is_empty() {
            return Ok(AddressSet::any());
        }
        AddressSet::parse_lines(&self.addresses.join("\n")).map_err(|faults| {
            let wrong: Vec<&str> = faults.iter().map(|fault| fault.text.as_str()).collect();
            CommandError::Failed(format!(
                "{what}: {} is no address and no range. Write --address 192.0.2.7 or --address 10.0.0.0/8.",
                wrong.join(", ")
            ))
        })
    }
}

/// As JSON has them: none where any will do.
pub(super) fn list(addresses: &AddressSet) -> Vec<String> {
    if addresses.is_any() {
        Vec::new()
    } else {
        addresses.iter().map(ToString::to_string).collect()
    }
}

/// As people read them.
pub(super) fn words(listed: &[String]) -> String {
    if listed.is_empty() {
        "any address".to_owned()
    } else {
        listed.join(", ")
    }
}
