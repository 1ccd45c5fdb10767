"""Apache Kafka's WordCountDemo, in Python.

    python wordcount.py --text FILE                     counts a text on a cluster inside of this process
    python wordcount.py --bootstrap-servers HOST:PORT   runs on yours until Ctrl-C
"""

import argparse
import hashlib
import json
import re
import sys
import tempfile
import time

from libkstreams import Consumer, EmbeddedCluster, KafkaStreams, Producer, State, StreamsBuilder, Topology, serde


def words(key: str | None, line: str) -> list[str]:
    """The words of a line, split as Java does: a leading empty one stays, trailing ones go."""
    if not line:
        return [""]
    parts = re.split(r"\W+", line.lower(), flags=re.ASCII)
    while parts and not parts[-1]:
        parts.pop()
    return parts


def word_count(source: str, target: str) -> Topology:
    builder = StreamsBuilder()
    lines = builder.stream(source)
    counts = lines.flat_map_values(words).group_by(lambda key, word: word).count()
    counts.to_stream().to(target, key_serde=serde.string, value_serde=serde.long)
    return builder.build()


def settings(options: argparse.Namespace) -> dict[str, str | int]:
    return {
        "application.id": options.application_id,
        "bootstrap.servers": options.bootstrap_servers,
        "default.key.serde": "string",
        "default.value.serde": "string",
        "statestore.cache.max.bytes": 0,
        "auto.offset.reset": "earliest",
    }


def demo(options: argparse.Namespace, topology: Topology, text: list[str]) -> dict[str, object]:
    """Feeds the text to the application, follows its output, and says what came out."""
    config = settings(options)
    expected = sum(len(words(None, line)) for line in text)
    with Producer(bootstrap_servers=options.bootstrap_servers) as producer:
        for line in text:
            producer.send(options.input, line.encode())
        producer.flush()
    counts: dict[str, int] = {}
    seen, shown = 0, 0.0
    with (
        tempfile.TemporaryDirectory() as state,
        KafkaStreams(topology, config, state_dir=state) as streams,
        Consumer(config, group_id=options.application_id + "-demo") as consumer,
    ):
        consumer.subscribe(options.output)
        streams.start()
        streams.wait_for(State.RUNNING, timeout=60)
        start = time.monotonic()
        while seen < expected:
            for record in consumer.poll(0.1):
                counts[serde.string.deserialize(record.key)] = serde.long.deserialize(record.value)
            if streams.error:
                raise streams.error
            seen = sum(counts.values())
            if time.monotonic() > shown + 0.25 or seen == expected:
                shown = time.monotonic()
                print(f"\r{seen:>9} of {expected} words counted", end="", file=sys.stderr, flush=True)
        seconds = time.monotonic() - start
    print(file=sys.stderr)
    listing = "".join(f"{word}\t{count}\n" for word, count in sorted(counts.items()))
    return {
        "language": "python",
        "lines": len(text),
        "words": seen,
        "distinct": len(counts),
        "sha256": hashlib.sha256(listing.encode()).hexdigest(),
        "top": sorted(counts.items(), key=lambda item: (-item[1], item[0]))[:20],
        "seconds": round(seconds, 3),
        "words_per_second": round(seen / seconds),
        "describe": topology.describe(),
        "internal_topics": [topic.name for topic in topology.internal_topics(config)],
    }


def show(result: dict[str, object]) -> None:
    print(result["describe"])
    for word, count in result["top"]:  # type: ignore[attr-defined]
        print(f"{count:>9}  {word}")
    print(f"\n{result['words']} words, {result['words_per_second']} a second")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--bootstrap-servers", help="the cluster; without it, one inside of this process")
    parser.add_argument("--input", default="streams-plaintext-input")
    parser.add_argument("--output", default="streams-wordcount-output")
    parser.add_argument("--application-id", default="streams-wordcount")
    parser.add_argument("--text", help="count the words of this file, then end")
    parser.add_argument("--json", action="store_true", help="print the result as one line of JSON")
    options = parser.parse_args()
    topology = word_count(options.input, options.output)
    if options.text is None:
        if options.bootstrap_servers is None:
            parser.error("give --text FILE, or --bootstrap-servers to run on a cluster")
        print(topology)
        KafkaStreams(topology, settings(options)).run()
        return
    with open(options.text, encoding="ascii") as file:
        text = file.read().splitlines()
    if options.bootstrap_servers is None:
        with EmbeddedCluster() as cluster:
            options.bootstrap_servers = cluster.bootstrap_servers
            internal = [topic.name for topic in topology.internal_topics(settings(options))]
            for topic in [options.input, options.output, *internal]:
                cluster.create_topic(topic)
            result = demo(options, topology, text)
    else:
        result = demo(options, topology, text)
    if options.json:
        print(json.dumps(result))
    else:
        show(result)


if __name__ == "__main__":
    main()
