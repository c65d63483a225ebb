//! Path templates such as `/sites/{site}/backups`: their grammar, what they match, and how two of them relate.

use std::cmp::Ordering;

use thiserror::Error;

use super::path;

/// A path template. `{name}` stands for one segment, `{name*}` at the end for one or more.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PathTemplate {
    text: String,
    parts: Vec<Part>,
}

/// What may stand for one segment, or for the rest of them.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Part {
    Literal(String),
    One(String),
    Rest(String),
}

/// Why a text is not a path template.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum PathTemplateError {
    /// Written without its parameters it is no path, or not in the normal form of one.
    #[error("it is not a path in its normal form")]
    NotAPath,
    /// A parameter is not `{name}` or `{name*}` with a name of `[a-z][a-z0-9_]*`, or not a whole segment.
    #[error("a parameter is a whole segment, {{name}} or {{name*}}, its name [a-z][a-z0-9_]*")]
    BadParameter,
    /// `{name*}` stands before the end.
    #[error("a parameter for the rest of the path stands at its end")]
    RestNotLast,
    /// Two parameters have one name.
    #[error("two parameters have the same name")]
    RepeatedParameter,
}

impl PathTemplate {
    /// Reads a template.
    pub fn parse(text: &str) -> Result<Self, PathTemplateError> {
        if !text.starts_with('/') {
            return Err(PathTemplateError::NotAPath);
        }
        let parts = path::segments(text).map(Part::parse).collect::<Result<Vec<_>, _>>()?;
        let names: Vec<_> = parts.iter().filter_map(Part::name).collect();
        if parts.iter().rev().skip(1).any(|part| matches!(part, Part::Rest(_))) {
            return Err(PathTemplateError::RestNotLast);
        }
        if names
            .iter()
            .enumerate()
            .any(|(place, name)| names[..place].contains(name))
        {
            return Err(PathTemplateError::RepeatedParameter);
        }
        Ok(Self {
            text: text.to_owned(),
            parts,
        })
    }

    /// The template as it is written.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// Whether a parameter has this name and stands for exactly one segment.
    pub fn has_parameter(&self, name: &str) -> bool {
        self.parts
            .iter()
            .any(|part| matches!(part, Part::One(own) if own == name))
    }

    /// Whether a path with these segments is one of its paths.
    pub fn matches(&self, segments: &[&str]) -> bool {
        let has_rest = matches!(self.parts.last(), Some(Part::Rest(_)));
        let is_long_enough = if has_rest {
            segments.len() >= self.parts.len()
        } else {
            segments.len() == self.parts.len()
        };
        is_long_enough
            && self.parts.iter().zip(segments).all(|(part, segment)| match part {
                Part::Literal(text) => text == segment,
                Part::One(_) | Part::Rest(_) => true,
            })
    }

    /// What stands for the parameter in a path that it matches.
    pub fn value<'a>(&self, name: &str, segments: &[&'a str]) -> Option<&'a str> {
        let place = self
            .parts
            .iter()
            .position(|part| matches!(part, Part::One(own) if own == name))?;
        segments.get(place).copied()
    }

    /// Whether some path belongs to both and neither is the more exact one for all they share. Which of the two a
    /// service would choose cannot be told then.
    pub fn clashes(&self, other: &Self) -> bool {
        overlap(&self.parts, &other.parts) && covers(&self.parts, &other.parts) == covers(&other.parts, &self.parts)
    }

    /// The more exact template first: of templates that do not clash and match one path, the first has the fewest
    /// other paths.
    pub fn by_exactness(&self, other: &Self) -> Ordering {
        let ranks = |template: &Self| template.parts.iter().map(Part::rank).collect::<Vec<_>>();
        ranks(self).cmp(&ranks(other)).then_with(|| self.text.cmp(&other.text))
    }
}

impl Part {
    fn parse(segment: &str) -> Result<Self, PathTemplateError> {
        if let Some(inner) = segment.strip_prefix('{').and_then(|rest| rest.strip_suffix('}')) {
            let (name, is_rest) = inner.strip_suffix('*').map_or((inner, false), |name| (name, true));
            let is_name = name.starts_with(|c: char| c.is_ascii_lowercase())
                && name
                    .bytes()
                    .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_');
            return match (is_name, is_rest) {
                (false, _) => Err(PathTemplateError::BadParameter),
                (true, false) => Ok(Self::One(name.to_owned())),
                (true, true) => Ok(Self::Rest(name.to_owned())),
            };
        }
        if segment.contains(['{', '}']) {
            return Err(PathTemplateError::BadParameter);
        }
        let alone = format!("/{segment}");
        let is_normal = !segment.is_empty() && path::normalise(&alone).is_ok_and(|normal| normal == alone);
        if is_normal {
            Ok(Self::Literal(segment.to_owned()))
        } else {
            Err(PathTemplateError::NotAPath)
        }
    }

    fn name(&self) -> Option<&str> {
        match self {
            Self::Literal(_) => None,
            Self::One(name) | Self::Rest(name) => Some(name),
        }
    }

    fn rank(&self) -> u8 {
        match self {
            Self::Literal(_) => 0,
            Self::One(_) => 1,
            Self::Rest(_) => 2,
        }
    }
}

