//! How a provider lists its events: the `[list]` table of a definition.

use super::paging::{Continuation, Paging, pointer};
use super::request::{ApiRequest, Auth, query};
use super::window::Window;
use crate::json::Pointer;
use crate::moment::Unit;
use crate::reading::Table;
use crate::time::{Span, Timestamp};

/// In which order a list comes. Nothing depends on it: a window is read whole or not at all.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Order {
    /// The newest event first.
    Newest,
    /// The oldest event first.
    Oldest,
    /// Not promised.
    #[default]
    Unknown,
}

/// A provider's list of events, and how to read it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Listing {
    base_url: String,
    path: String,
    query: Vec<(String, Template)>,
    headers: Vec<(String, String)>,
    auth: Auth,
    pub(super) items: Pointer,
    pub(super) id: Pointer,
    pub(super) time: Pointer,
    pub(super) time_unit: Unit,
    pub(super) paging: Paging,
    order: Order,
    retention: Span,
    max_pages: u32,
}

/// A value of the query.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Template {
    Text(String),
    Start(Unit),
    End(Unit),
}

/// A list longer than this is no list of a window any more.
const MAX_PAGES: i64 = 10_000;

impl Listing {
    /// Reads a `[list]` table; `None` after reporting what is wrong.
    pub(crate) fn read(table: &mut Table<'_>) -> Option<Self> {
        let base_url = read_base_url(table);
        let path = read_path(table);
        let mut texts = Vec::new();
        let line = table.line_of("query");
        if let Some(mut inner) = table.table("query") {
            texts = inner.texts();
            inner.finish();
        }
        let mut headers = Vec::new();
        if let Some(mut inner) = table.table("headers") {
            headers = inner.texts();
            inner.finish();
        }
        let auth = table.one_of("auth", &Auth::WORDS);
        let items = pointer(table, "items");
        let id = pointer(table, "id");
        let time = pointer(table, "time");
        let time_unit = table.optional_one_of("time_unit", &Unit::WORDS).unwrap_or_default();
        let paging = table.required_table("paging").and_then(|mut inner| {
            let paging = Paging::read(&mut inner);
            inner.finish();
            paging
        });
        let words =
            [("newest", Order::Newest), ("oldest", Order::Oldest), ("unknown", Order::Unknown)];
        let order = table.optional_one_of("order", &words).unwrap_or_default();
        let retention = table.span("retention");
        let max_pages = table.optional_integer("max_pages", 1..=MAX_PAGES).unwrap_or(MAX_PAGES);
        let query: Vec<(String, Template)> = texts
            .into_iter()
            .map(|(name, text)| (name, Template::parse(text, time_unit)))
            .collect();
        if !query.iter().any(|(_, value)| matches!(value, Template::Start(_))) {
            table.problem_on_line(line, "`query` must say from when on to list, with \"{start}\"");
            return None;
        }
        Some(Self {
            base_url: base_url?,
            path: path?,
            query,
            headers,
            auth: auth?,
            items: items?,
            id: id?,
            time: time?,
            time_unit,
            paging: paging?,
            order,
            retention: retention?,
            max_pages: u32::try_from(max_pages).unwrap_or(1),
        })
    }

    /// The request for a window's first page, or for the one that a continuation leads to, at
    /// `base_url` (the definition's, where `None`).
    pub fn request(
        &self,
        base_url: Option<&str>,
        window: &Window,
        at: Option<&Continuation>,
    ) -> ApiRequest {
        let base = self.base_url(base_url);
        let url = match at {
            Some(Continuation::Path(path)) => format!("{base}{path}"),
            Some(Continuation::Param { name, value }) => {
                format!("{base}{}{}", self.path, self.query(window, Some((name, value))))
            }
            None => format!("{base}{}{}", self.path, self.query(window, None)),
        };
        ApiRequest { url, headers: self.headers.clone(), auth: self.auth }
    }

    fn query(&self, window: &Window, more: Option<(&str, &str)>) -> String {
        let filled: Vec<(&str, String)> =
            self.query.iter().map(|(name, value)| (name.as_str(), value.fill(window))).collect();
        query(filled.iter().map(|(name, value)| (*name, value.as_str())).chain(more))
    }

    /// The API's base URL without a trailing slash: the given one, or else the definition's.
    pub fn base_url<'u>(&'u self, given: Option<&'u str>) -> &'u str {
        given.unwrap_or(&self.base_url).trim_end_matches('/')
    }

