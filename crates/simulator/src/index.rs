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

#[cfg(test)]
mod tests {
    use super::*;

    fn key(text: &str) -> RecordKey {
        RecordKey::parse(text).expect("a key")
    }

    fn open(millis: i64) -> Option<Place> {
        Some(Place { room: Room::Open, index_at: Timestamp::from_millis(millis) })
    }

    fn entries(page: &Page) -> Vec<i64> {
        page.entries.iter().map(|entry| entry.index_at.millis()).collect()
    }

    #[test]
    fn what_it_hears_late_does_not_undo_what_it_knows() {
        let (mut index, key) = (Index::default(), key("E#a#1"));
        index.hear(&key, 2, open(20));
        index.hear(&key, 1, open(10));
        assert_eq!((index.place(&key), index.len()), (open(20), 1));
        index.hear(&key, 3, None);
        index.hear(&key, 2, open(20));
        assert_eq!((index.place(&key), index.len()), (None, 0));
    }

    #[test]
    fn pages_follow_each_other() {
        let mut index = Index::default();
        let keys: Vec<RecordKey> = (0..200).map(|n| key(&format!("E#a#{n}"))).collect();
        let shard = keys[0].shard();
        let mut wanted = Vec::new();
        for (n, key) in keys.iter().enumerate().filter(|(_, key)| key.shard() == shard) {
            let millis = i64::try_from(n).expect("small");
            index.hear(key, 1, open(millis));
            wanted.push(millis);
        }
        let (mut found, mut after) = (Vec::new(), None);
        let up_to = Timestamp::from_millis(150);
        loop {
            let page = index.page(Room::Open, shard, up_to, after.as_ref(), 3);
            found.extend(entries(&page));
            after = page.entries.last().cloned();
            if !page.more {
                break;
            }
        }
        wanted.retain(|millis| *millis <= 150);
        assert!(wanted.len() > 3, "{wanted:?}");
        assert_eq!(found, wanted);
    }
}
