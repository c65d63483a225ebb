//! A browser without a screen: keeps cookies, says where a request came from, and sends only forms that were served.

use std::{
    net::SocketAddr,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use crate::support::{PASSWORD, Page, Request};

/// One visitor's browser. A clone is another window of the same one: it shares the cookies.
#[derive(Clone, Debug)]
pub(crate) struct Browser {
    server: SocketAddr,
    origin: String,
    forwarded_for: Option<String>,
    jar: Arc<Mutex<Vec<(String, String)>>>,
}

impl Browser {
    /// A browser with no cookies that visits `server`.
    pub(crate) fn new(server: SocketAddr) -> Self {
        Self {
            server,
            origin: format!("http://{server}"),
            forwarded_for: None,
            jar: Arc::default(),
        }
    }

    /// The same window as a proxy would pass it on for a visitor at `address`.
    pub(crate) fn at_address(mut self, address: &str) -> Self {
        self.forwarded_for = Some(address.to_owned());
        self
    }

    /// Another browser, with no cookies, that visits the same server.
    pub(crate) fn apart(&self) -> Self {
        Self::new(self.server)
    }

    /// The server's address as a browser shows it, `http://127.0.0.1:1234`.
    pub(crate) fn origin(&self) -> &str {
        &self.origin
    }

    /// The value of a cookie that it holds.
    pub(crate) fn cookie(&self, name: &str) -> Option<String> {
        self.jar()
            .iter()
            .find(|(present, _)| present == name)
            .map(|(_, value)| value.clone())
    }

    /// Puts a cookie into the jar, or takes it out with an empty value: what another program on the machine could do.
    pub(crate) fn set_cookie(&self, name: &str, value: &str) {
        let mut jar = self.jar();
        jar.retain(|(present, _)| present != name);
        if !value.is_empty() {
            jar.push((name.to_owned(), value.to_owned()));
        }
    }

    /// Opens a path as if it had been typed into the address bar.
    pub(crate) fn get(&self, path: &str) -> Page {
        self.send(&self.request("GET", path).header("Sec-Fetch-Site", "none"))
    }

    /// Opens a path as if a link on one of the server's own pages had been followed.
    pub(crate) fn follow(&self, path: &str) -> Page {
        self.send(&self.request("GET", path))
    }

    /// A request as this browser would send it from one of the server's own pages, to be changed before it is sent.
    pub(crate) fn request(&self, method: &str, path: &str) -> Request {
        let mut request = Request::new(method, path)
            .header("User-Agent", "Mozilla/5.0 (X11; Linux x86_64) Latchkey-Tests/1.0")
            .header("Accept", "text/html,application/xhtml+xml;q=0.9,*/*;q=0.8")
            .header("Sec-Fetch-Site", "same-origin")
            .header("Sec-Fetch-Mode", "navigate")
            .header("Sec-Fetch-Dest", "document");
        if method != "GET" && method != "HEAD" {
            request = request.header("Origin", &self.origin);
        }
        if let Some(address) = &self.forwarded_for {
            request = request.header("X-Forwarded-For", address);
        }
        let cookies: Vec<String> = self
            .jar()
            .iter()
            .map(|(name, value)| format!("{name}={value}"))
            .collect();
        if cookies.is_empty() {
            request
        } else {
            request.header("Cookie", &cookies.join("; "))
        }
    }

    /// The request that a form with these encoded fields sends.
    pub(crate) fn form_request(&self, method: &str, action: &str, encoded: &str) -> Request {
        if method == "GET" {
            let path = action.split('?').next().unwrap_or(action);
            return self.request(method, &format!("{path}?{encoded}"));
        }
        self.request(method, action)
            .body("application/x-www-form-urlencoded", encoded)
    }

    /// Sends a request and keeps the cookies that come back. Redirections are not followed: see [`Page::follow`].
    pub(crate) fn send(&self, request: &Request) -> Page {
        let response = request.send(self.server);
        for line in response.headers_named("Set-Cookie") {
            let (pair, attributes) = line.split_once(';').unwrap_or((line, ""));
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            let ended = attributes
                .split(';')
                .any(|attribute| attribute.trim().eq_ignore_ascii_case("Max-Age=0"));
            self.set_cookie(name.trim(), if ended { "" } else { value.trim() });
        }
        Page::read(self, request.target(), response)
    }

    /// Signs in with the password of everybody whom a test makes; panics when that fails.
    pub(crate) fn sign_in(&self, username: &str) -> Page {
        let form = self.get("/sign-in").expect(200).form("/sign-in");
        let form = form.fill("username", username).fill("password", PASSWORD);
        form.submit("Sign in").expect(303)
    }

    fn jar(&self) -> MutexGuard<'_, Vec<(String, String)>> {
        self.jar.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

mod tests {
    use crate::support::{Browser, responder::Responder};

    const FORM: &str = "<!doctype html><title>Make – Panel</title><body><h1>Make</h1>\
        <div class=\"errsum\"><ul><li><a href=\"#name\">Enter a name</a></li></ul></div>\
        <form method=\"post\" action=\"/tokens?step=2\" id=\"f\">\
        <input type=\"hidden\" name=\"csrf\" value=\"a&amp;b\"><input id=\"name\" name=\"name\" value=\"old\">\
        <input type=\"checkbox\" name=\"scope\" value=\"a\" checked><input type=\"checkbox\" name=\"scope\" value=\"b\">\
        <input type=\"radio\" name=\"days\" value=\"30\" checked><input type=\"radio\" name=\"days\" value=\"90\">\
        <select name=\"zone\"><option value=\"UTC\">UTC</option><option selected>IST</option></select>\
        <textarea name=\"note\">\nx\ny</textarea><fieldset disabled><input name=\"off\" value=\"1\"></fieldset>\
        <button>Go</button><button name=\"how\" value=\"fast\" formaction=\"/fast\">Go fast</button></form>\
        <input name=\"outside\" form=\"f\" value=\"o\"><table><tbody><tr><th>r</th><td>1 <b>2</b></td></tr></tbody></table>\
        <form action=\"/find\"><input name=\"q\"><button>Find</button></form><a href=\"?page=2\">Next</a></body>";

    #[test]
    fn a_form_goes_back_as_it_was_served_and_filled() {
        let server = Responder::pages(&[
            (200, "Set-Cookie: s=1; Path=/; HttpOnly\r\n", FORM),
            (303, "Location: /done\r\n", ""),
            (200, "", ""),
        ]);
        let browser = Browser::new(server.address()).at_address("203.0.113.24");
        let page = browser.get("/tokens/new?a=1").expect(200);
        assert_eq!(page.cookies_set(), ["s=1; Path=/; HttpOnly"]);
        let form = page
            .form("/tokens")
            .fill("name", "Backup")
            .check("scope", "b")
            .uncheck("scope", "a")
            .fill("days", "90");
        assert_eq!(
            (form.values("days"), form.values("zone"), form.choices("scope")),
            (vec!["90"], vec!["IST"], vec!["a", "b"])
        );
        assert!(form.offers("note") && !form.offers("off"));
        let form = form.fill("zone", "UTC").forge("extra", "1").drop_field("outside");
        let done = form.submit("Go").follow().expect(200);
        assert_eq!((done.path(), browser.cookie("s").as_deref()), ("/done", Some("1")));
        let sent = server.received();
        assert!(
            sent[0].contains("Sec-Fetch-Site: none") && !sent[0].contains("Origin:") && !sent[0].contains("Cookie:")
        );
        assert!(
            sent[1].starts_with("POST /tokens?step=2 ") && sent[1].contains("Cookie: s=1\r\n"),
            "{}",
            sent[1]
        );
        assert!(
            sent[1].contains(&format!("Origin: {}\r\n", browser.origin()))
                && sent[1].contains("X-Forwarded-For: 203.0.113.24")
        );
        let body = "csrf=a%26b&name=Backup&scope=b&days=90&zone=UTC&note=x%0D%0Ay&extra=1";
        assert!(sent[1].ends_with(&format!("\r\n\r\n{body}")), "{}", sent[1]);
        assert!(sent[2].contains("Sec-Fetch-Site: same-origin"), "{}", sent[2]);
    }

    #[test]
    fn a_button_brings_its_own_field_and_target_and_a_search_goes_by_get() {
        let ended = "Set-Cookie: a=; Path=/; Max-Age=0\r\n";
        let server = Responder::pages(&[(200, "", FORM), (200, "", ""), (200, ended, ""), (200, "", "")]);
        let browser = Browser::new(server.address());
        browser.set_cookie("a", "1");
        let page = browser.get("/new?page=1");
        page.form("/tokens").submit("Go fast");
        page.form("/find").fill("q", "a b").submit("");
        page.click("Next");
        assert_eq!(browser.cookie("a"), None);
        let sent = server.received();
        assert!(
            sent[1].starts_with("POST /fast ") && sent[1].ends_with("&outside=o&how=fast"),
            "{}",
            sent[1]
        );
        assert!(sent[2].starts_with("GET /find?q=a+b ") && sent[3].starts_with("GET /new?page=2 "));
    }

    #[test]
    fn a_page_is_read_as_a_person_would() {
        let server = Responder::pages(&[(422, "X-A: 1\r\n", FORM)]);
        let page = Browser::new(server.address()).get("/new").expect(422);
        assert_eq!(
            (page.title().as_str(), page.heading().as_str()),
            ("Make – Panel", "Make")
        );
        assert_eq!(page.errors(), [("name".to_owned(), "Enter a name".to_owned())]);
        assert_eq!(page.error_words(), ["Enter a name"]);
        assert_eq!(page.rows(), [["r", "1 2"]]);
        assert!(page.has("Go fast") && !page.has("Panel") && page.body().starts_with("<!doctype"));
        assert_eq!(
            (page.header("x-a"), page.link("Away"), page.document().all("form").len()),
            (Some("1"), None, 2)
        );
    }

    #[test]
    #[should_panic(expected = "no control `color`")]
    fn what_is_not_in_the_form_cannot_be_filled() {
        let server = Responder::pages(&[(200, "", FORM)]);
        let _ = Browser::new(server.address())
            .get("/new")
            .form("/tokens")
            .fill("color", "red");
    }

    #[test]
    #[should_panic(expected = "leads away")]
    fn a_redirection_to_another_server_is_not_followed() {
        let server = Responder::pages(&[(303, "Location: //evil.example/\r\n", "")]);
        Browser::new(server.address()).get("/").follow();
    }
}
