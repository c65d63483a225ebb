//! Addresses: the IPv4 and IPv6 ranges from which a token may be used.
//!
//! Does not know where a request came from; finding that out behind proxies is the web layer's work.

use std::{
    borrow::Cow,
    fmt,
    net::{IpAddr, Ipv4Addr, Ipv6Addr},
    str::FromStr,
};

use ipnet::IpNet;
use serde::{Deserialize, Serialize};

/// The most ranges that a list may hold once it is in canonical form.
pub const MAX_RANGES: usize = 100;
/// The most characters of a refused entry that an error repeats.
const MAX_SHOWN: usize = 64;
/// The mapped IPv4 addresses fill the last 32 bits under this many (RFC 4291, section 2.5.5.2).
const MAPPED_PREFIX: u8 = 96;

/// Every IPv4 address and every IPv6 address.
const EVERYWHERE: [AddressRange; 2] = [
    AddressRange(IpNet::new_assert(IpAddr::V4(Ipv4Addr::UNSPECIFIED), 0)),
    AddressRange(IpNet::new_assert(IpAddr::V6(Ipv6Addr::UNSPECIFIED), 0)),
];

/// One address, or a CIDR range of them (RFC 4632, RFC 4291). Host bits are zero and an IPv4-mapped IPv6 address is the
/// IPv4 address. Shown without the prefix length if it is one address.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct AddressRange(IpNet);

/// The range to count a visitor's tries by: an IPv4 address itself, an IPv6 address's /64, because that is the least
/// that a provider gives a customer and its owner can use any address in it.
pub fn network_of(address: IpAddr) -> AddressRange {
    match address.to_canonical() {
        address @ IpAddr::V4(_) => AddressRange(address.into()),
        address @ IpAddr::V6(_) => AddressRange(IpNet::new_assert(address, 64).trunc()),
    }
}

impl AddressRange {
    /// Whether `address` lies in the range; a mapped address counts as the IPv4 address that it stands for.
    pub fn contains(&self, address: IpAddr) -> bool {
        self.0.contains(&address.to_canonical())
    }

    fn covers(&self, other: &Self) -> bool {
        self.0.contains(&other.0)
    }
}

impl AddressRange {
    /// How many leading bits all its addresses share.
    pub fn prefix_length(&self) -> u8 {
        self.0.prefix_len()
    }

    /// Whether it is a range of IPv4 addresses.
    pub fn is_ipv4(&self) -> bool {
        matches!(self.0, IpNet::V4(_))
    }

    /// Its first address.
    pub fn first(&self) -> IpAddr {
        self.0.addr()
    }

    /// Its one address, where it has no more.
    pub fn single(&self) -> Option<IpAddr> {
        (self.0.prefix_len() == self.0.max_prefix_len()).then(|| self.0.addr())
    }

    /// What the written form of each of its addresses begins with: for IPv4 the numbers that all share, for IPv6 the
    /// groups up to the first that is zero, because where zeros are left out differs (RFC 5952). May be empty.
    pub fn written_prefix(&self) -> String {
        let whole = |bits: u8| usize::from(self.0.prefix_len() / bits);
        match self.0.addr() {
            IpAddr::V4(address) => {
                let numbers = address.octets().into_iter().take(whole(8).min(3));
                numbers
                    .flat_map(|number| [number.to_string(), ".".to_owned()])
                    .collect()
            }
            IpAddr::V6(address) => {
                let groups = address.segments().into_iter().take(whole(16).min(7));
                let groups = groups.take_while(|group| *group != 0);
                groups
                    .flat_map(|group| [format!("{group:x}"), ":".to_owned()])
                    .collect()
            }
        }
    }
}

impl TryFrom<String> for AddressRange {
    type Error = AddressProblem;

    fn try_from(text: String) -> Result<Self, AddressProblem> {
        text.parse()
    }
}

impl From<AddressRange> for String {
    fn from(range: AddressRange) -> Self {
        range.to_string()
    }
}

