//! `docs/configuration.md`: every setting.

use kstreams::tables::{self, Importance, Key, Kind, Scope};

use super::{NOTE, code, table};

const INTRODUCTION: &str = "\
# Settings

Names and values are text, as in Kafka. An unknown name is refused with the nearest known one, a wrong value with what is
allowed. Secrets never appear in an error, a log or a dump.

";

const PREFIXES: &str = "\
## Prefixes

In a streams application a client's setting may stand alone, then it is for all clients that take it, or behind a prefix,
then it is for one kind of client and wins over the one that stands alone; `main.`, `restore.` and `global.` win over
`consumer.`:

";

const CLIENTS: &str = "\
## Clients

Settings of producers, consumers and admin clients. All come from librdkafka, whose
[own page](https://github.com/confluentinc/librdkafka/blob/v2.12.1/CONFIGURATION.md) says what each does, except those
marked *ours*. \"Who\" says which clients take it: **P**roducers, **C**onsumers, or all (\\*). Where our
default differs, librdkafka's is in brackets.

";

const JAVA: &str = "\
## Java's names

These stand for a setting of another name:

";

const JAVA_ONLY: &str = "\
These mean something in a JVM only, or cannot be text. They are refused with the hint:

";

pub(super) fn page() -> String {
    let (java, clients): (Vec<&Key>, Vec<&Key>) =
        client_keys().partition(|key| key.alias_of.is_some() && key.text == JAVAS_NAME);
    [
        NOTE,
        INTRODUCTION,
        "## Streams applications\n\n",
        &streams(),
        "\n",
        PREFIXES,
        &prefixes(),
        "\n",
        CLIENTS,
        &table(["name", "who", "type", "default", "allowed", "same as"], clients.into_iter().map(client)),
        "\n",
        JAVA,
        &table(["Java's name", "passed on as", "allowed"], java.into_iter().map(java_name)),
        "\n",
        JAVA_ONLY,
        &table(["name, or how it begins", "instead"], tables::java_only().iter().map(hint)),
    ]
    .concat()
}

/// What the text of a key says that is only another name.
const JAVAS_NAME: &str = "Java's name.";

fn streams() -> String {
    let mut keys: Vec<&Key> = tables::settings().iter().filter(|key| key.scope == Scope::Streams).collect();
    // Names that begin with two underscores are for tests.
    keys.retain(|key| !key.name.starts_with("__"));
    keys.sort_by_key(|key| key.importance);
    let row = |key: &Key| {
        let default = code(key.default.as_deref().unwrap_or_default());
        let about = [key.kind.name(), importance(key.importance)].join(", ");
        [code(&key.name), about, default, key.allowed_text(), key.text.to_string()]
    };
    table(["name", "type, importance", "default", "allowed", "meaning"], keys.into_iter().map(row))
}

fn prefixes() -> String {
    let clients: Vec<String> = tables::client_prefixes().map(code).collect();
    let [topic, tag] = tables::FREE_PREFIXES.map(code);
    format!(
        "{}.\n\n{topic} is for the settings of internal topics, which the broker checks; {tag} for tags of this \
         instance.\n",
        clients.join(", ")
    )
}

fn client_keys() -> impl Iterator<Item = &'static Key> {
    let usable = |key: &&Key| key.kind != Kind::Code && !tables::reserved().contains(&key.name.as_ref());
    tables::settings().iter().filter(|key| key.scope != Scope::Streams).filter(usable)
}

fn client(key: &Key) -> [String; 6] {
    let who = match key.scope {
        Scope::Producer => "P",
        Scope::Consumer => "C",
        Scope::Client | Scope::Streams => "\\*",
    };
    let who = if tables::is_own(key) { format!("{who}, *ours*") } else { who.to_owned() };
    let default = match (tables::own_default(key), key.default.as_deref().unwrap_or_default()) {
        (Some(ours), "") => code(ours),
        (Some(ours), theirs) => format!("{} ({theirs})", code(ours)),
        (None, theirs) => code(theirs),
    };
    let same_as = key.alias_of.as_deref().unwrap_or_default();
    [code(&key.name), who, key.kind.name().to_owned(), default, key.allowed_text(), code(same_as)]
}

fn java_name(key: &Key) -> [String; 3] {
    [code(&key.name), code(key.alias_of.as_deref().unwrap_or_default()), key.allowed_text()]
}

fn hint((name, instead): &(&str, &str)) -> [String; 2] {
    let shown = if name.ends_with('.') { format!("{name}…") } else { (*name).to_owned() };
    [code(&shown), (*instead).to_owned()]
}

fn importance(importance: Importance) -> &'static str {
    importance.name()
}
