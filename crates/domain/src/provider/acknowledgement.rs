//! What a provider is answered when its events are stored: 200 and `ok`, unless it insists on a
//! certain text or takes any for a message to somebody.

use super::Reply;
use crate::reading::Table;

/// The answer to every accepted request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Acknowledgement {
    status: u16,
    content_type: String,
    text: String,
}

impl Default for Acknowledgement {
    fn default() -> Self {
        Self { status: 200, content_type: "text/plain".to_owned(), text: "ok".to_owned() }
    }
}

impl Acknowledgement {
    /// Reads a `[reply]` table; without `text` the answer has no body.
    pub(super) fn read(table: &mut Table<'_>) -> Self {
        let status = table.optional_integer("status", 200..=299).unwrap_or(200);
        Self {
            status: u16::try_from(status).unwrap_or(200),
            content_type: table
                .optional_string("content_type")
                .unwrap_or_else(|| "text/plain".to_owned()),
            text: table.optional_string("text").unwrap_or_default(),
        }
    }

    pub(super) fn reply(&self) -> Reply {
        let headers = vec![("content-type".to_owned(), self.content_type.clone())];
        Reply { status: self.status, headers, body: self.text.clone().into_bytes(), visit: None }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::reading::read;

    #[test]
    fn a_text_of_its_own_or_none() {
        let reply = |text: &str| {
            read(text, |root| Some(Acknowledgement::read(root))).expect("valid").reply()
        };
        assert_eq!(reply("text = \"Hello\"").body, b"Hello");
        let empty = reply("status = 204\ncontent_type = \"text/xml\"");
        assert_eq!((empty.status, empty.body.as_slice()), (204, &b""[..]));
        assert_eq!(empty.headers, [("content-type".to_owned(), "text/xml".to_owned())]);
        assert_eq!(Acknowledgement::default().reply().body, b"ok");
    }
}
