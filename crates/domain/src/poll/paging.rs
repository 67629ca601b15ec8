//! How a list goes on behind its first page.

use super::page::PageError;
use crate::json::{self, Pointer};
use crate::reading::Table;
use serde::{Deserialize, Serialize};

/// How a provider continues its list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Paging {
    /// The id of a page's last item is sent back; a flag says whether there is more (Stripe).
    LastId { param: String, more: Pointer },
    /// The answer holds a cursor to send back; without one the list is over (GoCardless, Svix).
    Cursor { param: String, from: Pointer },
    /// The answer holds the next page's address; without one the list is over (Paddle, Recurly).
    NextUrl { from: Pointer },
}

#[derive(Clone, Copy)]
enum Kind {
    LastId,
    Cursor,
    NextUrl,
}

/// Where to go on reading a list. It may be stored, and used by another process later.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Continuation {
    /// One more parameter beside those of the first page.
    Param {
        /// Its name.
        name: String,
        /// Its value.
        value: String,
    },
    /// Path and query behind the API's base URL, in place of those of the first page.
    Path(String),
}

/// How a page ends.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum End {
    /// With the item of this id.
    Item(String),
    /// With an item that has no id.
    Odd,
    /// There is nothing on it.
    Empty,
}

impl Paging {
    const KINDS: [(&'static str, Kind); 3] =
        [("last_id", Kind::LastId), ("cursor", Kind::Cursor), ("next_url", Kind::NextUrl)];

    pub(super) fn read(table: &mut Table<'_>) -> Option<Self> {
        Some(match table.one_of("kind", &Self::KINDS)? {
            Kind::LastId => {
                let (param, more) = (table.string("param"), pointer(table, "more"));
                Self::LastId { param: param?, more: more? }
            }
            Kind::Cursor => {
                let (param, from) = (table.string("param"), pointer(table, "from"));
                Self::Cursor { param: param?, from: from? }
            }
            Kind::NextUrl => Self::NextUrl { from: pointer(table, "from")? },
        })
    }

    /// Where the list goes on behind this page; `None` at its end.
    pub(super) fn next(
        &self,
        body: &[u8],
        end: End,
        base_url: &str,
    ) -> Result<Option<Continuation>, PageError> {
        match self {
            Self::LastId { param, more } => match scalar(body, more).as_deref() {
                Some("false") => Ok(None),
                Some("true") => match end {
                    End::Item(id) => Ok(Some(Continuation::param(param, id))),
                    End::Odd => Err(PageError::LastOdd),
                    End::Empty => Err(PageError::MoreOfNothing),
                },
                _ => Err(PageError::EndUnclear),
            },
            Self::Cursor { param, from } => {
                let cursor = scalar(body, from).filter(|cursor| !cursor.is_empty());
                Ok(cursor.map(|cursor| Continuation::param(param, cursor)))
            }
            Self::NextUrl { from } => {
                let url = scalar(body, from).filter(|url| !url.is_empty());
                url.map(|url| Continuation::within(base_url, &url)).transpose()
            }
        }
    }
}

impl Continuation {
    fn param(name: &str, value: String) -> Self {
        Self::Param { name: name.to_owned(), value }
    }

    /// The API key goes where this leads, so it must not lead away: what is kept of the address is
    /// only what stands behind the base URL.
    fn within(base_url: &str, url: &str) -> Result<Self, PageError> {
        let path = if url.starts_with('/') { Some(url) } else { url.strip_prefix(base_url) };
        let path = path.filter(|path| path.starts_with('/'));
        let path = path.filter(|path| {
            path.bytes().all(|byte| byte.is_ascii_graphic() && !b"#\\@".contains(&byte))
        });
        path.map(|path| Self::Path(path.to_owned())).ok_or(PageError::LeadsAway)
    }
}

fn scalar(body: &[u8], pointer: &Pointer) -> Option<String> {
    json::pick(body, &[pointer])?.pop().flatten()
}

/// A JSON pointer; `None` after reporting what is wrong.
pub(super) fn pointer(table: &mut Table<'_>, key: &'static str) -> Option<Pointer> {
    let line = table.line_of(key);
    let text = table.string(key)?;
    let pointer = Pointer::parse(&text);
    if pointer.is_none() {
        table.problem_on_line(
            line,
            format!("`{key}` must be a JSON pointer like \"/data\", not {text:?}"),
        );
    }
    pointer
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::reading::read;

    const BASE: &str = "https://api.acme.example/v2";

    fn next(paging: &str, body: &str) -> Result<Option<Continuation>, PageError> {
        let paging = read(paging, Paging::read).expect("valid paging");
        paging.next(body.as_bytes(), End::Item("b".to_owned()), BASE)
    }

    #[test]
    fn the_last_id_goes_back_while_there_is_more() {
        let paging = "kind = \"last_id\"\nparam = \"starting_after\"\nmore = \"/has_more\"\n";
        let after_b = Continuation::param("starting_after", "b".to_owned());
        assert_eq!(next(paging, r#"{"has_more":true}"#), Ok(Some(after_b)));
        assert_eq!(next(paging, r#"{"has_more":false}"#), Ok(None));
        for unclear in ["{}", r#"{"has_more":null}"#, r#"{"has_more":"yes"}"#, r#"{"has_more":1}"#]
        {
            assert_eq!(next(paging, unclear), Err(PageError::EndUnclear), "{unclear}");
        }
        let paging = read(paging, Paging::read).expect("valid");
        let nothing = paging.next(br#"{"has_more":true}"#, End::Empty, BASE);
        assert_eq!(nothing, Err(PageError::MoreOfNothing));
    }

    #[test]
    fn a_cursor_goes_back_while_there_is_one() {
        let paging = "kind = \"cursor\"\nparam = \"after\"\nfrom = \"/meta/after\"\n";
        let expected = Continuation::param("after", "c1".to_owned());
        assert_eq!(next(paging, r#"{"meta":{"after":"c1"}}"#), Ok(Some(expected)));
        for end in ["{}", r#"{"meta":{"after":null}}"#, r#"{"meta":{"after":""}}"#] {
            assert_eq!(next(paging, end), Ok(None), "{end}");
        }
    }

    #[test]
    fn a_next_address_never_leads_away() {
        let paging = "kind = \"next_url\"\nfrom = \"/next\"\n";
        let with = |url: &str| next(paging, &format!("{{\"next\":{url:?}}}"));
        let path = Continuation::Path("/events?after=1".to_owned());
        assert_eq!(with("https://api.acme.example/v2/events?after=1"), Ok(Some(path.clone())));
        assert_eq!(with("/events?after=1"), Ok(Some(path)));
        assert_eq!(with(""), Ok(None));
        for url in [
            "https://evil.example/v2/events",
            "http://api.acme.example/v2/events",
            "https://api.acme.example/v2.evil.example/",
            "https://api.acme.example/v2@evil.example/",
            "https://api.acme.example/v2",
            "/events#@evil.example",
            "/\\evil.example",
            "/a b",
            "events",
        ] {
            assert_eq!(with(url), Err(PageError::LeadsAway), "{url}");
        }
    }

    #[test]
    fn wrong_paging_names_the_line() {
        let text = "kind = \"last_id\"\nparam = \"p\"\nmore = \"has_more\"\n";
        let found = read(text, Paging::read).expect_err("a problem").to_string();
        assert!(found.contains("line 3: `more` must be a JSON pointer"), "{found}");
    }
}
