//! One page of a provider's list, read. Whatever the bytes are, the answer is a page or an error.

use super::listing::Listing;
use super::paging::{Continuation, End};
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
    /// How many items it has beside them of which nobody can say which event they are, or when they
    /// happened. One of them must not keep all others from being found.
    pub odd: u64,
    /// Where the list goes on; `None` at its end.
    pub next: Option<Continuation>,
}

/// Why an answer cannot be used. Shows nothing of its content.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PageError {
    /// Not JSON, or without a list where the definition says there is one.
    #[error("the answer holds no list of events")]
    NoList,
    /// None of its items has an id and a time: the definition says where they stand, and it is wrong, or
    /// the API has changed.
    #[error("no listed event has an id and a readable time")]
    AllOdd,
    /// The list goes on behind its last item's id, and that has none.
    #[error("the last listed event of a page has no id, and the list goes on behind it")]
    LastOdd,
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
    /// [`PageError`] when it is not what the definition says.
    pub fn page<'b>(&self, base_url: Option<&str>, body: &'b [u8]) -> Result<Page<'b>, PageError> {
        let list = json::raw_at(body, &self.items).ok_or(PageError::NoList)?;
        let list: Vec<&RawValue> = serde_json::from_str(list).map_err(|_| PageError::NoList)?;
        let last = list.last().and_then(|raw| self.id(raw.get()));
        let items: Vec<_> = list.iter().filter_map(|raw| self.item(raw.get())).collect();
        if items.is_empty() && !list.is_empty() {
            return Err(PageError::AllOdd);
        }
        let odd = (list.len() - items.len()) as u64;
        let end = if list.is_empty() { End::Empty } else { last.map_or(End::Odd, End::Item) };
        let next = self.paging.next(body, end, self.base_url(base_url))?;
        Ok(Page { items, odd, next })
    }

    fn id(&self, raw: &str) -> Option<String> {
        let found = json::pick(raw.as_bytes(), &[&self.id])?;
        found.into_iter().next().flatten().filter(|id| !id.is_empty())
    }

    fn item<'b>(&self, raw: &'b str) -> Option<Item<'b>> {
        let at = json::pick(raw.as_bytes(), &[&self.time])?.into_iter().next().flatten()?;
        Some(Item { raw, id: self.id(raw)?, at: self.time_unit.read(at.as_bytes())? })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::poll::listing::tests::acme;

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
        assert_eq!(page(body), Ok(Page { items: vec![], odd: 0, next: None }));
    }

    #[test]
    fn an_odd_item_hides_no_other() {
        let odd = r#"{"data":[{"id":"e1","created":17},{"id":"e2"},17],"has_more":false}"#;
        let found = page(odd).expect("a page");
        assert_eq!((found.items.len(), found.odd, found.next), (1, 2, None));
        let more = r#"{"data":[{"id":"e1","created":17},{"id":"e2"}],"has_more":true}"#;
        let after = Continuation::Param { name: "after".to_owned(), value: "e2".to_owned() };
        assert_eq!(page(more).expect("a page").next, Some(after), "it goes on behind the odd one");
        let nowhere = r#"{"data":[{"id":"e1","created":17},{}],"has_more":true}"#;
        assert_eq!(page(nowhere), Err(PageError::LastOdd));
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
            (deep, PageError::AllOdd),
            (item("17"), PageError::AllOdd),
            (item("{\"id\":\"\",\"created\":1}"), PageError::AllOdd),
            (item("{\"id\":{},\"created\":1}"), PageError::AllOdd),
            (item("{\"id\":\"e\"}"), PageError::AllOdd),
            (item("{\"id\":\"e\",\"created\":\"today\"}"), PageError::AllOdd),
            (item("{\"id\":\"e\",\"created\":1.5}"), PageError::AllOdd),
            ("{\"data\":[],\"has_more\":true}".to_owned(), PageError::MoreOfNothing),
        ] {
            assert_eq!(page(&body), Err(error), "{body:.60}");
        }
        assert_eq!(acme().page(None, b"\xff"), Err(PageError::NoList));
    }
}
