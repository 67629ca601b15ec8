use holdfast_domain::lifecycle::Transition;
use std::collections::HashMap;
use std::fmt;

/// What a call asks of the world.
#[allow(missing_docs)] // the names say it
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Operation {
    CreateRecord,
    Update(Transition),
    /// The closing write together with a handler's effect.
    CompleteWithEffect,
    ReadRecord,
    ReadIndex,
    LoadDocument,
    SaveDocument,
    WriteBody,
    ReadBody,
    RenewBody,
    SendTicket,
    CountTickets,
    HideTicket,
    LoadSecrets,
    /// A request to a provider's API.
    AskProvider,
}

impl Operation {
    /// Whether it changes a store or the queue.
    pub const fn is_write(self) -> bool {
        !matches!(
            self,
            Self::ReadRecord
                | Self::ReadIndex
                | Self::LoadDocument
                | Self::ReadBody
                | Self::CountTickets
                | Self::LoadSecrets
                | Self::AskProvider
        )
    }
}

/// One call.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Call {
    /// Its number, counted from 1 over all processes.
    pub number: usize,
    /// What it asks for.
    pub operation: Operation,
    /// The key, name or place it is about.
    pub subject: String,
}

impl fmt::Display for Call {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "call {} ({:?} of {})", self.number, self.operation, self.subject)
    }
}

/// How often each operation was asked for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Calls(HashMap<Operation, usize>);

impl Calls {
    /// Counts calls.
    pub fn of<'c>(calls: impl IntoIterator<Item = &'c Call>) -> Self {
        let mut counted = HashMap::new();
        for call in calls {
            *counted.entry(call.operation).or_default() += 1;
        }
        Self(counted)
    }

    /// Exactly these counts, for comparing.
    pub fn exactly<const N: usize>(counts: [(Operation, usize); N]) -> Self {
        Self(counts.into_iter().collect())
    }

    /// How often an operation was asked for.
    pub fn count(&self, operation: Operation) -> usize {
        self.0.get(&operation).copied().unwrap_or_default()
    }

    /// How many calls change something.
    pub fn writes(&self) -> usize {
        let writes = self.0.iter().filter(|(operation, _)| operation.is_write());
        writes.map(|(_, count)| count).sum()
    }
}
