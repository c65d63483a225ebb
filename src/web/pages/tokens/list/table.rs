//! The table of an account's tokens with what narrows it down and turns its pages: the same for its holder and for staff.

use super::{
    hint,
    parameters::{FILTERS, Parameters, SORTS},
};
use crate::{
    app::tokens::list::{Listing, PAGE},
    domain::token::Token,
    store::tokens::{Filter, Order, Sort},
    web::{
        chart,
        pages::tokens::viewer::Viewer,
        times::When,
        words::{self, Badge, Brief, UseWords, counted},
    },
};

/// A filter above the list.
pub(in crate::web::pages) struct FilterLink {
    pub(in crate::web::pages) href: String,
    pub(in crate::web::pages) label: &'static str,
    pub(in crate::web::pages) count: i64,
    pub(in crate::web::pages) current: bool,
}

/// A column that sorts.
pub(in crate::web::pages) struct SortLink {
    pub(in crate::web::pages) href: String,
    pub(in crate::web::pages) state: &'static str,
}

/// A token in the list.
pub(in crate::web::pages) struct Row {
    pub(in crate::web::pages) id: String,
    pub(in crate::web::pages) name: String,
    pub(in crate::web::pages) hint: String,
    pub(in crate::web::pages) can: Brief,
    pub(in crate::web::pages) places: Brief,
    pub(in crate::web::pages) from: String,
    pub(in crate::web::pages) badge: Badge,
    /// Who stopped or shortened it and why, unless the holder did.
    pub(in crate::web::pages) why: String,
    /// How often a secret of it that no longer works was used; empty when none was.
    pub(in crate::web::pages) reuse: String,
    pub(in crate::web::pages) expires: Option<When>,
    pub(in crate::web::pages) used: Option<UseWords>,
    pub(in crate::web::pages) spark: String,
    pub(in crate::web::pages) spark_label: String,
    /// Whether anything can still be done with it.
    pub(in crate::web::pages) live: bool,
}

/// The tokens of a page, and the links around them; `templates/tokens/table.html` shows it.
pub(in crate::web::pages) struct Table {
    /// Address of the list, without parameters.
    pub(in crate::web::pages) address: String,
    /// Where the buttons for several tokens lead.
    pub(in crate::web::pages) pause: String,
    pub(in crate::web::pages) revoke: String,
    pub(in crate::web::pages) is_staff: bool,
    pub(in crate::web::pages) filters: Vec<FilterLink>,
    pub(in crate::web::pages) filter_label: &'static str,
    pub(in crate::web::pages) status: &'static str,
    pub(in crate::web::pages) search: String,
    pub(in crate::web::pages) sort: &'static str,
    pub(in crate::web::pages) sorts: Vec<(&'static str, &'static str)>,
    pub(in crate::web::pages) by_name: SortLink,
    pub(in crate::web::pages) by_expiry: SortLink,
    pub(in crate::web::pages) by_use: SortLink,
    pub(in crate::web::pages) heading: String,
    pub(in crate::web::pages) order_words: &'static str,
    pub(in crate::web::pages) rows: Vec<Row>,
    pub(in crate::web::pages) back: String,
    pub(in crate::web::pages) previous: String,
    pub(in crate::web::pages) next: String,
    pub(in crate::web::pages) range: String,
    pub(in crate::web::pages) unsearched: String,
    /// Whether any row can be ticked.
    pub(in crate::web::pages) can_tick: bool,
}

