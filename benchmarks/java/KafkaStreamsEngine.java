package bench;

import java.time.Duration;
import java.util.*;
import org.apache.kafka.common.Metric;
import org.apache.kafka.common.MetricName;
import org.apache.kafka.common.serialization.Serde;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.streams.*;
import org.apache.kafka.streams.kstream.*;

/** One run of one workload with Kafka Streams. Settings come by environment; START, HALF and DONE go to stdout. */
public final class KafkaStreamsEngine {
    static final String workload = env("BENCH_WORKLOAD", null);
    static final String out = env("BENCH_OUT", null);
    static final long expected = Long.parseLong(env("BENCH_PROCESS", null)); // input and repartition records

    public static void main(String[] args) throws Exception {
        Properties p = new Properties();
        p.put(StreamsConfig.APPLICATION_ID_CONFIG, env("BENCH_APP", null));
        p.put(StreamsConfig.BOOTSTRAP_SERVERS_CONFIG, env("BENCH_BOOTSTRAP", null));
        p.put(StreamsConfig.STATE_DIR_CONFIG, env("BENCH_STATE", null));
        p.put(StreamsConfig.NUM_STREAM_THREADS_CONFIG, env("BENCH_THREADS", "1"));
        for (String kv : env("BENCH_CONFIG", "").split(";"))
            if (!kv.isBlank()) p.put(kv.substring(0, kv.indexOf('=')), kv.substring(kv.indexOf('=') + 1));
        if (workload.endsWith("-nocache")) p.put(StreamsConfig.STATESTORE_CACHE_MAX_BYTES_CONFIG, "0");

        try (KafkaStreams streams = new KafkaStreams(topology(), p)) {
            say("START");
            streams.start();
            untilProcessed(streams);
            // Leaving the group at once: the next application with this id need not wait for the session to time out.
            CloseOptions leave = CloseOptions.groupMembershipOperation(CloseOptions.GroupMembershipOperation.LEAVE_GROUP);
            if (!streams.close(leave.withTimeout(Duration.ofMinutes(2)))) throw new IllegalStateException("close");
            say("DONE");
        }
        System.exit(0);
    }

    static Topology topology() {
        StreamsBuilder b = new StreamsBuilder();
        Serde<Long> num = Serdes.Long();
        Serde<String> str = Serdes.String();
        Consumed<Long, String> events = Consumed.with(num, str);
        switch (workload.replace("-nocache", "")) {
            case "stateless" ->
                b.stream("events", events)
                    .filter((k, v) -> !v.contains("\"type\":\"view\""))
                    .mapValues(v -> v.replace("Mozilla/5.0", "M5"))
                    .to(out, Produced.with(num, str));
            case "count" ->
                b.stream("events", events).groupByKey().count(Materialized.as("counts"))
                    .toStream().to(out, Produced.with(num, num));
            case "wordcount" ->
                b.stream("words", Consumed.with(Serdes.ByteArray(), str))
                    .flatMapValues(v -> Arrays.asList(v.split(" ")))
                    .groupBy((k, v) -> v, Grouped.with("words", str, str))
                    .count(Materialized.as("counts"))
                    .toStream().to(out, Produced.with(str, num));
            default -> throw new IllegalArgumentException(workload);
        }
        return b.build();
    }

    /** Waits until the threads have processed what is expected. */
    static void untilProcessed(KafkaStreams streams) throws InterruptedException {
        boolean half = false;
        List<Metric> meters = List.of();
        for (long n = 0; n < expected; ) {
            Thread.sleep(20);
            if (streams.state() == KafkaStreams.State.ERROR) throw new IllegalStateException("error state");
            if (meters.size() < Integer.parseInt(env("BENCH_THREADS", "1"))) meters = meters(streams);
            n = 0;
            for (Metric m : meters) n += (long) ((Number) m.metricValue()).doubleValue();
            if (!half && n >= expected / 2) { half = true; say("HALF " + n); }
        }
    }

    static List<Metric> meters(KafkaStreams streams) {
        List<Metric> found = new ArrayList<>();
        for (Map.Entry<MetricName, ? extends Metric> e : streams.metrics().entrySet())
            if (e.getKey().name().equals("process-total") && e.getKey().group().equals("stream-thread-metrics")) found.add(e.getValue());
        return found;
    }

    static void say(String s) { System.out.println(s); System.out.flush(); }

    static String env(String k, String otherwise) {
        String v = System.getenv(k);
        if (v != null) return v;
        if (otherwise == null) throw new IllegalArgumentException(k + " is not set");
        return otherwise;
    }
}
