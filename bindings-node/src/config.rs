//! Settings: names and texts, as the TypeScript half has written them.

use kstreams::Config;

/// Pairs of names and values.
pub(crate) type Pairs = Vec<Vec<String>>;

/// The settings of an object or application.
pub(crate) fn config(pairs: Pairs) -> Config {
    let pair = |pair: Vec<String>| {
        let mut pair = pair.into_iter();
        (pair.next().unwrap_or_default(), pair.next().unwrap_or_default())
    };
    pairs.into_iter().map(pair).collect()
}
