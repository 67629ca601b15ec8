//! Switches: what they stop, how long a reading of them is believed, and who changed them.

use super::stores::Stores;
use holdfast_domain::identity::Kind;
use holdfast_domain::time::Span;
use holdfast_pipeline::ports::DocumentStore;
use holdfast_pipeline::switches::{Off, SwitchCache, load, set};
use holdfast_testkit::builders::source;
use holdfast_testkit::faults::{Fault, Operation};

fn stripe() -> Off {
    Off::Source { source: "stripe".to_owned() }
}

async fn turn(stores: &Stores, what: Off, on: bool) -> bool {
    set(stores.ports.as_ref(), what, on).await.expect("memory answers")
}

#[tokio::test]
async fn a_switch_stops_what_it_names_and_nothing_else() {
    let cases = [
        (stripe(), [false, false, false, true]),
        (
            Off::Kind { source: "stripe".to_owned(), kind: "paid".to_owned() },
            [false, true, true, true],
        ),
        (Off::Destination { destination: "billing".to_owned() }, [false, false, true, true]),
    ];
    for (off, wanted) in cases {
        let stores = Stores::new();
        assert!(turn(&stores, off.clone(), false).await);
        let (switches, _) = load(stores.ports.as_ref()).await.expect("memory answers");
        assert_eq!(switches.off(), std::slice::from_ref(&off));
        let of = |name: &str, kind: &str, to| switches.is_on(&source(name), &Kind::new(kind), to);
        let found = [
            of("stripe", "paid", Some("billing")),
            of("stripe", "voided", Some("billing")),
            of("stripe", "voided", None),
            of("github", "paid", Some("mail")),
        ];
        assert_eq!(found, wanted, "{off:?}");
    }
}

#[tokio::test]
async fn an_order_says_whether_it_changed_anything() {
    let stores = Stores::new();
    assert!(!turn(&stores, stripe(), true).await, "it is on");
    assert!(turn(&stores, stripe(), false).await);
    assert!(!turn(&stores, stripe(), false).await, "it is off");
    assert!(turn(&stores, Off::Destination { destination: "billing".to_owned() }, false).await);
    assert!(turn(&stores, stripe(), true).await);
    let (switches, _) = load(stores.ports.as_ref()).await.expect("memory answers");
    assert_eq!(switches.off(), [Off::Destination { destination: "billing".to_owned() }]);
    assert!(turn(&stores, stripe(), false).await);
    let first = Off::Destination { destination: "billing".to_owned() };
    assert!(!turn(&stores, first, false).await, "it is off, whatever was turned off after it");
}

#[tokio::test]
async fn a_reading_is_believed_for_fifteen_seconds() {
    let (stores, cache) = (Stores::new(), SwitchCache::default());
    let off = async || cache.get(stores.ports.as_ref()).await.expect("memory answers").off().len();
    assert_eq!(off().await, 0);
    turn(&stores, stripe(), false).await;
    stores.clock.advance(Span::from_millis(14_999));
    let made = stores.faults.made();
    assert_eq!((off().await, stores.faults.made()), (0, made), "as read before");
    stores.clock.advance(Span::from_millis(1));
    assert_eq!(off().await, 1);
}

/// A broken switch must not stop what it does not concern.
#[tokio::test]
async fn an_old_reading_is_better_than_none() {
    let (stores, cache) = (Stores::new(), SwitchCache::default());
    stores.faults.arm(1, Fault::ErrorBefore);
    assert!(cache.get(stores.ports.as_ref()).await.is_err(), "there was none before");
    turn(&stores, stripe(), false).await;
    cache.get(stores.ports.as_ref()).await.expect("memory answers");
    stores.clock.advance(Span::from_days(1));
    stores.faults.arm(stores.faults.made() + 1, Fault::ErrorBefore);
    let old = cache.get(stores.ports.as_ref()).await.expect("the old one");
    assert_eq!(old.off(), [stripe()]);
    assert_eq!(stores.faults.struck().len(), 2);
}

/// Two operators at once: both orders hold.
#[tokio::test]
async fn orders_given_at_once_all_hold() {
    let stores = Stores::new();
    let told = stores.faults.hold_next(Operation::SaveDocument);
    let slow = turn(&stores, stripe(), false);
    let fast = async {
        stores.until_held().await;
        let other = Off::Destination { destination: "billing".to_owned() };
        assert!(turn(&stores, other, false).await);
        told.notify_one();
    };
    assert!(tokio::join!(slow, fast).0);
    let (switches, revision) = load(stores.ports.as_ref()).await.expect("memory answers");
    assert_eq!((switches.off().len(), revision), (2, 2));
}

#[tokio::test]
async fn switches_that_nobody_can_read_are_an_error() {
    let stores = Stores::new();
    let documents = &stores.memory.documents;
    assert!(documents.save("S#switches", "not JSON", 0).await.expect("memory answers"));
    assert!(load(stores.ports.as_ref()).await.is_err());
}
