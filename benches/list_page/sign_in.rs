//! Signs in as a browser does, for a session cookie that the server made itself.

use std::{
    io::{Read, Write},
    net::TcpStream,
};

use crate::serve::PASSWORD;

/// The `Cookie` header of somebody who has just signed in.
pub(crate) fn cookie(address: &str, username: &str) -> String {
    let page = ask(address, "GET /sign-in HTTP/1.1\r\n", "");
    let visitor = set_cookie(&page, "latchkey-visitor=");
    let (_, rest) = page
        .split_once("name=\"form_token\" value=\"")
        .expect("the page has a form");
    let token = rest.split('"').next().unwrap_or_default();
    let body = form_urlencoded::Serializer::new(String::new())
        .extend_pairs([
            ("form_token", token),
            ("username", username),
            ("password", PASSWORD),
            ("next", ""),
        ])
        .finish();
    let head = format!(
        "POST /sign-in HTTP/1.1\r\nCookie: {visitor}\r\nOrigin: http://{address}\r\nContent-Length: {}\r\n\
         Content-Type: application/x-www-form-urlencoded\r\n",
        body.len()
    );
    set_cookie(&ask(address, &head, &body), "latchkey-session=")
}

fn ask(address: &str, head: &str, body: &str) -> String {
    let mut stream = TcpStream::connect(address).expect("the server accepts connections");
    let request = format!("{head}Host: {address}\r\nConnection: close\r\n\r\n{body}");
    stream.write_all(request.as_bytes()).expect("the server reads");
    let mut answer = String::new();
    stream.read_to_string(&mut answer).expect("the server answers");
    answer
}

fn set_cookie(answer: &str, beginning: &str) -> String {
    let start = answer
        .find(beginning)
        .unwrap_or_else(|| panic!("no cookie {beginning} in {answer}"));
    answer[start..].split([';', '\r']).next().unwrap_or_default().to_owned()
}
