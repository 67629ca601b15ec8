//! The index as it really is: it hears of each write a little later than the record, of each record's
//! writes in their order.

use holdfast_domain::record::{Place, RecordKey, Room};
use holdfast_domain::time::Timestamp;
use holdfast_pipeline::ports::{Cursor, Page};
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::ops::Bound;

/// What the index lists.
#[derive(Default)]
pub(crate) struct Index {
    lists: BTreeMap<(Room, u8), BTreeSet<(Timestamp, RecordKey)>>,
    /// Where each record is listed, and which write of the world said so.
    places: HashMap<RecordKey, (u64, Option<Place>)>,
}

impl Index {
    /// Hears of a write; of an older one than it knows, nothing follows.
    pub(crate) fn hear(&mut self, key: &RecordKey, write: u64, place: Option<Place>) {
        let known = self.places.get(key).copied();
        if known.is_some_and(|(newest, _)| newest >= write) {
            return;
        }
        let shard = key.shard();
        if let Some((_, Some(old))) = known
            && let Some(list) = self.lists.get_mut(&(old.room, shard))
        {
            list.remove(&(old.index_at, key.clone()));
        }
        if let Some(new) = place {
            self.lists.entry((new.room, shard)).or_default().insert((new.index_at, key.clone()));
        }
        self.places.insert(key.clone(), (write, place));
    }

    /// Where a record is listed.
    pub(crate) fn place(&self, key: &RecordKey) -> Option<Place> {
        self.places.get(key).and_then(|(_, place)| *place)
    }

    pub(crate) fn page(
        &self,
        room: Room,
        shard: u8,
        up_to: Timestamp,
        after: Option<&Cursor>,
        limit: u32,
    ) -> Page {
        let Some(list) = self.lists.get(&(room, shard)) else { return Page::default() };
        let begin = after
            .map_or(Bound::Unbounded, |after| Bound::Excluded((after.index_at, after.key.clone())));
        let mut listed = list
            .range((begin, Bound::Unbounded))
            .take_while(|(index_at, _)| *index_at <= up_to)
            .map(|(index_at, key)| Cursor { index_at: *index_at, key: key.clone() });
        let entries = listed.by_ref().take(limit as usize).collect();
        Page { entries, more: listed.next().is_some() }
    }

    /// How many records it lists.
    pub(crate) fn len(&self) -> usize {
        self.lists.values().map(BTreeSet::len).sum()
    }
}
