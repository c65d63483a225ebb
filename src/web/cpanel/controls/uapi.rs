//! Output controls as UAPI names them: `api.sort_column_0`, `api.filter_term_0`, `api.paginate_start`, `api.columns_1`.

use std::collections::BTreeSet;

use serde_json::{Map, Value, json};

use super::{
    super::{
        envelope::{Done, Refused},
        parameters::Parameters,
    },
    Controls, MOST, Page,
    compare::{Filter, Sort},
};

/// Rows of a page, where the caller does not say how many.
const PAGE_SIZE: usize = 100;

/// A list as the caller wants it.
pub fn list(parameters: &Parameters, rows: Vec<Value>) -> Result<Done, Refused> {
    let controls = read(parameters)?;
    let applied = controls.apply(rows);
    let mut metadata = Map::new();
    metadata.insert("transformed".to_owned(), 1.into());
    if let Some(before) = applied.before {
        metadata.insert("filter".to_owned(), json!({"records_before_filter": before}));
    }
    if let Some(page) = controls.page {
        let paginate = json!({
            "start_result": page.start,
            "current_page": page.number(),
            "results_per_page": page.size,
            "total_pages": page.pages(applied.found),
            "total_results": applied.found,
        });
        metadata.insert("paginate".to_owned(), paginate);
    }
    Ok(Done {
        data: Value::Array(applied.rows),
        message: None,
        metadata,
    })
}

fn read(parameters: &Parameters) -> Result<Controls, Refused> {
    let mut controls = Controls::default();
    for suffix in suffixes(parameters, "api.filter_column")? {
        let of = |part: &str| one(parameters, &format!("api.filter_{part}{suffix}"));
        controls
            .filters
            .push(Filter::new(of("column")?, or(of("type")?, "eq"), of("term")?)?);
    }
    for suffix in suffixes(parameters, "api.sort_column")? {
        let of = |part: &str| one(parameters, &format!("api.sort_{part}{suffix}"));
        let reverse = parameters.flag(&format!("api.sort_reverse{suffix}"))?;
        controls.sorts.push(Sort::new(of("column")?, reverse, of("method")?)?);
    }
    let (start, size) = ("api.paginate_start", "api.paginate_size");
    if is_on(parameters, "api.paginate", &[start, size])? {
        controls.page = Some(Page {
            start: number(parameters, start, 1)?,
            size: number(parameters, size, PAGE_SIZE)?,
        });
    }
    let columns = parameters.below("api.columns_").map(|(_, column)| column);
    controls.columns = columns.map(str::to_owned).collect();
    Ok(controls)
}

/// What stands behind `name` in the parameters that begin so: nothing, `_0`, `_1` and so on, in that order.
fn suffixes(parameters: &Parameters, name: &str) -> Result<Vec<String>, Refused> {
    let family = name.split('_').next().unwrap_or(name);
    if !is_on(parameters, family, &[name])? && parameters.one(family)?.is_some() {
        return Ok(Vec::new());
    }
    let rests: BTreeSet<(usize, &str)> = parameters
        .below(name)
        .map(|(rest, _)| rest)
        .filter(|rest| rest.is_empty() || rest.starts_with('_'))
        .map(|rest| (rest.len(), rest))
        .collect();
    if rests.len() > MOST {
        return Err(Refused::new(format!("“{name}” can be given at most {MOST} times.")));
    }
    Ok(rests.into_iter().map(|(_, rest)| rest.to_owned()).collect())
}

/// Whether something is asked for: its switch says so, or there is no switch and one of `names` is given.
fn is_on(parameters: &Parameters, switch: &str, names: &[&str]) -> Result<bool, Refused> {
    match parameters.one(switch)? {
        Some(_) => parameters.flag(switch),
        None => Ok(parameters.first_of(names)?.is_some()),
    }
}

fn one<'a>(parameters: &'a Parameters, name: &str) -> Result<&'a str, Refused> {
    Ok(parameters.one(name)?.unwrap_or_default())
}

