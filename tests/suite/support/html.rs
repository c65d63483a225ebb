//! A strict reader of the HTML that we write ourselves: what is not closed, or closed twice, is a failed test.

/// An element with everything in it.
#[derive(Clone, Debug, Default)]
pub(crate) struct Element {
    /// Its name, in lower case.
    pub(crate) name: String,
    attributes: Vec<(String, String)>,
    children: Vec<Node>,
}

#[derive(Clone, Debug)]
enum Node {
    Element(Element),
    Text(String),
}

/// Elements that have no content and no end tag.
const VOID: &[&str] = &[
    "area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr",
];

/// Elements whose words do not run into those of their neighbours.
const INLINE: &[&str] = &[
    "a", "abbr", "b", "bdi", "code", "em", "i", "kbd", "mark", "small", "span", "strong", "sub", "sup", "time",
];

impl Element {
    /// The value of an attribute; `""` for one without a value.
    pub(crate) fn attribute(&self, name: &str) -> Option<&str> {
        self.attributes
            .iter()
            .find(|(present, _)| present == name)
            .map(|(_, value)| value.as_str())
    }

    /// Whether the attribute is there.
    pub(crate) fn has(&self, attribute: &str) -> bool {
        self.attribute(attribute).is_some()
    }

    /// Whether `class` is one of its classes.
    pub(crate) fn has_class(&self, class: &str) -> bool {
        self.attribute("class")
            .is_some_and(|classes| classes.split_whitespace().any(|one| one == class))
    }

    /// The elements directly in it.
    pub(crate) fn children(&self) -> impl Iterator<Item = &Element> {
        self.children.iter().filter_map(|node| {
            if let Node::Element(element) = node {
                Some(element)
            } else {
                None
            }
        })
    }

    /// Every element in it, at any depth, in the order of the text.
    pub(crate) fn descendants(&self) -> Vec<&Element> {
        let mut found = Vec::new();
        for child in self.children() {
            found.push(child);
            found.extend(child.descendants());
        }
        found
    }

    /// Every element in it with that name.
    pub(crate) fn all(&self, name: &str) -> Vec<&Element> {
        self.descendants()
            .into_iter()
            .filter(|element| element.name == name)
            .collect()
    }

    /// The element in it with that id.
    pub(crate) fn by_id(&self, id: &str) -> Option<&Element> {
        self.descendants()
            .into_iter()
            .find(|element| element.attribute("id") == Some(id))
    }

    /// The words a reader meets, with single blanks between them; not those of scripts and styles.
    pub(crate) fn text(&self) -> String {
        let mut raw = String::new();
        self.collect_text(&mut raw);
        raw.split_whitespace().collect::<Vec<_>>().join(" ")
    }

    /// The text exactly as it stands there, line breaks and all.
    pub(crate) fn raw_text(&self) -> String {
        let mut raw = String::new();
        self.collect_text(&mut raw);
        raw
    }

    fn collect_text(&self, into: &mut String) {
        for node in &self.children {
            match node {
                Node::Text(text) => into.push_str(text),
                Node::Element(element) if matches!(element.name.as_str(), "script" | "style" | "template") => {}
                Node::Element(element) => {
                    let apart = !INLINE.contains(&element.name.as_str());
                    if apart {
                        into.push(' ');
                    }
                    element.collect_text(into);
                    if apart {
                        into.push(' ');
                    }
                }
            }
        }
    }
}

/// Reads a document; an error says what is wrong with it, and near what.
pub(crate) fn parse(html: &str) -> Result<Element, String> {
    let mut open = vec![Element::default()];
    let mut rest = html;
    while let Some(at) = rest.find('<') {
        add(&mut open, Node::Text(decoded(&rest[..at])));
        rest = tag(&rest[at..], &mut open)?;
    }
    add(&mut open, Node::Text(decoded(rest)));
    match open.pop() {
        Some(document) if open.is_empty() => Ok(document),
        Some(element) => Err(format!("<{}> is never closed", element.name)),
        None => Err("more is closed than opened".to_owned()),
    }
}

fn add(open: &mut [Element], node: Node) {
    if let Some(innermost) = open.last_mut() {
        innermost.children.push(node);
    }
}

/// Reads the tag or comment at the start of `rest` and returns what follows it.
fn tag<'a>(rest: &'a str, open: &mut Vec<Element>) -> Result<&'a str, String> {
    let near = || rest.chars().take(40).collect::<String>();
    if let Some(comment) = rest.strip_prefix("<!--") {
        return comment
            .split_once("-->")
            .map(|(_, after)| after)
            .ok_or_else(|| format!("no end of comment: {}", near()));
    }
    if rest.starts_with("<!") {
        return rest
            .split_once('>')
            .map(|(_, after)| after)
            .ok_or_else(|| format!("no end of tag: {}", near()));
    }
    if let Some(end) = rest.strip_prefix("</") {
        let (name, after) = end
            .split_once('>')
            .ok_or_else(|| format!("no end of tag: {}", near()))?;
        let element = open
            .pop()
            .filter(|_| !open.is_empty())
            .ok_or_else(|| format!("</{name}> closes nothing"))?;
        if !element.name.eq_ignore_ascii_case(name.trim()) {
            return Err(format!("</{name}> closes <{}>", element.name));
        }
        add(open, Node::Element(element));
        return Ok(after);
    }
    let (element, closed, after) = start_tag(&rest[1..]).map_err(|wrong| format!("{wrong}: {}", near()))?;
    let name = element.name.clone();
    if closed || VOID.contains(&name.as_str()) {
        add(open, Node::Element(element));
        return Ok(after);
    }
    open.push(element);
    if matches!(name.as_str(), "script" | "style" | "textarea" | "title") {
        let end = after
            .find(&format!("</{name}"))
            .ok_or_else(|| format!("<{name}> is never closed"))?;
        let content = after[..end]
            .strip_prefix('\n')
            .filter(|_| name == "textarea")
            .unwrap_or(&after[..end]);
        add(open, Node::Text(decoded(content)));
        return Ok(&after[end..]);
    }
    Ok(after)
}

