//! `[providers.<name>]`: definitions of your own, for several sources or just to keep a long one
//! apart. They mean what those mean that are compiled in, and stand beside them.

use super::{Catalogue, read_named};
use crate::provider::Provider;
use crate::reading::Table;
use std::collections::BTreeMap;
use std::sync::Arc;

/// The providers of the file before those that come with the program.
pub(super) struct OwnProviders<'c, C> {
    known: &'c C,
    own: BTreeMap<String, Option<Arc<Provider>>>,
}

impl<'c, C: Catalogue> OwnProviders<'c, C> {
    /// Reads the tables; reports what is wrong with them.
    pub(super) fn read(root: &mut Table<'_>, known: &'c C) -> Self {
        let entries = read_named(root, "providers", |name, table| {
            if known.names().contains(&name) || name == Provider::GENERIC {
                table.problem(format!("there is a provider `{name}`: choose another name"));
            }
            Provider::read_own(name, table).map(Arc::new)
        });
        let own = entries.into_iter().map(|entry| (entry.name, entry.value));
        Self { known, own: own.collect() }
    }
}

impl<C: Catalogue> Catalogue for OwnProviders<'_, C> {
    fn names(&self) -> Vec<&str> {
        self.own.keys().map(String::as_str).chain(self.known.names()).collect()
    }

    fn find(&self, name: &str) -> Option<Arc<Provider>> {
        // One with problems is known all the same: they are reported where it stands.
        self.own.get(name).map_or_else(|| self.known.find(name), Clone::clone)
    }
}