fn or<'a>(text: &'a str, otherwise: &'a str) -> &'a str {
    if text.is_empty() { otherwise } else { text }
}

/// A whole number from 1 on.
pub(super) fn number(parameters: &Parameters, name: &str, otherwise: usize) -> Result<usize, Refused> {
    match parameters.one(name)?.unwrap_or_default().trim() {
        "" => Ok(otherwise),
        text => text
            .parse()
            .ok()
            .filter(|number| *number > 0)
            .ok_or_else(|| Refused::new(format!("“{name}” must be a whole number from 1 on."))),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn rows() -> Vec<Value> {
        ["b", "a", "c", "bb"]
            .into_iter()
            .zip(1..)
            .map(|(name, number)| json!({"name": name, "number": number}))
            .collect()
    }

    fn names(query: &str) -> (Vec<String>, Map<String, Value>) {
        let done = list(&Parameters::of(query), rows()).unwrap();
        let rows = done.data.as_array().unwrap().clone();
        let name = |row: &Value| row["name"].as_str().unwrap_or("-").to_owned();
        (rows.iter().map(name).collect(), done.metadata)
    }

    #[test]
    fn a_list_is_sorted_filtered_and_cut() {
        assert_eq!(names("").0, ["b", "a", "c", "bb"]);
        assert_eq!(names("api.sort=1&api.sort_column=name").0, ["a", "b", "bb", "c"]);
        let numbered = "api.sort=1&api.sort_column_0=number&api.sort_reverse_0=1&api.sort_method_0=numeric";
        assert_eq!(names(numbered).0, ["bb", "c", "a", "b"]);
        let (kept, metadata) = names("api.filter_column_0=name&api.filter_type_0=begins&api.filter_term_0=b");
        assert_eq!(kept, ["b", "bb"]);
        assert_eq!(metadata["filter"], json!({"records_before_filter": 4}));
        let (kept, metadata) = names("api.paginate=1&api.paginate_start=3&api.paginate_size=2");
        assert_eq!(kept, ["c", "bb"]);
        let paginate = json!({
            "start_result": 3, "current_page": 2, "results_per_page": 2, "total_pages": 2, "total_results": 4,
        });
        assert_eq!(
            (&metadata["paginate"], &metadata["transformed"]),
            (&paginate, &json!(1))
        );
        assert_eq!(names("api.sort=0&api.sort_column=name").0, ["b", "a", "c", "bb"]);
        let done = list(&Parameters::of("api.columns_1=number"), rows()).unwrap();
        assert_eq!(done.data[0], json!({"number": 1}));
        assert_eq!(names("api.paginate=1&api.paginate_start=99999999999").0, [""; 0]);
    }

    #[test]
    fn odd_numbers_are_refused_in_words() {
        for query in [
            "api.paginate=1&api.paginate_start=0",
            "api.paginate=1&api.paginate_start=-1",
            "api.paginate=1&api.paginate_size=0",
            "api.paginate=1&api.paginate_size=1e9",
            "api.paginate=1&api.paginate_size=99999999999999999999999",
            "api.paginate=yes",
            "api.sort=1&api.sort_column=name&api.sort_method=magic",
            "api.filter_column=name&api.filter_type=magic",
        ] {
            assert!(list(&Parameters::of(query), rows()).is_err(), "{query}");
        }
        let many: Vec<String> = (0..17).map(|place| format!("api.filter_column_{place}=name")).collect();
        assert!(list(&Parameters::of(&many.join("&")), rows()).is_err());
    }

    proptest! {
        #[test]
        fn no_controls_are_too_odd(names in prop::collection::vec("(sort|filter|paginate)(_(column|type|term|start|size|method|reverse)(_[0-3])?)?", 0..6), value in "[0-9a-z-]{0,4}") {
            let query: Vec<String> = names.iter().map(|name| format!("api.{name}={value}")).collect();
            if let Ok(done) = list(&Parameters::of(&query.join("&")), rows()) {
                prop_assert!(done.data.as_array().unwrap().len() <= 4);
            }
        }
    }
}
