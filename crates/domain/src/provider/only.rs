//! What a source listens to: where others can have signatures of the same provider too, as anybody
//! can with a topic of their own, the request has to name something of the source's.

use crate::expression::{Facts, Place};
use crate::inbound::Inbound;
use crate::reading::Table;
use crate::signature::Rejection;

/// Places of a request, with the values that a source accepts there.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Only(Vec<(Place, Vec<String>)>);

impl Only {
    pub(super) const fn new(accepted: Vec<(Place, Vec<String>)>) -> Self {
        Self(accepted)
    }

    /// Judges a request whose signature holds.
    pub(super) fn judge(&self, inbound: &Inbound, document: &[u8]) -> Result<(), Rejection> {
        if self.0.is_empty() {
            return Ok(());
        }
        let pointers = self.0.iter().filter_map(|(place, _)| place.pointer());
        let facts = Facts::read_in(inbound, document, pointers);
        let accepted = |(place, values): &(Place, Vec<String>)| {
            let found = facts.at(place);
            found.is_some_and(|found| values.iter().any(|value| value.as_bytes() == found))
        };
        if self.0.iter().all(accepted) { Ok(()) } else { Err(Rejection::NotMeant) }
    }
}

/// Reads `only`, a table of place → value or values.
pub(crate) fn read(table: &mut Table<'_>) -> Vec<(Place, Vec<String>)> {
    let Some(mut inner) = table.table("only") else { return Vec::new() };
    let mut accepted = Vec::new();
    for (name, values) in inner.lists() {
        match Place::parse(&name) {
            Some(place) if !values.is_empty() => accepted.push((place, values)),
            _ => inner.problem(format!(
                "`{name}` must be a place like \"/TopicArn\" with the values to accept there"
            )),
        }
    }
    inner.finish();
    accepted
}
