//! `template.yaml` against the programs that it deploys: what they are told, what they check when
//! they start, what they call their metrics and attributes.

mod alarms;
mod facts;
mod failures;
mod queue;
mod reading;
mod relations;
mod stores;
mod variables;
mod windows;
