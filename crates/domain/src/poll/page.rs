//! One page of a provider's list, read. Whatever the bytes are, the answer is a page or an error.

use super::listing::Listing;
use super::paging::Continuation;
use crate::json;
use crate::time::Timestamp;
use serde_json::value::RawValue;

/// A listed event, as it stands in the page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Item<'b> {
    /// The event's own bytes: a slice of the page.
    pub raw: &'b str,
    /// Its id in the list.
    pub id: String,
    /// When it happened, by the provider's clock.
    pub at: Timestamp,
}

/// A page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Page<'b> {
    /// Its items in the provider's order.
    pub items: Vec<Item<'b>>,
    /// Where the list goes on; `None` at its end.
    pub next: Option<Continuation>,
}

/// Why an answer cannot be used. Shows nothing of its content.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PageError {
    /// Not JSON, or without a list where the definition says there is one.
    #[error("the answer holds no list of events")]
    NoList,
    /// An item has no id. Without one, it could not be recognised in the next poll.
    #[error("a listed event has no id")]
    NoId,
    /// An item has no time. Without one, nobody knows whether its webhook may be on its way.
    #[error("a listed event has no readable time")]
    NoTime,
    /// It is not said whether there are more pages.
    #[error("the answer does not say whether there is more")]
    EndUnclear,
    /// There is said to be more behind an empty page.
    #[error("an empty page claims that there is more")]
    MoreOfNothing,
    /// The next page's address is not below the API's base URL.
    #[error("the next page's address leads away from the API")]
    LeadsAway,
}

impl Listing {
    /// Reads an answer of the API at `base_url` (the definition's, where `None`).
    ///
    /// # Errors
    /// [`PageError`] when any part of it is not what the definition says.
    pub fn page<'b>(&self, base_url: Option<&str>, body: &'b [u8]) -> Result<Page<'b>, PageError> {
        let list = json::raw_at(body, &self.items).ok_or(PageError::NoList)?;
        let list: Vec<&RawValue> = serde_json::from_str(list).map_err(|_| PageError::NoList)?;
        let items: Result<Vec<_>, _> = list.iter().map(|raw| self.item(raw.get())).collect();
        let items = items?;
        let next = self.paging.next(body, &items, self.base_url(base_url))?;
        Ok(Page { items, next })
    }

    fn item<'b>(&self, raw: &'b str) -> Result<Item<'b>, PageError> {
        let values = json::pick(raw.as_bytes(), &[&self.id, &self.time]);
        let mut values = values.ok_or(PageError::NoId)?.into_iter();
        let id = values.next().flatten().filter(|id| !id.is_empty()).ok_or(PageError::NoId)?;
        let at = values.next().flatten().ok_or(PageError::NoTime)?;
        let at = self.time_unit.read(at.as_bytes()).ok_or(PageError::NoTime)?;
        Ok(Item { raw, id, at })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::poll::listing::tests::acme;

    impl Item<'static> {
        pub(in crate::poll) fn sample(id: &str) -> Self {
            Self { raw: "{}", id: id.to_owned(), at: Timestamp::EPOCH }
        }
    }

    fn page(body: &str) -> Result<Page<'_>, PageError> {
        // The listing lives only as long as this call: a page borrows from its body alone.
        acme().page(None, body.as_bytes())
    }

    #[test]
    fn items_keep_their_bytes() {
        let body = r#"{"data": [ {"id":"e1", "created":17,"n":1.50e3 } ,{"created":18,"id":"e2"}],"has_more":true}"#;
        let page = page(body).expect("a page");
        assert_eq!(page.items[0].raw, r#"{"id":"e1", "created":17,"n":1.50e3 }"#);
        assert_eq!(page.items[0].at, Timestamp::from_secs(17));
        assert_eq!(page.items[1].id, "e2");
        let after = Continuation::Param { name: "after".to_owned(), value: "e2".to_owned() };
        assert_eq!(page.next, Some(after));
    }

    #[test]
    fn an_empty_list_is_an_end() {
        let body = r#"{"data":[],"has_more":false}"#;
        assert_eq!(page(body), Ok(Page { items: vec![], next: None }));
    }

    #[test]
    fn odd_answers_are_errors() {
        let deep = format!("{{\"data\":{}1{}}}", "[".repeat(50_000), "]".repeat(50_000));
        let item = |item: &str| format!("{{\"data\":[{item}],\"has_more\":false}}");
        for (body, error) in [
            (String::new(), PageError::NoList),
            ("<html>".to_owned(), PageError::NoList),
            ("[]".to_owned(), PageError::NoList),
            ("{}".to_owned(), PageError::NoList),
            ("{\"data\":{}}".to_owned(), PageError::NoList),
            ("{\"data\":null}".to_owned(), PageError::NoList),
            ("{\"data\":[1".to_owned(), PageError::NoList),
            ("{\"data\":[]}x".to_owned(), PageError::NoList),
            (deep, PageError::NoId),
            (item("17"), PageError::NoId),
            (item("{\"id\":\"\",\"created\":1}"), PageError::NoId),
            (item("{\"id\":{},\"created\":1}"), PageError::NoId),
            (item("{\"id\":\"e\"}"), PageError::NoTime),
            (item("{\"id\":\"e\",\"created\":\"today\"}"), PageError::NoTime),
            (item("{\"id\":\"e\",\"created\":1.5}"), PageError::NoTime),
            ("{\"data\":[],\"has_more\":true}".to_owned(), PageError::MoreOfNothing),
        ] {
            assert_eq!(page(&body), Err(error), "{body:.60}");
        }
        assert_eq!(acme().page(None, b"\xff"), Err(PageError::NoList));
    }
}
