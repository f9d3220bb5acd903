//! The catalog, as a specification.
#![allow(clippy::unwrap_used, clippy::panic, reason = "in a test a panic is the report")]

mod catalog;
mod documents;

use attache_catalog::Catalog;

const QUEUES: &str = include_str!("../../../../catalog/sqs_queue.toml");

/// The embedded catalog with more types, each with its action.
fn with_types(types: impl IntoIterator<Item = (String, String)>) -> Catalog {
    let folder = tempfile::tempdir().unwrap();
    for (index, (kind, action)) in types.into_iter().enumerate() {
        let text = QUEUES.replace("sqs:queue", &kind).replace("sqs:ListQueues", &action);
        std::fs::write(folder.path().join(format!("{index:04}.toml")), text).unwrap();
    }
    Catalog::embedded().unwrap().with_folder(folder.path()).unwrap()
}
