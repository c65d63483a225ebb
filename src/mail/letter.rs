//! What a mail says, as plain text and as HTML. The text is the source: the HTML shows the same blocks.
//!
//! A template of a message gives its subject in the first line, and then blocks with an empty line between them. A block
//! whose lines all begin with `- ` is a list; one that is an address of the panel alone is a link.

use askama::Template;

/// A subject and a body in two forms.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Letter {
    /// The subject.
    pub subject: String,
    /// The body as plain text.
    pub text: String,
    /// The body as HTML.
    pub html: String,
}

#[derive(Template)]
#[template(path = "mail/layout.html")]
struct Page<'a> {
    subject: &'a str,
    company: &'a str,
    blocks: Vec<Block<'a>>,
}

enum Block<'a> {
    Paragraph(Vec<&'a str>),
    List(Vec<&'a str>),
    Link(&'a str),
}

impl Letter {
    /// Reads what a template gave. Only addresses below `panel` become links.
    pub(super) fn read(rendered: &str, company: &str, panel: &str) -> Self {
        let mut lines = rendered.trim().lines();
        let subject = lines.next().unwrap_or_default().trim().to_owned();
        let lines: Vec<&str> = lines.map(str::trim_end).collect();
        let mut paragraphs: Vec<Vec<&str>> = lines.split(|line| line.is_empty()).map(<[&str]>::to_vec).collect();
        paragraphs.retain(|lines| !lines.is_empty());
        let blocks = paragraphs.iter().map(|lines| block(lines, panel)).collect();
        let page = Page {
            subject: &subject,
            company,
            blocks,
        };
        let html = page.render().unwrap_or_default();
        let text = paragraphs.iter().map(|lines| lines.join("\n")).collect::<Vec<_>>();
        Self {
            text: format!("{}\n", text.join("\n\n")),
            html,
            subject,
        }
    }
}

fn block<'a>(lines: &[&'a str], panel: &str) -> Block<'a> {
    if let [line] = lines
        && line.strip_prefix(panel).is_some_and(|path| path.starts_with('/'))
        && !line.contains(char::is_whitespace)
    {
        return Block::Link(line);
    }
    let items: Option<Vec<&str>> = lines.iter().map(|line| line.strip_prefix("- ")).collect();
    match items {
        Some(items) => Block::List(items),
        None => Block::Paragraph(lines.to_vec()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_forms_say_the_same() {
        let rendered = "\nToken “<b>” is new\n\nHello priya,\n\n\n\n- When: now\n- Name: <b>\n\n\
                        https://panel.example/tokens/x\n\nhttps://evil.example/tokens/x\n";
        let letter = Letter::read(rendered, "Example & Co", "https://panel.example");
        assert_eq!(letter.subject, "Token “<b>” is new");
        assert_eq!(
            letter.text,
            "Hello priya,\n\n- When: now\n- Name: <b>\n\nhttps://panel.example/tokens/x\n\nhttps://evil.example/tokens/x\n"
        );
        assert!(letter.html.contains("<li>Name: &#60;b&#62;</li>"), "{}", letter.html);
        assert!(letter.html.contains("Example &#38; Co") && !letter.html.contains("<b>"));
        assert_eq!(letter.html.matches("href=").count(), 1);
        assert!(letter.html.contains("href=\"https://panel.example/tokens/x\""));
    }
}