impl FromStr for AddressRange {
    type Err = AddressProblem;

    /// Takes `address` or `address/prefix length`; host bits are dropped.
    fn from_str(text: &str) -> Result<Self, AddressProblem> {
        let (address, length) = text
            .split_once('/')
            .map_or((text, None), |(address, length)| (address, Some(length)));
        let address: IpAddr = address.parse().map_err(|_| AddressProblem::NotAnAddress)?;
        let widest = if address.is_ipv4() { 32 } else { 128 };
        let length = length.map_or(Ok(widest), prefix_length)?;
        let mapped = !address.is_ipv4() && address.to_canonical().is_ipv4() && length >= MAPPED_PREFIX;
        let (address, length) = if mapped {
            (address.to_canonical(), length - MAPPED_PREFIX)
        } else {
            (address, length)
        };
        IpNet::new(address, length)
            .map(|range| Self(range.trunc()))
            .map_err(|_| AddressProblem::PrefixLength)
    }
}

/// Digits only: `u8`'s own parser takes a plus sign too.
fn prefix_length(text: &str) -> Result<u8, AddressProblem> {
    let digits = text.bytes().all(|byte| byte.is_ascii_digit());
    text.parse().ok().filter(|_| digits).ok_or(AddressProblem::PrefixLength)
}

impl fmt::Display for AddressRange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0.prefix_len() == self.0.max_prefix_len() {
            self.0.addr().fmt(f)
        } else {
            self.0.fmt(f)
        }
    }
}

/// What is wrong with one entry of a list of addresses.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum AddressProblem {
    /// It is not an IPv4 or IPv6 address, nor one with a prefix length.
    #[error("not an IP address")]
    NotAnAddress,
    /// The number after the slash is not one that this kind of address can have.
    #[error("not a prefix length of this kind of address")]
    PrefixLength,
    /// It is the first entry too many, and the list as a whole has more than [`MAX_RANGES`] ranges.
    #[error("more than {MAX_RANGES} addresses")]
    TooMany,
}

/// An entry of a list of addresses that was refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("line {line}: {problem}")]
pub struct AddressError {
    /// The line on which it stands; the first is 1.
    pub line: usize,
    /// The entry as it was typed, cut to 64 characters.
    pub text: String,
    /// What is wrong with it.
    pub problem: AddressProblem,
}

/// A text that is not the stored form of an [`AddressSet`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a stored set of addresses")]
pub struct MalformedAddressSet;

/// From where a token may be used: any address, or a list of 1 to [`MAX_RANGES`] ranges in canonical form: sorted, IPv4
/// first, without a range that another one covers. Two sets with the same list are equal.
///
/// Stored as `*` for any, else as the ranges with one space between. An empty text is refused rather than read as any,
/// so that a lost value cannot open a token to everybody.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AddressSet(Cow<'static, [AddressRange]>);

impl AddressSet {
    /// Every address: the whole of IPv4 and the whole of IPv6. A list that names both whole is the same set.
    pub const fn any() -> Self {
        Self(Cow::Borrowed(&EVERYWHERE))
    }

    /// Reads what somebody typed: ranges separated by line ends, commas, semicolons or white space. A text without any
    /// is [`AddressSet::any`].
    ///
    /// # Errors
    /// Every entry that is not an address or range, in the order of the text; or one error for too many.
    pub fn parse_lines(text: &str) -> Result<Self, Vec<AddressError>> {
        let separator = |c: char| c == ',' || c == ';' || c.is_whitespace();
        let entries: Vec<(usize, &str)> = (1..)
            .zip(text.lines())
            .flat_map(|(line, entries)| entries.split(separator).map(move |entry| (line, entry)))
            .filter(|(_, entry)| !entry.is_empty())
            .collect();
        let refuse = |(line, entry): (usize, &str), problem| AddressError {
            line,
            text: entry.chars().take(MAX_SHOWN).collect(),
            problem,
        };
        let (mut ranges, mut errors) = (Vec::with_capacity(entries.len()), Vec::new());
        for (line, entry) in &entries {
            match entry.parse() {
                Ok(range) => ranges.push(range),
                Err(problem) => errors.push(refuse((*line, entry), problem)),
            }
        }
        if !errors.is_empty() {
            return Err(errors);
        }
        if ranges.is_empty() {
            return Ok(Self::any());
        }
        let set = Self::canonical(ranges);
        if set.len() > MAX_RANGES {
            Err(vec![refuse(entries[MAX_RANGES], AddressProblem::TooMany)])
        } else {
            Ok(set)
        }
    }

