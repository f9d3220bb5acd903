//! Maps whose keys are no text, as lists of pairs: JSON has no other keys.

use std::collections::{BTreeMap, HashMap};
use std::hash::Hash;

use serde::de::DeserializeOwned;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// A map that is written as a list.
pub(crate) trait Pairs: Sized {
    type Key: Serialize + DeserializeOwned;
    type Value: Serialize + DeserializeOwned;
    fn pairs(&self) -> impl Iterator<Item = (&Self::Key, &Self::Value)>;
    fn of(pairs: Vec<(Self::Key, Self::Value)>) -> Self;
}

impl<K: Ord + Serialize + DeserializeOwned, V: Serialize + DeserializeOwned> Pairs
    for BTreeMap<K, V>
{
    type Key = K;
    type Value = V;
    fn pairs(&self) -> impl Iterator<Item = (&K, &V)> {
        self.iter()
    }
    fn of(pairs: Vec<(K, V)>) -> Self {
        pairs.into_iter().collect()
    }
}

impl<K: Eq + Hash + Serialize + DeserializeOwned, V: Serialize + DeserializeOwned> Pairs
    for HashMap<K, V>
{
    type Key = K;
    type Value = V;
    fn pairs(&self) -> impl Iterator<Item = (&K, &V)> {
        self.iter()
    }
    fn of(pairs: Vec<(K, V)>) -> Self {
        pairs.into_iter().collect()
    }
}

pub(crate) fn serialize<M: Pairs, S: Serializer>(map: &M, s: S) -> Result<S::Ok, S::Error> {
    s.collect_seq(map.pairs())
}

pub(crate) fn deserialize<'de, M: Pairs, D: Deserializer<'de>>(d: D) -> Result<M, D::Error> {
    Vec::<(M::Key, M::Value)>::deserialize(d).map(M::of)
}
