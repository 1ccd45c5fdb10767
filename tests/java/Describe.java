package org.apache.kafka.streams.examples.wordcount; // the demo's builder method is visible only here

import org.apache.kafka.streams.StreamsBuilder;

/** Prints what Java says about the topology of its own word count demo. */
final class Describe {
    public static void main(String[] args) {
        StreamsBuilder builder = new StreamsBuilder();
        WordCountDemo.createWordCountStream(builder);
        System.out.print(builder.build().describe());
    }
}