    /// The set of these ranges; nothing where there are none, or more than [`MAX_RANGES`].
    pub fn of(ranges: Vec<AddressRange>) -> Option<Self> {
        let set = Self::canonical(ranges);
        (1..=MAX_RANGES).contains(&set.len()).then_some(set)
    }

    fn canonical(mut ranges: Vec<AddressRange>) -> Self {
        // A range sorts before all that it covers, so the last one kept is the only one that can cover the next.
        ranges.sort_unstable();
        ranges.dedup_by(|next, kept| kept.covers(next));
        if ranges == EVERYWHERE {
            Self::any()
        } else {
            Self(Cow::Owned(ranges))
        }
    }

    /// Whether every address is in the set.
    pub fn is_any(&self) -> bool {
        *self.0 == EVERYWHERE
    }

    /// Whether `address` is in the set; a mapped address counts as the IPv4 address that it stands for.
    pub fn contains(&self, address: IpAddr) -> bool {
        let address = address.to_canonical();
        self.0.iter().any(|range| range.0.contains(&address))
    }

    /// Whether every address of `other` is in this set, also where only neighbouring ranges together cover it.
    pub fn includes(&self, other: &Self) -> bool {
        // Merged ranges do not overlap and no two can be merged further, so a covered range lies inside a single one.
        let merged = IpNet::aggregate(&self.0.iter().map(|range| range.0).collect());
        other
            .0
            .iter()
            .all(|range| merged.iter().any(|whole| whole.contains(&range.0)))
    }

    /// The ranges that stand in this set's list and not in `other`'s, to show a change. It compares the lists as they
    /// are written: whether a change widens, [`AddressSet::includes`] says. The result alone may be empty.
    #[must_use]
    pub fn difference(&self, other: &Self) -> Self {
        Self(
            self.0
                .iter()
                .filter(|range| !other.0.contains(range))
                .copied()
                .collect(),
        )
    }

    /// The ranges in order. For [`AddressSet::any`] these are `0.0.0.0/0` and `::/0`; ask [`AddressSet::is_any`] first.
    pub fn iter(&self) -> std::slice::Iter<'_, AddressRange> {
        self.0.iter()
    }

    /// How many ranges the list has: 2 for [`AddressSet::any`].
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether nothing is in the set: only a [`difference`](Self::difference) can be empty.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl<'a> IntoIterator for &'a AddressSet {
    type Item = &'a AddressRange;
    type IntoIter = std::slice::Iter<'a, AddressRange>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

impl FromStr for AddressSet {
    type Err = MalformedAddressSet;

    /// Reads the stored form.
    fn from_str(text: &str) -> Result<Self, MalformedAddressSet> {
        if text == "*" {
            return Ok(Self::any());
        }
        let ranges = text
            .split(' ')
            .map(str::parse)
            .collect::<Result<_, _>>()
            .map_err(|_| MalformedAddressSet)?;
        let set = Self::canonical(ranges);
        if set.len() > MAX_RANGES {
            Err(MalformedAddressSet)
        } else {
            Ok(set)
        }
    }
}

impl fmt::Display for AddressSet {
    /// Writes the stored form.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.is_any() {
            return f.write_str("*");
        }
        for (position, range) in self.iter().enumerate() {
            let space = if position == 0 { "" } else { " " };
            write!(f, "{space}{range}")?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests;
