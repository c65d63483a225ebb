//! Output controls as WHM names them: `api.sort.a.field`, `api.filter.a.arg0`, `api.chunk.size`, `api.columns.a`.

use std::collections::BTreeSet;

use serde_json::{Map, Value, json};

use super::{
    super::{envelope::Refused, parameters::Parameters},
    Controls, MOST, Page,
    compare::{Filter, Sort},
    uapi::number,
};

/// Rows of a chunk, where the caller does not say how many.
const CHUNK_SIZE: usize = 100;

/// Rows as the caller wants them, and what is said about that in the metadata.
pub fn list(parameters: &Parameters, rows: Vec<Value>) -> Result<(Vec<Value>, Map<String, Value>), Refused> {
    let controls = read(parameters)?;
    let applied = controls.apply(rows);
    let mut metadata = Map::new();
    if let Some(before) = applied.before {
        metadata.insert("filter".to_owned(), json!({"filtered": before - applied.found}));
    }
    if let Some(page) = controls.page {
        let chunk = json!({
            "start": page.start,
            "current": page.number(),
            "size": page.size,
            "chunks": page.pages(applied.found),
            "records": applied.found,
        });
        metadata.insert("chunk".to_owned(), chunk);
    }
    Ok((applied.rows, metadata))
}

fn read(parameters: &Parameters) -> Result<Controls, Refused> {
    let mut controls = Controls::default();
    for name in groups(parameters, "api.filter.")? {
        let of = |part: &str| parameters.one(&format!("api.filter.{name}.{part}"));
        let kind = of("type")?.unwrap_or("eq");
        controls.filters.push(Filter::new(
            of("field")?.unwrap_or_default(),
            kind,
            of("arg0")?.unwrap_or_default(),
        )?);
    }
    for name in groups(parameters, "api.sort.")? {
        let of = |part: &str| parameters.one(&format!("api.sort.{name}.{part}"));
        let reverse = parameters.flag(&format!("api.sort.{name}.reverse"))?;
        controls.sorts.push(Sort::new(
            of("field")?.unwrap_or_default(),
            reverse,
            of("method")?.unwrap_or_default(),
        )?);
    }
    if parameters.flag("api.chunk.enable")? {
        controls.page = Some(Page {
            start: number(parameters, "api.chunk.start", 1)?,
            size: number(parameters, "api.chunk.size", CHUNK_SIZE)?,
        });
    }
    if parameters.flag("api.columns.enable")? {
        let columns = parameters.below("api.columns.").filter(|(name, _)| *name != "enable");
        controls.columns = columns.map(|(_, column)| column.to_owned()).collect();
    }
    Ok(controls)
}

/// The names of the groups `a`, `b` ... below a beginning, in order; none unless they are switched on.
fn groups(parameters: &Parameters, beginning: &str) -> Result<BTreeSet<String>, Refused> {
    if !parameters.flag(&format!("{beginning}enable"))? {
        return Ok(BTreeSet::new());
    }
    let named = parameters.below(beginning).filter_map(|(rest, _)| rest.split_once('.'));
    let groups: BTreeSet<String> = named.map(|(name, _)| name.to_owned()).collect();
    if groups.len() > MOST {
        return Err(Refused::new(format!(
            "Below “{beginning}” there can be at most {MOST} groups."
        )));
    }
    Ok(groups)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn users(query: &str) -> (Vec<String>, Map<String, Value>) {
        let rows = ["asha", "priya", "lena", "pia"].map(|user| json!({"user": user, "suspended": 0}));
        let (rows, metadata) = list(&Parameters::of(query), rows.into()).unwrap();
        let user = |row: &Value| row["user"].as_str().unwrap_or("-").to_owned();
        (rows.iter().map(user).collect(), metadata)
    }

    #[test]
    fn a_list_is_sorted_filtered_and_cut() {
        assert_eq!(users("").0, ["asha", "priya", "lena", "pia"]);
        let query = "api.sort.enable=1&api.sort.a.field=user&api.sort.a.reverse=1";
        assert_eq!(users(query).0, ["priya", "pia", "lena", "asha"]);
        let query = "api.filter.enable=1&api.filter.a.field=user&api.filter.a.type=begins&api.filter.a.arg0=p";
        let (kept, metadata) = users(query);
        assert_eq!((kept.len(), &metadata["filter"]), (2, &json!({"filtered": 2})));
        let (kept, metadata) = users("api.chunk.enable=1&api.chunk.start=4&api.chunk.size=3&api.chunk.verbose=1");
        assert_eq!(kept, ["pia"]);
        let chunk = json!({"start": 4, "current": 2, "size": 3, "chunks": 2, "records": 4});
        assert_eq!(metadata["chunk"], chunk);
        assert_eq!(
            users("api.sort.a.field=user").0[0],
            "asha",
            "not without being switched on"
        );
        let (rows, _) = list(
            &Parameters::of("api.columns.enable=1&api.columns.a=user"),
            vec![json!({"user": "a", "ip": null})],
        )
        .unwrap();
        assert_eq!(rows, [json!({"user": "a"})]);
    }

    #[test]
    fn odd_numbers_are_refused_in_words() {
        for query in [
            "api.chunk.enable=1&api.chunk.start=0",
            "api.chunk.enable=1&api.chunk.size=-5",
            "api.chunk.enable=2",
            "api.filter.enable=1&api.filter.a.field=user&api.filter.a.type=magic",
            "api.sort.enable=1&api.sort.a.field=user&api.sort.a.method=magic",
        ] {
            assert!(list(&Parameters::of(query), Vec::new()).is_err(), "{query}");
        }
        let many: Vec<String> = (0..17).map(|place| format!("api.sort.x{place}.field=user")).collect();
        let query = format!("api.sort.enable=1&{}", many.join("&"));
        assert!(list(&Parameters::of(&query), Vec::new()).is_err());
    }
}
