//! Placeholders for names and values in expressions: every name goes through one, so that no
//! attribute's name can be one of DynamoDB's many reserved words.

use aws_sdk_dynamodb::types::AttributeValue;
use std::collections::HashMap;

type Names = HashMap<String, String>;
type Values = HashMap<String, AttributeValue>;

/// The placeholders of one request.
#[derive(Debug, Default)]
pub(super) struct Placeholders {
    names: Names,
    values: Values,
}

impl Placeholders {
    /// The placeholder of a name.
    pub(super) fn name(&mut self, attribute: &'static str) -> String {
        let holder = format!("#{attribute}");
        self.names.insert(holder.clone(), attribute.to_owned());
        holder
    }

    /// The placeholder of a value.
    pub(super) fn value(&mut self, value: AttributeValue) -> String {
        let holder = format!(":v{}", self.values.len());
        self.values.insert(holder.clone(), value);
        holder
    }

    /// Names and values, as a request wants them: none rather than no elements.
    pub(super) fn into_parts(self) -> (Option<Names>, Option<Values>) {
        (
            (!self.names.is_empty()).then_some(self.names),
            (!self.values.is_empty()).then_some(self.values),
        )
    }
}