/// The element, whether it closes itself, and what follows its tag.
fn start_tag(tag: &str) -> Result<(Element, bool, &str), String> {
    let stops = |c: char| c.is_whitespace() || matches!(c, '>' | '/' | '=');
    let end = tag.find(stops).ok_or("no end of tag")?;
    let mut element = Element {
        name: tag[..end].to_ascii_lowercase(),
        ..Element::default()
    };
    if !element.name.starts_with(|c: char| c.is_ascii_alphabetic()) {
        return Err("a bare < in the text".to_owned());
    }
    let mut rest = tag[end..].trim_start();
    loop {
        if let Some(after) = rest.strip_prefix("/>") {
            return Ok((element, true, after));
        }
        if let Some(after) = rest.strip_prefix('>') {
            return Ok((element, false, after));
        }
        let end = rest
            .find(stops)
            .filter(|end| *end > 0)
            .ok_or("an attribute without a name")?;
        let name = rest[..end].to_ascii_lowercase();
        if element.has(&name) {
            return Err(format!("the attribute {name} twice"));
        }
        rest = rest[end..].trim_start();
        let mut value = String::new();
        if let Some(after) = rest.strip_prefix('=') {
            let quote = after
                .chars()
                .next()
                .filter(|c| matches!(c, '"' | '\''))
                .ok_or("a value without quotes")?;
            let (inside, after) = after[1..].split_once(quote).ok_or("a value that does not end")?;
            value = decoded(inside);
            rest = after.trim_start();
        }
        element.attributes.push((name, value));
    }
}

/// `text` with its character references replaced.
fn decoded(text: &str) -> String {
    let mut decoded = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find('&') {
        decoded.push_str(&rest[..at]);
        rest = &rest[at..];
        let reference = rest[1..]
            .split_once(';')
            .and_then(|(name, after)| Some((character(name)?, after)));
        if let Some((character, after)) = reference {
            decoded.push(character);
            rest = after;
        } else {
            decoded.push('&');
            rest = &rest[1..];
        }
    }
    decoded.push_str(rest);
    decoded
}

fn character(name: &str) -> Option<char> {
    if let Some(number) = name.strip_prefix('#') {
        let code = number
            .strip_prefix(['x', 'X'])
            .map_or_else(|| number.parse(), |hex| u32::from_str_radix(hex, 16));
        return char::from_u32(code.ok()?);
    }
    let known = [
        ("amp", '&'),
        ("lt", '<'),
        ("gt", '>'),
        ("quot", '"'),
        ("apos", '\''),
        ("nbsp", '\u{a0}'),
        ("hellip", '…'),
        ("ndash", '–'),
        ("mdash", '—'),
        ("middot", '·'),
        ("rarr", '→'),
        ("larr", '←'),
        ("times", '×'),
        ("copy", '©'),
        ("ldquo", '“'),
        ("rdquo", '”'),
        ("lsquo", '‘'),
        ("rsquo", '’'),
    ];
    known
        .iter()
        .find(|(known, _)| *known == name)
        .map(|(_, character)| *character)
}

mod tests {
    use super::parse;

    #[test]
    fn a_page_is_read() {
        let html = "<!doctype html><!-- <p> --><main ID=x class='a b'><h1>Fish &amp; <b>chi</b>ps&#39;&#x27;</h1>\
            <br><svg><use href=\"#i\"/></svg><textarea>\n1 < 2</textarea><script>if (a<b) {}</script><p>One</p><p>Two</p></main>";
        let fails = parse(html).expect_err("a value without quotes is refused");
        assert!(fails.contains("without quotes"), "{fails}");
        let page = parse(&html.replace("ID=x", "ID=\"x\"")).expect("it is well formed");
        let main = page.by_id("x").expect("it has that id");
        assert!(main.has_class("b") && !main.has_class("c") && !main.has("title"));
        assert_eq!(main.text(), "Fish & chips'' 1 < 2 One Two");
        assert_eq!(page.all("textarea")[0].raw_text(), "1 < 2");
        assert_eq!(page.all("use")[0].attribute("href"), Some("#i"));
        assert_eq!(main.children().count(), 7);
    }

    #[test]
    fn what_is_not_well_formed_is_refused() {
        for html in [
            "<p>",
            "<p></div></p>",
            "</p>",
            "<p",
            "<p a=\"1\" a=\"2\"></p>",
            "1 < 2",
            "<!--",
            "<p a=\"1></p>",
            "<title>x",
        ] {
            assert!(parse(html).is_err(), "{html}");
        }
    }
}