impl Table {
    /// The table of a listing that was asked for with `parameters`.
    pub(in crate::web::pages) fn of(viewer: &Viewer<'_>, parameters: &Parameters, listing: &Listing) -> Self {
        let list = viewer.list();
        let selection = &parameters.selection;
        let found = listing.counts.of(selection.filter);
        let on_page = |page: i64| {
            if (1..=listing.pages).contains(&page) {
                parameters.on_page(page).address(&list)
            } else {
                String::new()
            }
        };
        let rows = listing.rows.iter();
        let rows: Vec<Row> = rows
            .map(|(token, calls)| Row::new(viewer, listing, token, calls))
            .collect();
        let known = SORTS.iter().find(|(_, _, code, _)| *code == parameters.sort_code());
        let filter = FILTERS.iter().find(|(filter, ..)| *filter == selection.filter);
        Self {
            is_staff: viewer.is_staff(),
            filters: FILTERS
                .iter()
                .map(|known| filter_link(&list, known, parameters, listing))
                .collect(),
            filter_label: filter.map_or("", |known| known.2),
            status: parameters.filter_code(),
            search: selection.search.clone(),
            sort: parameters.sort_code(),
            sorts: SORTS.iter().map(|(_, _, code, words)| (*code, *words)).collect(),
            by_name: sort_link(&list, parameters, Sort::Name),
            by_expiry: sort_link(&list, parameters, Sort::Expiry),
            by_use: sort_link(&list, parameters, Sort::LastUse),
            heading: counted(found, "token"),
            order_words: known.map_or("", |(.., words)| words),
            can_tick: rows.iter().any(|row| row.live),
            rows,
            back: parameters.query(),
            previous: on_page(listing.page - 1),
            next: on_page(listing.page + 1),
            range: range(listing.page, found),
            unsearched: parameters.unsearched().address(&list),
            pause: format!("{list}/pause"),
            revoke: format!("{list}/revoke"),
            address: list,
        }
    }
}

/// `26 to 50 of 240`.
fn range(page: i64, found: i64) -> String {
    let first = (page - 1) * PAGE + 1;
    format!("{first} to {} of {found}", (first + PAGE - 1).min(found))
}

fn filter_link(
    list: &str,
    (filter, _, label): &(Filter, &'static str, &'static str),
    parameters: &Parameters,
    listing: &Listing,
) -> FilterLink {
    FilterLink {
        href: parameters.filtered(*filter).address(list),
        label,
        count: listing.counts.of(*filter),
        current: parameters.selection.filter == *filter,
    }
}

fn sort_link(list: &str, parameters: &Parameters, by: Sort) -> SortLink {
    let state = match parameters.selection.order {
        _ if parameters.selection.sort != by => "",
        Order::Ascending => "ascending",
        Order::Descending => "descending",
    };
    SortLink {
        href: parameters.sorted(by).address(list),
        state,
    }
}

impl Row {
    fn new(viewer: &Viewer<'_>, listing: &Listing, token: &Token, calls: &[u64]) -> Self {
        let (zone, catalogue) = (&viewer.zone, &viewer.visit.app.catalogue);
        let suspended = viewer.account.is_suspended();
        let why = listing.why.get(&token.public_id);
        Self {
            id: token.public_id.to_string(),
            name: token.name.to_string(),
            hint: hint(token),
            can: words::permissions_in_brief(catalogue, &token.scopes),
            places: words::sites_in_brief(&token.sites),
            from: words::only_from(&token.addresses),
            badge: words::status(token.status(suspended, listing.now), zone, listing.now),
            why: why.map_or_else(String::new, |why| words::why_in_brief(viewer.reader, why)),
            reuse: words::reuse_in_brief(listing.reuse.get(&token.id)),
            expires: words::expiry(zone, token.expiry),
            used: words::last_use(zone, token.last_use),
            spark: chart::spark_path(calls),
            spark_label: spark_label(calls),
            live: !token.is_revoked() && (viewer.is_staff() || !suspended),
        }
    }
}

/// `61 calls in 14 days, peak 6 in a day`.
fn spark_label(calls: &[u64]) -> String {
    let total = calls.iter().fold(0, |sum: u64, day| sum.saturating_add(*day));
    let days = calls.len();
    match (total, calls.iter().max()) {
        (0, _) | (_, None) => format!("No calls in {days} days"),
        (total, Some(peak)) => {
            let total = counted(i64::try_from(total).unwrap_or(i64::MAX), "call");
            format!("{total} in {days} days, peak {peak} in a day")
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_is_told_in_words() {
        assert_eq!(spark_label(&[0, 0, 0]), "No calls in 3 days");
        assert_eq!(spark_label(&[0, 1]), "1 call in 2 days, peak 1 in a day");
        assert_eq!(spark_label(&[2, 4]), "6 calls in 2 days, peak 4 in a day");
        assert_eq!(
            (range(1, 7), range(2, 26)),
            ("1 to 7 of 7".to_owned(), "26 to 26 of 26".to_owned())
        );
    }
}
