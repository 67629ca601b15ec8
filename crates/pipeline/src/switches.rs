//! Switches: an operator turns a source, a kind or a destination off and on without a deploy.
//! They are one small document beside the records, read at most every fifteen seconds.

use crate::ports::{DocumentStore, Error, Ports, Result};
use holdfast_domain::identity::Kind;
use holdfast_domain::source::SourceName;
use holdfast_domain::time::{Span, Timestamp};
use serde::{Deserialize, Serialize};
use std::sync::{Arc, Mutex, PoisonError};

/// The document's name.
const NAME: &str = "S#switches";

/// How long a read is believed.
const BELIEVED_FOR: Span = Span::from_secs(15);

/// What is turned off.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Switches {
    /// What is off, each with the names it is about.
    off: Vec<Off>,
}

/// One thing that is turned off.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "what")]
pub enum Off {
    /// Everything of a source.
    Source {
        /// Its name.
        source: String,
    },
    /// One kind of a source.
    Kind {
        /// The source's name.
        source: String,
        /// The kind.
        kind: String,
    },
    /// Everything that goes to a destination.
    Destination {
        /// Its name.
        destination: String,
    },
}

impl Switches {
    /// Whether events like this may run.
    pub fn is_on(&self, source: &SourceName, kind: &Kind, to: Option<&str>) -> bool {
        !self.off.iter().any(|off| match off {
            Off::Source { source: name } => name == source.as_str(),
            Off::Kind { source: name, kind: of } => name == source.as_str() && of == kind.as_str(),
            Off::Destination { destination } => Some(destination.as_str()) == to,
        })
    }

    /// What is off.
    pub fn off(&self) -> &[Off] {
        &self.off
    }
}

/// The switches as last read.
#[derive(Default)]
pub struct SwitchCache(Mutex<Option<(Timestamp, Arc<Switches>)>>);

impl SwitchCache {
    /// The switches, at most fifteen seconds old.
    ///
    /// # Errors
    /// When they cannot be read and none were read before. An older reading is preferred to none:
    /// a broken switch must not stop what it does not concern.
    pub async fn get<P: Ports>(&self, ports: &P) -> Result<Arc<Switches>> {
        let now = ports.now();
        let known = self.known();
        if let Some((read_at, switches)) = &known
            && now.since(*read_at) < BELIEVED_FOR
        {
            return Ok(switches.clone());
        }
        match load(ports).await {
            Ok((switches, _)) => {
                let switches = Arc::new(switches);
                *self.lock() = Some((now, switches.clone()));
                Ok(switches)
            }
            Err(error) => known.map(|(_, switches)| switches).ok_or(error),
        }
    }

    fn known(&self) -> Option<(Timestamp, Arc<Switches>)> {
        self.lock().clone()
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Option<(Timestamp, Arc<Switches>)>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Reads the switches as they are now, with the revision to change them at.
///
/// # Errors
/// When they cannot be read.
pub async fn load<P: Ports>(ports: &P) -> Result<(Switches, u64)> {
    let document = ports.documents().load(NAME).await?;
    if document.json.is_empty() {
        return Ok((Switches::default(), document.revision));
    }
    let switches = serde_json::from_str(&document.json)
        .map_err(|error| Error::new("read the switches", error))?;
    Ok((switches, document.revision))
}

/// Turns something off, or on again. Answers whether that changed anything.
///
/// # Errors
/// When it cannot be written, or others keep changing the switches at the same time.
pub async fn set<P: Ports>(ports: &P, what: Off, on: bool) -> Result<bool> {
    for _ in 0..5 {
        let (mut switches, revision) = load(ports).await?;
        let was_off = switches.off.contains(&what);
        if was_off != on {
            return Ok(false);
        }
        if on {
            switches.off.retain(|off| *off != what);
        } else {
            switches.off.push(what.clone());
        }
        let json = serde_json::to_string(&switches)
            .map_err(|error| Error::new("write the switches", error))?;
        if ports.documents().save(NAME, &json, revision).await? {
            return Ok(true);
        }
    }
    Err(Error::new("write the switches", "others keep changing them"))
}
