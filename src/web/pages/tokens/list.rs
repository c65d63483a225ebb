//! `/tokens`: the list, and the same rows as CSV.
