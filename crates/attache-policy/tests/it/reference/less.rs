//! Smaller documents, for who has to read a disagreement.

use serde_json::Value;

use super::Documents;

/// The documents with one policy, one statement or one condition left out, each in its turn.
pub fn with_less(documents: &Documents) -> Vec<Documents> {
    let mut less = Vec::new();
    let mut with = |change: &dyn Fn(&mut Documents)| {
        let mut fewer = documents.clone();
        change(&mut fewer);
        less.push(fewer);
    };
    with(&|d| d.identity.clear());
    with(&|d| d.boundary = None);
    with(&|d| d.session = None);
    with(&|d| {
        d.resource = None;
        d.is_trust = false;
    });
    with(&|d| d.service_control.clear());
    with(&|d| d.resource_control.clear());
    with(&|d| d.management_account = None);
    let count = policies(&mut documents.clone()).len();
    for i in 0..count {
        for statement in 0..3 {
            with(&|d| {
                if let Some(list) = policies(d)[i]["Statement"].as_array_mut()
                    && list.len() > 1
                    && statement < list.len()
                {
                    list.remove(statement);
                }
            });
            with(&|d| {
                if let Some(statement) = policies(d)[i]["Statement"].get_mut(statement) {
                    statement.as_object_mut().unwrap().remove("Condition");
                }
            });
        }
    }
    let same = format!("{documents:?}");
    less.retain(|fewer| format!("{fewer:?}") != same);
    less
}

fn policies(documents: &mut Documents) -> Vec<&mut Value> {
    let one = [&mut documents.boundary, &mut documents.session, &mut documents.resource];
    let levels = documents.service_control.iter_mut().chain(&mut documents.resource_control);
    let identity = documents.identity.iter_mut();
    identity.chain(one.into_iter().flatten().flatten()).chain(levels.flatten()).collect()
}
