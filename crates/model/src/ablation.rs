//! The protections that can be taken away, in the model only: for each, the row of the table in
//! `tests/ablations/README.md` that it belongs to. What breaks without it, and within which bounds,
//! stands in [`crate::ablations`].

/// A row of the table of protections, or none: a protection that the table does not name.
pub type Row = Option<u8>;

macro_rules! ablations {
    ($($(#[$doc:meta])* $name:ident $row:expr;)*) => {
        /// A protection of the protocol that can be taken away.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub enum Ablation { $($(#[$doc])* $name,)* }

        impl Ablation {
            /// All of them.
            pub const ALL: &[Self] = &[$(Self::$name,)*];

            /// The row of the table that it belongs to.
            pub const fn row(self) -> Row {
                match self { $(Self::$name => $row,)* }
            }
        }
    };
}

ablations! {
    /// The sweep looks at lapsed claims.
    SweepOfLapsedClaims Some(1);
    /// "Busy" is never an ack.
    BusyIsNoAck Some(2);
    /// A closing write holds only under one's own token.
    FencingToken Some(3);
    /// A closing write has any condition at all.
    ConditionalClose Some(3);
    /// A claim raises the token.
    TokenRises Some(3);
    /// Attempts are counted in the record, not in the ticket's receives.
    AttemptsInRecord Some(4);
    /// A ticket of a dead record is not deleted.
    DeadIsNoAck Some(5);
    /// Only a ticket that an operator moved brings a dead record back.
    RedriveRule Some(5);
    /// A replay starts from the record, not from the dead-letter queue.
    ReplayFromRecord Some(6);
    /// Only processed records expire.
    ExpiryOnlyWhenProcessed Some(7);
    /// Processed records are remembered for longer than the provider tries.
    LongWindow Some(7);
    /// The body is written before the record.
    BodyBeforeRecord Some(8);
    /// The sweep.
    Sweep Some(9);
    /// Long waits live in the table, not in hidden tickets.
    WaitingRooms Some(10);
    /// The put recognises itself.
    IngestNonce Some(12);
    /// The claim recognises itself.
    ClaimNonce Some(12);
    /// The replay recognises itself.
    ReplayNonce Some(12);
    /// The sweep's updates repeat what was read.
    SweepConditions Some(13);
    /// A ticket is sent again only if nobody else has sent one since.
    LastSentInResend Some(13);
    /// A ticket is sent again only for a record that is still in the open room.
    RoomInResend Some(13);
    /// A record is released only if it was not put off again since.
    PlaceInRelease Some(13);
    /// A replay names the death that it is for.
    DeathIsTheOneSeen Some(14);
    /// A deferral before the claim asks for RECEIVED.
    ReceivedInDeferral Some(15);
    /// A deferral before the claim never shortens a wait.
    DueInDeferral Some(15);
    /// A claim moves the record into the open room.
    OpenInClaim Some(16);
    /// "Early" is never an ack.
    EarlyIsNoAck None;
    /// A claim takes over only what has lapsed.
    LapseInClaim None;
    /// A put-back whose answer was lost is an ack only if the record still waits.
    AckOnlyWhileWaiting None;
    /// A completion carries the version guard.
    VersionGuard None;
    /// The bodies of records that may still run are kept longer.
    Renewal None;
}
