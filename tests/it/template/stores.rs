//! Tables and index are as the adapters name them.

use super::reading::{of_type, template};
use holdfast_aws::event_store::keys;
use serde_json::{Value, json};
use std::collections::BTreeSet;

#[test]
fn tables_and_index_are_as_the_adapters_name_them() {
    let template = template();
    let table = |name: &str| template["Resources"][name]["Properties"].clone();
    for name in ["EventsTable", "BodiesTable"] {
        let table = table(name);
        assert_eq!(keys_of(&table), [(keys::PK, "HASH")], "{name}");
        assert_eq!(table["TimeToLiveSpecification"]["AttributeName"], keys::EXPIRES_AT, "{name}");
        assert_eq!(table["TimeToLiveSpecification"]["Enabled"], true, "{name}");
    }
    let events = table("EventsTable");
    let indexes = events["GlobalSecondaryIndexes"].as_array().expect("indexes");
    let [index] = &indexes[..] else { panic!("one index, not {}", indexes.len()) };
    assert_eq!(index["IndexName"], keys::OPEN_INDEX);
    assert_eq!(keys_of(index), [(keys::OPEN_SHARD, "HASH"), (keys::INDEX_AT, "RANGE")]);
    assert_eq!(index["Projection"]["ProjectionType"], "KEYS_ONLY");
    for definition in events["AttributeDefinitions"].as_array().expect("attributes") {
        let is_number = definition["AttributeName"] == keys::INDEX_AT;
        assert_eq!(definition["AttributeType"], if is_number { "N" } else { "S" }, "{definition}");
    }
}

/// Without the permission to list the bucket, S3 answers "forbidden" for an object that is gone. Its
/// event would be put off for ever instead of dying of a missing body.
#[test]
fn who_reads_large_bodies_sees_that_one_is_gone() {
    let template = template();
    for (name, role) in of_type(&template, "AWS::IAM::Role") {
        let granted = |action: &str| -> BTreeSet<String> {
            let policies = role["Properties"]["Policies"].as_array().into_iter().flatten();
            policies
                .flat_map(|policy| policy["PolicyDocument"]["Statement"].as_array())
                .flatten()
                .filter(|statement| {
                    let actions = statement["Action"].as_array().into_iter().flatten();
                    actions.into_iter().any(|granted| granted == action)
                })
                .map(|statement| statement["Resource"].to_string())
                .collect()
        };
        let listed = match name.as_str() {
            "ProcessorRole" | "ReconcilerRole" => {
                BTreeSet::from([json!({ "Fn::GetAtt": ["BodiesBucket", "Arn"] }).to_string()])
            }
            _ => BTreeSet::new(),
        };
        assert_eq!(granted("s3:GetObject").is_empty(), listed.is_empty(), "{name}");
        assert_eq!(granted("s3:ListBucket"), listed, "{name}");
    }
}

fn keys_of(table: &Value) -> Vec<(&str, &str)> {
    let schema = table["KeySchema"].as_array().expect("a key").iter();
    schema
        .map(|key| {
            let name = key["AttributeName"].as_str().expect("a name");
            (name, key["KeyType"].as_str().expect("a type"))
        })
        .collect()
}
