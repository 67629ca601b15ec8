use super::lock;
use crate::ports::{Error, Result};
use crate::web::{Visit, Web};
use bytes::Bytes;
use futures_util::future::BoxFuture;
use std::collections::HashMap;
use std::sync::Mutex;

/// A web on memory: the pages it was given, and a list of what was visited.
#[derive(Debug, Default)]
pub struct MemoryWeb {
    pages: Mutex<HashMap<String, Bytes>>,
    visited: Mutex<Vec<String>>,
    unreachable: Mutex<bool>,
}

impl MemoryWeb {
    /// Puts a page at an address.
    pub fn put(&self, url: &str, page: impl Into<Bytes>) {
        lock(&self.pages).insert(url.to_owned(), page.into());
    }

    /// Takes a page away: its address answers 404.
    pub fn remove(&self, url: &str) {
        lock(&self.pages).remove(url);
    }

    /// The addresses that were visited, in order.
    pub fn visited(&self) -> Vec<String> {
        lock(&self.visited).clone()
    }

    /// Makes every visit fail, or work again.
    pub fn set_unreachable(&self, unreachable: bool) {
        *lock(&self.unreachable) = unreachable;
    }
}

impl Web for MemoryWeb {
    fn get<'a>(&'a self, url: &'a str) -> BoxFuture<'a, Result<Visit>> {
        Box::pin(async move {
            lock(&self.visited).push(url.to_owned());
            if *lock(&self.unreachable) {
                return Err(Error::new("visit a page", "unreachable"));
            }
            let page = lock(&self.pages).get(url).cloned();
            Ok(page.map_or(Visit::None(404), Visit::Page))
        })
    }
}