    /// In which order the events come.
    pub fn order(&self) -> Order {
        self.order
    }

    /// For how long the provider lists an event.
    pub fn retention(&self) -> Span {
        self.retention
    }

    /// More pages than this in one window are taken for a list without end.
    pub fn max_pages(&self) -> u32 {
        self.max_pages
    }
}

impl Template {
    fn parse(text: String, unit: Unit) -> Self {
        match text.as_str() {
            "{start}" => Self::Start(unit),
            "{end}" => Self::End(unit),
            _ => Self::Text(text),
        }
    }

    fn fill(&self, window: &Window) -> String {
        let write = |unit: &Unit, point: Timestamp| unit.write(point);
        match self {
            Self::Text(text) => text.clone(),
            Self::Start(unit) => write(unit, window.start),
            Self::End(unit) => write(unit, window.end),
        }
    }
}

/// The API key goes there: encrypted, and to nowhere but the host that is named.
fn read_base_url(table: &mut Table<'_>) -> Option<String> {
    let line = table.line_of("base_url");
    let url = table.string("base_url")?;
    let host = url.strip_prefix("https://").unwrap_or_default();
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b".-:/_".contains(&byte);
    if host.is_empty() || !host.bytes().all(plain) {
        table.problem_on_line(
            line,
            "`base_url` must be https:// and a host, without user, query and fragment",
        );
        return None;
    }
    Some(url)
}

fn read_path(table: &mut Table<'_>) -> Option<String> {
    let line = table.line_of("path");
    let path = table.string("path")?;
    let plain = |byte: u8| byte.is_ascii_graphic() && !b"?#\\@".contains(&byte);
    if !path.starts_with('/') || !path.bytes().all(plain) {
        table.problem_on_line(line, "`path` must begin with a slash and hold no query");
        return None;
    }
    Some(path)
}

#[cfg(test)]
pub(in crate::poll) mod tests {
    use super::*;
    use crate::reading::read;

    const ACME: &str = r#"
base_url = "https://api.acme.example/"
path = "/v1/events"
query = { limit = "100", "created[gte]" = "{start}", "created[lte]" = "{end}" }
headers = { Acme-Version = "3" }
auth = "bearer"
items = "/data"
id = "/id"
time = "/created"
paging = { kind = "last_id", param = "after", more = "/has_more" }
order = "newest"
retention = "30d"
"#;

    pub(in crate::poll) fn acme() -> Listing {
        read(ACME, Listing::read).expect("valid")
    }

    fn window() -> Window {
        Window {
            start: Timestamp::from_millis(1_000_999),
            end: Timestamp::from_millis(2_000_999),
            opened_at: Timestamp::from_secs(2060),
        }
    }

    #[test]
    fn requests() {
        let listing = acme();
        let first = listing.request(None, &window(), None);
        let expected = "https://api.acme.example/v1/events\
                        ?created%5Bgte%5D=1000&created%5Blte%5D=2000&limit=100";
        assert_eq!(first.url, expected);
        assert_eq!(first.headers, [("Acme-Version".to_owned(), "3".to_owned())]);
        let after = Continuation::Param { name: "after".to_owned(), value: "e 1".to_owned() };
        let second = listing.request(None, &window(), Some(&after));
        assert_eq!(second.url, format!("{expected}&after=e%201"));
        let path = Continuation::Path("/v1/events?page=2".to_owned());
        let elsewhere = listing.request(Some("http://127.0.0.1:8420/"), &window(), Some(&path));
        assert_eq!(elsewhere.url, "http://127.0.0.1:8420/v1/events?page=2");
    }

    #[test]
    fn problems_of_every_part_are_listed_together() {
        let text = ACME
            .replace("https://api.acme.example/", "http://key@api.acme.example")
            .replace("{start}", "start")
            .replace("/v1/events", "v1")
            .replace("\"/data\"", "\"data\"")
            .replace("bearer", "basik");
        let found = read(&text, Listing::read).expect_err("problems").to_string();
        for expected in [
            "line 2: `base_url` must be https://",
            "line 3: `path` must begin with a slash",
            "line 4: `query` must say from when on",
            "line 6: `auth` must be one of bearer",
            "line 7: `items` must be a JSON pointer",
        ] {
            assert!(found.contains(expected), "missing {expected:?} in:\n{found}");
        }
    }
}
