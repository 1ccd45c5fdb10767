"""Apache Kafka's WordCountDemo, in Python.

python wordcount.py [--text FILE]                   counts a text on a cluster inside of this process
python wordcount.py --bootstrap-servers HOST:PORT   counts on yours until Ctrl-C
"""

import argparse
import json
import pathlib
import re
import tempfile
import time
from typing import Any

from libkstreams import Admin, Consumer, EmbeddedCluster, KafkaStreams, Producer, StreamsBuilder, Topology, serde

TEXT = pathlib.Path(__file__).parents[2] / "data" / "opticks.txt"


def words(key: object, line: str) -> list[str]:
    """The words of a line, split as Java does: a leading empty one stays, trailing ones go."""
    parts = re.split(r"\W+", line.lower(), flags=re.ASCII)
    while parts and not parts[-1] and line:
        parts.pop()
    return parts


def word_count(source: str, target: str) -> Topology:
    builder = StreamsBuilder()
    counts = builder.stream(source).flat_map_values(words).group_by(lambda key, word: word).count()
    counts.to_stream().to(target, key_serde=serde.string, value_serde=serde.long)
    return builder.build()


def demonstrate(options: argparse.Namespace, topology: Topology, config: dict[str, Any]) -> None:
    """Feeds a text to the application, follows what comes out, and shows it."""
    with open(options.text, encoding="ascii") as file:
        lines = file.read().splitlines()
    expected = sum(len(words(None, line)) for line in lines)
    with EmbeddedCluster() as cluster, tempfile.TemporaryDirectory() as state:
        cluster.prepare(topology, options.application_id)
        clients = {"bootstrap.servers": cluster.bootstrap_servers, "auto.offset.reset": "earliest"}
        with Producer(clients) as producer:
            for line in lines:
                producer.send(options.input, line.encode())
        counts: dict[str, int] = {}
        seen = shown = start = 0.0
        with KafkaStreams(topology, config | clients, state_dir=state) as streams:
            streams.start()
            with Consumer(clients, group_id="demo") as consumer:
                consumer.subscribe(options.output)
                while seen < expected:
                    if streams.error:
                        raise streams.error
                    for record in consumer.poll(0.5):
                        counts[serde.string.deserialize(record.key)] = serde.long.deserialize(record.value)
                        seen += 1
                    start = start or time.monotonic()
                    if time.monotonic() > shown + 0.5:
                        shown = time.monotonic()
                        print(f"{seen:.0f} of {expected} words")
        rate = expected / (time.monotonic() - start)
        for word, count in sorted(counts.items(), key=lambda item: (-item[1], item[0]))[:20]:
            print(f"{count:>7} {word}")
        print(f"{expected} words, {rate:.0f} words a second")
        if options.json:
            with Admin(clients) as admin:
                topics = [topic.name for topic in admin.topics()]
            summary = {"language": "python", "counts": counts, "rate": rate, "topics": topics}
            with open(options.json, "w") as file:
                json.dump(summary | {"describe": topology.describe()}, file)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--bootstrap-servers", help="the cluster; without it, one inside of this process")
    parser.add_argument("--input", default="streams-plaintext-input", help="the topic with lines of text")
    parser.add_argument("--output", default="streams-wordcount-output", help="the topic for words and their counts")
    parser.add_argument("--application-id", default="streams-wordcount")
    parser.add_argument("--text", default=TEXT, help="the text for the cluster inside of this process")
    parser.add_argument("--json", help="the file for what was counted, for programs")
    options = parser.parse_args()
    config = {
        "application.id": options.application_id,
        "default.key.serde": "string",
        "default.value.serde": "string",
        "statestore.cache.max.bytes": 0,
        "auto.offset.reset": "earliest",
    }
    topology = word_count(options.input, options.output)
    print(topology, flush=True)
    if options.bootstrap_servers:
        KafkaStreams(topology, config, bootstrap_servers=options.bootstrap_servers).run()
    else:
        demonstrate(options, topology, config)


if __name__ == "__main__":
    main()