/// Whether some path belongs to both.
fn overlap(a: &[Part], b: &[Part]) -> bool {
    match (a, b) {
        ([], []) => true,
        ([], _) | (_, []) => false,
        ([Part::Rest(_), ..], _) | (_, [Part::Rest(_), ..]) => true,
        ([Part::Literal(first), ..], [Part::Literal(other), ..]) if first != other => false,
        ([_, a @ ..], [_, b @ ..]) => overlap(a, b),
    }
}

/// Whether every path of `b` belongs to `a`.
fn covers(a: &[Part], b: &[Part]) -> bool {
    match (a, b) {
        ([], []) => true,
        ([], _) | (_, []) => false,
        ([Part::Rest(_), ..], _) => true,
        ([first, a @ ..], [other, b @ ..]) => {
            let includes = match (first, other) {
                (Part::Literal(own), Part::Literal(text)) => own == text,
                (Part::One(_), Part::Literal(_) | Part::One(_)) => true,
                (Part::Literal(_) | Part::One(_) | Part::Rest(_), _) => false,
            };
            includes && covers(a, b)
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn template(text: &str) -> PathTemplate {
        PathTemplate::parse(text).expect("a template")
    }

    #[test]
    fn grammar() {
        for good in ["/", "/sites", "/sites/{site}", "/v1/dav/{site}/{path*}", "/a%20b/{x_1}"] {
            assert_eq!(PathTemplate::parse(good).map(|t| t.text), Ok(good.to_owned()));
        }
        for (bad, error) in [
            ("", PathTemplateError::NotAPath),
            ("sites", PathTemplateError::NotAPath),
            ("/sites/", PathTemplateError::NotAPath),
            ("//sites", PathTemplateError::NotAPath),
            ("/a/../b", PathTemplateError::NotAPath),
            ("/a%2db", PathTemplateError::NotAPath),
            ("/a?b", PathTemplateError::NotAPath),
            ("/{Site}", PathTemplateError::BadParameter),
            ("/{}", PathTemplateError::BadParameter),
            ("/{*}", PathTemplateError::BadParameter),
            ("/x{site}", PathTemplateError::BadParameter),
            ("/{path*}/x", PathTemplateError::RestNotLast),
            ("/{a}/{a}", PathTemplateError::RepeatedParameter),
        ] {
            assert_eq!(PathTemplate::parse(bad), Err(error), "{bad}");
        }
    }

    #[test]
    fn parameters_have_values() {
        let backups = template("/sites/{site}/backups");
        let segments = ["sites", "blog.example", "backups"];
        assert!(backups.matches(&segments) && !backups.matches(&segments[..2]));
        assert_eq!(backups.value("site", &segments), Some("blog.example"));
        assert_eq!(backups.value("backup", &segments), None);
        let files = template("/dav/{site}/{path*}");
        assert!(files.matches(&["dav", "s", "a", "b"]) && !files.matches(&["dav", "s"]));
        assert!(files.has_parameter("site") && !files.has_parameter("path"));
    }

    #[test]
    fn clashes_are_overlaps_without_a_more_exact_one() {
        for (a, b) in [
            ("/sites/{site}", "/sites/{name}"),
            ("/a/{x}", "/{x}/b"),
            ("/{x}/b", "/a/{rest*}"),
            ("/a/{x*}", "/a/{y*}"),
        ] {
            assert!(
                template(a).clashes(&template(b)) && template(b).clashes(&template(a)),
                "{a} {b}"
            );
        }
        for (a, b) in [
            ("/sites/{site}", "/sites/all"),
            ("/sites/{site}", "/sites/{site}/files"),
            ("/a/{x}", "/b/{x}"),
            ("/a/{x*}", "/a/{x}/b"),
            ("/{x*}", "/"),
        ] {
            assert!(
                !template(a).clashes(&template(b)) && !template(b).clashes(&template(a)),
                "{a} {b}"
            );
        }
    }

    fn any_template() -> impl Strategy<Value = PathTemplate> {
        let part = prop::sample::select(vec!["a", "b", "{}", "{}"]);
        (prop::collection::vec(part, 0..4), any::<bool>()).prop_map(|(parts, has_rest)| {
            let mut text: String = parts
                .iter()
                .enumerate()
                .map(|(place, part)| {
                    if *part == "{}" {
                        format!("/{{p{place}}}")
                    } else {
                        format!("/{part}")
                    }
                })
                .collect();
            if has_rest || text.is_empty() {
                text.push_str("/{rest*}");
            }
            template(&text)
        })
    }

    proptest! {
        #[test]
        fn the_first_by_exactness_lies_inside_the_others(
            a in any_template(), b in any_template(), path in prop::collection::vec("[ab]", 0..5),
        ) {
            let segments: Vec<_> = path.iter().map(String::as_str).collect();
            if a.matches(&segments) && b.matches(&segments) {
                prop_assert!(overlap(&a.parts, &b.parts));
                if !a.clashes(&b) {
                    let (first, second) = if a.by_exactness(&b).is_lt() { (&a, &b) } else { (&b, &a) };
                    prop_assert!(covers(&second.parts, &first.parts));
                }
            }
            if covers(&a.parts, &b.parts) && b.matches(&segments) {
                prop_assert!(a.matches(&segments));
            }
        }
    }
}
