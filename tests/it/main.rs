//! One integration binary.

mod journeys;
