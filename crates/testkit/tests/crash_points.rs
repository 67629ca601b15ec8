//! Every call of every scenario goes wrong in every way, without the Lambdas before the use cases.
//! The integration tests do the same through the Lambdas' handlers.

use holdfast_testkit::world::Direct;
use holdfast_testkit::{crash_point_tests, every_scenario};

every_scenario!(crash_point_tests, Direct);
