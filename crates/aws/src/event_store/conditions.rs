//! A guard as a condition expression. Each condition reads as `Guard::holds` does: a comparison
//! with an absent attribute is false in DynamoDB too. The lifecycle makes no empty guards; DynamoDB
//! would refuse them, which is the safe side.

use super::attributes::{body, number, text, time};
use super::keys::{
    DEAD_AT, INDEX_AT, LAST_SENT_AT, LEASE_UNTIL, NEXT_ATTEMPT_AT, OPEN_SHARD, PK, STATE, TOKEN,
};
use super::placeholders::Placeholders;
use aws_sdk_dynamodb::types::AttributeValue;
use holdfast_domain::lifecycle::{Condition, Guard};

/// Renders a guard.
pub(super) fn render(guard: &Guard, holders: &mut Placeholders) -> String {
    match guard {
        Guard::Is(condition) => render_condition(condition, holders),
        Guard::All(guards) => join(guards, " AND ", holders),
        Guard::Any(guards) => join(guards, " OR ", holders),
    }
}

fn join(guards: &[Guard], between: &str, holders: &mut Placeholders) -> String {
    let parts: Vec<String> = guards.iter().map(|guard| render(guard, holders)).collect();
    format!("({})", parts.join(between))
}

fn on_pk(function: &str, holders: &mut Placeholders) -> String {
    format!("{function}({})", holders.name(PK))
}

fn render_condition(condition: &Condition, holders: &mut Placeholders) -> String {
    match condition {
        Condition::Exists => on_pk("attribute_exists", holders),
        Condition::StateIs(state) => compare(STATE, "=", text(state.as_str()), holders),
        Condition::TokenIs(token) => compare(TOKEN, "=", number(token), holders),
        Condition::LeaseBefore(now) => compare(LEASE_UNTIL, "<", time(*now), holders),
        Condition::DueBy(now) => compare(NEXT_ATTEMPT_AT, "<=", time(*now), holders),
        // Not the shard: a record written with fewer shards is in the room as well.
        Condition::RoomIs(room) => {
            let prefix = holders.value(text(format!("{}#", room.as_str())));
            format!("begins_with({}, {prefix})", holders.name(OPEN_SHARD))
        }
        Condition::IndexAtIs(at) => compare(INDEX_AT, "=", time(*at), holders),
        Condition::LastSentIs(at) => compare(LAST_SENT_AT, "=", time(*at), holders),
        Condition::DiedAt(at) => compare(DEAD_AT, "=", time(*at), holders),
        Condition::BodyIs(seen) => {
            let parts: Vec<String> = body(seen)
                .into_iter()
                .filter_map(|(name, value)| Some(compare(name, "=", value?, holders)))
                .collect();
            format!("({})", parts.join(" AND "))
        }
    }
}

fn compare(
    attribute: &'static str,
    operator: &str,
    value: AttributeValue,
    holders: &mut Placeholders,
) -> String {
    let value = holders.value(value);
    format!("{} {operator} {value}", holders.name(attribute))
}
