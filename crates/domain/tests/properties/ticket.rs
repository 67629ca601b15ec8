//! Tickets: what is sent is received, and what is received need not be a ticket.

use super::{config, hostile};
use holdfast_domain::identity::{EventKey, Kind};
use holdfast_domain::record::RecordKey;
use holdfast_domain::source::SourceName;
use holdfast_domain::ticket::Ticket;
use holdfast_domain::time::Timestamp;
use proptest::prelude::*;

fn tickets() -> impl Strategy<Value = Ticket> {
    ("[a-z0-9_-]{1,40}", any::<Vec<u8>>(), any::<String>(), hostile(), any::<bool>()).prop_map(
        |(source, key, kind, sent_at, replayed)| {
            let source = SourceName::new(source).expect("a name");
            let key = RecordKey::event(&source, &EventKey::new(key));
            let key = if replayed { key.replay(1) } else { key };
            Ticket { key, source, kind: Kind::new(kind), sent_at: Timestamp::from_millis(sent_at) }
        },
    )
}

proptest! {
    #![proptest_config(config(500))]

    #[test]
    fn a_ticket_comes_out_of_the_queue_as_it_went_in(ticket in tickets()) {
        let message = ticket.to_message();
        prop_assert!(message.bytes().all(|byte| (b' '..=b'~').contains(&byte)), "{}", message);
        prop_assert_eq!(Ticket::from_message(&message).expect("a ticket"), ticket);
    }

    #[test]
    fn what_is_read_as_a_ticket_names_a_record(
        (v, pk, source, sent_at) in (0..3_u8, "[ERS]?#?[a-z#]{0,4}", "[a-zA ]{0,3}", any::<i128>()),
    ) {
        let text = format!(
            r#"{{"v":{v},"pk":"{pk}","source":"{source}","kind":"k","sent_at":{sent_at}}}"#
        );
        if let Ok(ticket) = Ticket::from_message(&text) {
            prop_assert_eq!(v, 1);
            prop_assert_eq!(RecordKey::parse(&pk), Some(ticket.key));
            prop_assert_eq!(SourceName::new(source).ok(), Some(ticket.source));
            prop_assert_eq!(i128::from(ticket.sent_at.millis()), sent_at);
        }
    }

    #[test]
    fn any_other_text_is_no_ticket(text in any::<String>()) {
        prop_assert!(Ticket::from_message(&text).is_err());
    }

    #[test]
    fn a_ticket_cut_short_is_no_ticket(ticket in tickets(), at in any::<proptest::sample::Index>()) {
        let message = ticket.to_message();
        let cut = message.get(..at.index(message.len())).expect("ASCII");
        prop_assert!(Ticket::from_message(cut).is_err());
    }
}
