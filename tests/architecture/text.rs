//! What the rules need to read program texts: Rust with its comments and strings blanked, and words in a line.

/// `text` with every comment, string and character literal replaced by blanks. Lines and columns stay as they are, so
/// that a finding can name its line.
pub(crate) fn code_only(text: &str) -> String {
    let mut code = String::with_capacity(text.len());
    let mut rest = text;
    while !rest.is_empty() {
        let blanked = literal_or_comment(rest, code.chars().next_back());
        if blanked > 0 {
            code.extend(rest[..blanked].chars().map(|c| if c == '\n' { c } else { ' ' }));
            rest = &rest[blanked..];
        } else {
            let first = rest.chars().next().expect("the rest is not empty");
            code.push(first);
            rest = &rest[first.len_utf8()..];
        }
    }
    code
}

/// The code of `text` without its module of unit tests, which by the house's custom ends the file.
pub(crate) fn code_without_tests(text: &str) -> String {
    let mut code = code_only(text);
    if let Some(start) = code.find("#[cfg(test)]\nmod ") {
        code.truncate(start);
    }
    code
}

/// Every place where `word` stands in `line` with no letter, digit or underscore beside it.
pub(crate) fn has_word(line: &str, word: &str) -> bool {
    line.match_indices(word).any(|(at, _)| {
        !line[..at].chars().next_back().is_some_and(is_word)
            && !line[at + word.len()..].chars().next().is_some_and(is_word)
    })
}

/// Whether `c` can stand in an identifier.
pub(crate) fn is_word(c: char) -> bool {
    c.is_alphanumeric() || c == '_'
}

/// The lines of `text` numbered from 1.
pub(crate) fn numbered(text: &str) -> impl Iterator<Item = (usize, &str)> {
    text.lines().enumerate().map(|(index, line)| (index + 1, line))
}

/// How many bytes at the start of `rest` are a comment or a literal; 0 if none starts here.
fn literal_or_comment(rest: &str, before: Option<char>) -> usize {
    if rest.starts_with("//") {
        return rest.find('\n').unwrap_or(rest.len());
    }
    if rest.starts_with("/*") {
        return block_comment(rest);
    }
    if rest.starts_with('"') {
        return quoted(rest);
    }
    if rest.starts_with('r') && !before.is_some_and(|c| is_word(c) && c != 'b') {
        return raw_string(rest);
    }
    if rest.starts_with('\'') { character(rest) } else { 0 }
}

fn block_comment(rest: &str) -> usize {
    let (mut depth, mut at) = (0_usize, 0);
    while at < rest.len() {
        if rest[at..].starts_with("/*") {
            depth += 1;
            at += 2;
        } else if rest[at..].starts_with("*/") {
            depth -= 1;
            at += 2;
            if depth == 0 {
                return at;
            }
        } else {
            at += rest[at..].chars().next().map_or(1, char::len_utf8);
        }
    }
    rest.len()
}

fn quoted(rest: &str) -> usize {
    let mut escaped = false;
    for (at, c) in rest.char_indices().skip(1) {
        match c {
            '"' if !escaped => return at + 1,
            '\\' => escaped = !escaped,
            _ => escaped = false,
        }
    }
    rest.len()
}

fn raw_string(rest: &str) -> usize {
    let hashes = rest[1..].chars().take_while(|c| *c == '#').count();
    if !rest[1 + hashes..].starts_with('"') {
        return 0;
    }
    let end = format!("\"{}", "#".repeat(hashes));
    rest[2 + hashes..]
        .find(&end)
        .map_or(rest.len(), |at| 2 + hashes + at + end.len())
}

/// A character literal, and not a lifetime: it closes after one character, or after an escape.
fn character(rest: &str) -> usize {
    let inner = &rest[1..];
    if let Some(escape) = inner.strip_prefix('\\') {
        return escape
            .char_indices()
            .skip(1)
            .find(|(_, c)| *c == '\'')
            .map_or(0, |(at, _)| at + 3);
    }
    let Some(first) = inner.chars().next() else { return 0 };
    if inner[first.len_utf8()..].starts_with('\'') {
        first.len_utf8() + 2
    } else {
        0
    }
}

#[test]
fn comments_and_literals_are_blanked_and_code_stays() {
    let cases = [
        ("a // b\nc", "a     \nc"),
        ("a /* b /* c */ d */ e", "a                   e"),
        (r#"f("x\"y", 1)"#, "f(      , 1)"),
        (r##"f(r#"x"y"#)"##, "f(        )"),
        ("for r in 0..1", "for r in 0..1"),
        ("let c = '\"'; d", "let c =    ; d"),
        (r"let c = '\''; d", "let c =     ; d"),
        ("fn f<'a>(x: &'a str)", "fn f<'a>(x: &'a str)"),
    ];
    for (text, code) in cases {
        assert_eq!(code_only(text), code, "{text}");
    }
}

#[test]
fn unit_tests_are_cut_off() {
    assert_eq!(
        code_without_tests("fn a() {}\n#[cfg(test)]\nmod tests {}\n"),
        "fn a() {}\n"
    );
}

#[test]
fn a_word_is_found_only_whole() {
    assert!(has_word("use diesel::prelude;", "diesel"));
    assert!(!has_word("let diesel_like = 1;", "diesel"));
}
