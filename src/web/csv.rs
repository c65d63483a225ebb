//! Tables as CSV (RFC 4180), safe to open in a spreadsheet.
//!
//! Knows no table: a page hands over rows of text.

use std::borrow::Cow;

use actix_web::{
    HttpResponse,
    http::header::{self, ContentDisposition, DispositionParam, DispositionType},
    web::Bytes,
};
use futures_util::{Stream, StreamExt};

use super::{error::WebError, exports::Turn};

/// Rows that are read from the database at once.
pub const BATCH: usize = 500;

/// One cell. A spreadsheet takes what begins with one of these for a formula, which could run programs or send the
/// table elsewhere; an apostrophe before it makes it text (ASVS 5.0 1.2.10). Some take the wide forms for the same.
fn cell(text: &str) -> Cow<'_, str> {
    if text.starts_with(['=', '+', '-', '@', '＝', '＋', '－', '＠', '\t', '\r', '\n', '\0']) {
        Cow::Owned(format!("'{text}"))
    } else {
        Cow::Borrowed(text)
    }
}

/// Rows as lines.
pub fn lines<Row: IntoIterator<Item = impl AsRef<str>>>(rows: impl IntoIterator<Item = Row>) -> Bytes {
    let mut writer = csv::WriterBuilder::new()
        .terminator(csv::Terminator::CRLF)
        .flexible(true)
        .from_writer(Vec::new());
    for row in rows {
        for text in row {
            writer
                .write_field(cell(text.as_ref()).as_bytes())
                .expect("writing to memory cannot fail");
        }
        writer
            .write_record(None::<&[u8]>)
            .expect("writing to memory cannot fail");
    }
    Bytes::from(writer.into_inner().expect("writing to memory cannot fail"))
}

/// A download that is read and sent a part at a time; its turn ends with it, also when whoever asked hangs up. `name` is
/// fixed by the page: nothing of it was typed by anybody.
pub fn download(name: &str, turn: Turn, parts: impl Stream<Item = Result<Bytes, WebError>> + 'static) -> HttpResponse {
    download_as(name, "text/csv; charset=utf-8; header=present", turn, parts)
}

/// The same for a file of another type.
pub fn download_as(
    name: &str,
    content_type: &str,
    turn: Turn,
    parts: impl Stream<Item = Result<Bytes, WebError>> + 'static,
) -> HttpResponse {
    HttpResponse::Ok()
        .content_type(content_type)
        .insert_header((
            header::CONTENT_DISPOSITION,
            ContentDisposition {
                disposition: DispositionType::Attachment,
                parameters: vec![DispositionParam::Filename(name.to_owned())],
            },
        ))
        .streaming(parts.inspect(move |_| {
            // So that the stream owns it.
            let _held = &turn;
        }))
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use futures_util::stream;

    use super::*;
    use crate::{
        domain::id::LoginId,
        web::exports::{EACH, Exports},
    };

    #[test]
    fn what_a_spreadsheet_would_run_is_text() {
        let rows = [
            vec!["=1+1", "+1", "-1", "@SUM(A1)", "\tx", "\rx", "\0x"],
            vec!["＝1", "＋1", "－1", "＠1"],
            vec!["a=1", "1-2", "x,y", "say \"hi\"", "two\nlines", "", "’=1"],
        ];
        let text = String::from_utf8(lines(rows).to_vec()).unwrap();
        assert_eq!(
            text,
            "'=1+1,'+1,'-1,'@SUM(A1),'\tx,\"'\rx\",'\0x\r\n\
             '＝1,'＋1,'－1,'＠1\r\n\
             a=1,1-2,\"x,y\",\"say \"\"hi\"\"\",\"two\nlines\",,’=1\r\n"
        );
    }

    #[test]
    fn a_download_keeps_its_turn_until_it_ends() {
        let exports = Arc::<Exports>::default();
        let turns = || {
            let taken: Vec<_> = (0..EACH).map_while(|_| exports.take(LoginId(1)).ok()).collect();
            taken.len()
        };
        let turn = exports.take(LoginId(1)).unwrap();
        let endless = stream::repeat_with(|| Ok(Bytes::from_static(b"a\r\n")));
        let download = download("a.csv", turn, endless);
        assert_eq!(turns(), EACH - 1);
        drop(download);
        assert_eq!(turns(), EACH);
    }

    #[test]
    fn a_row_with_one_empty_cell_is_still_a_row() {
        assert_eq!(lines([[""]]), "\"\"\r\n");
        assert_eq!(lines(Vec::<Vec<String>>::new()), "");
    }
}
