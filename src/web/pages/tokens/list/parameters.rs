//! What the address of the list says: which tokens, in which order, which page. An unknown value is the default, so that
//! an old bookmark never becomes an error.

use crate::{
    app::tokens::list::Selection,
    domain::secret::PREFIX,
    store::tokens::{Filter, Order, Sort},
};

/// Each filter by its parameter and its words.
pub(in crate::web) const FILTERS: [(Filter, &str, &str); 7] = [
    (Filter::All, "all", "All"),
    (Filter::Active, "active", "Active"),
    (Filter::Expiring, "expiring", "Expiring"),
    (Filter::NeverUsed, "never-used", "Never used"),
    (Filter::Expired, "expired", "Expired"),
    (Filter::Paused, "paused", "Paused"),
    (Filter::Revoked, "revoked", "Revoked"),
];

/// Each order by its parameter and its words; of each pair, a column's link begins with the first.
pub(in crate::web) const SORTS: [(Sort, Order, &str, &str); 8] = [
    (Sort::Created, Order::Descending, "-created", "Newest first"),
    (Sort::Created, Order::Ascending, "created", "Oldest first"),
    (Sort::Name, Order::Ascending, "name", "Name, A to Z"),
    (Sort::Name, Order::Descending, "-name", "Name, Z to A"),
    (Sort::Expiry, Order::Ascending, "expires", "Expires soonest"),
    (Sort::Expiry, Order::Descending, "-expires", "Expires latest"),
    (Sort::LastUse, Order::Descending, "-used", "Used most recently"),
    (Sort::LastUse, Order::Ascending, "used", "Used longest ago"),
];

/// Longest text to search for, in characters: no name or description holds a longer one that anybody would type.
pub(in crate::web) const LONGEST_SEARCH: usize = 100;

/// The parameters of the list.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(in crate::web::pages) struct Parameters {
    /// Which tokens, and in which order. Its search is what was typed.
    pub(in crate::web::pages) selection: Selection,
    /// Which page, from 1.
    pub(in crate::web::pages) page: i64,
}

impl Parameters {
    /// Reads a query; what it does not know it passes over.
    pub(in crate::web::pages) fn read(query: &str) -> Self {
        let mut read = Self {
            page: 1,
            ..Self::default()
        };
        for (name, value) in form_urlencoded::parse(query.as_bytes()) {
            match name.as_ref() {
                "status" => {
                    let known = FILTERS.iter().find(|(_, code, _)| *code == value);
                    read.selection.filter = known.map_or_else(Filter::default, |(filter, ..)| *filter);
                }
                "sort" => {
                    let known = SORTS.iter().find(|(_, _, code, _)| *code == value).unwrap_or(&SORTS[0]);
                    (read.selection.sort, read.selection.order) = (known.0, known.1);
                }
                "q" => read.selection.search = searched(&value),
                "page" => read.page = value.parse().unwrap_or(1),
                _ => {}
            }
        }
        read
    }

    /// The address with these parameters, as short as can be.
    pub(in crate::web::pages) fn address(&self, path: &str) -> String {
        let query = self.query();
        if query.is_empty() {
            path.to_owned()
        } else {
            format!("{path}?{query}")
        }
    }

    /// The parameters that differ from the defaults.
    pub(super) fn query(&self) -> String {
        let mut query = form_urlencoded::Serializer::new(String::new());
        if self.selection.filter != Filter::All {
            query.append_pair("status", self.filter_code());
        }
        if !self.selection.search.is_empty() {
            query.append_pair("q", &self.selection.search);
        }
        let sort = self.sort_code();
        if sort != SORTS[0].2 {
            query.append_pair("sort", sort);
        }
        if self.page > 1 {
            query.append_pair("page", &self.page.to_string());
        }
        query.finish()
    }

    pub(super) fn filter_code(&self) -> &'static str {
        let known = FILTERS.iter().find(|(filter, ..)| *filter == self.selection.filter);
        known.map_or("all", |(_, code, _)| code)
    }

    pub(super) fn sort_code(&self) -> &'static str {
        let now = (self.selection.sort, self.selection.order);
        let known = SORTS.iter().find(|(sort, order, ..)| (*sort, *order) == now);
        known.map_or(SORTS[0].2, |(_, _, code, _)| code)
    }

    /// The same with another filter, from its first page.
    pub(super) fn filtered(&self, filter: Filter) -> Self {
        let mut other = self.clone();
        (other.selection.filter, other.page) = (filter, 1);
        other
    }

    /// The same without a search, from its first page.
    pub(super) fn unsearched(&self) -> Self {
        let mut other = self.clone();
        other.selection.search.clear();
        other.page = 1;
        other
    }

    /// The same, sorted by a column: the other way round if it is already.
    pub(super) fn sorted(&self, by: Sort) -> Self {
        let mut orders = SORTS
            .iter()
            .filter(|(sort, ..)| *sort == by)
            .map(|(_, order, ..)| *order);
        let first = orders.next().unwrap_or_default();
        let turned = self.selection.sort == by && self.selection.order == first;
        let mut other = self.clone();
        other.selection.sort = by;
        other.selection.order = if turned { orders.next().unwrap_or(first) } else { first };
        other.page = 1;
        other
    }

    /// The same on another page.
    pub(in crate::web::pages) fn on_page(&self, page: i64) -> Self {
        Self { page, ..self.clone() }
    }
}

/// What to look for. Of a token that somebody pastes only the id is kept: the rest of it is a secret, and this stands
/// in addresses.
fn searched(typed: &str) -> String {
    let typed: String = typed.chars().filter(|character| !character.is_control()).collect();
    let typed = typed.trim();
    let wanted = match typed.strip_prefix(PREFIX) {
        Some(rest) => rest.split(['_', '…']).next().unwrap_or_default(),
        None => typed,
    };
    wanted.chars().take(LONGEST_SEARCH).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_read_and_written_alike() {
        for query in ["", "status=never-used&q=a+%26+b&sort=-used&page=3", "sort=created"] {
            assert_eq!(Parameters::read(query).query(), query);
        }
    }

    #[test]
    fn what_is_not_known_is_the_default() {
        let odd = Parameters::read("status=%00&sort=size&page=-7x&page=&colour=red&q=%0a");
        assert_eq!(odd, Parameters::read(""));
        assert_eq!(odd.address("/tokens"), "/tokens");
    }

    #[test]
    fn a_pasted_token_leaves_only_its_id() {
        let pasted = Parameters::read("q=lk_Ab12Cd34_notforanyaddress");
        assert_eq!(pasted.query(), "q=Ab12Cd34");
    }

    #[test]
    fn a_column_turns_round_when_it_is_pressed_again() {
        let by_name = Parameters::read("page=4&q=x").sorted(Sort::Name);
        assert_eq!(by_name.query(), "q=x&sort=name");
        assert_eq!(by_name.sorted(Sort::Name).query(), "q=x&sort=-name");
        assert_eq!(by_name.sorted(Sort::LastUse).query(), "q=x&sort=-used");
        assert_eq!(by_name.sorted(Sort::Created).query(), "q=x");
    }
}
