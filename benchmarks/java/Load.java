package bench;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.*;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.clients.admin.*;
import org.apache.kafka.clients.producer.*;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/** Fills the input topics that are not there yet. The same arguments give the same bytes in the same partitions. */
public final class Load {
    static final long T0 = 1_700_000_000_000L; // event time of the first record
    static final int PARTITIONS = 4;

    public static void main(String[] args) throws Exception {
        int percent = Integer.parseInt(System.getenv().getOrDefault("BENCH_SCALE", "100"));
        Properties p = new Properties();
        p.put("bootstrap.servers", System.getenv("BENCH_BOOTSTRAP"));
        p.put("linger.ms", "20");
        p.put("batch.size", "131072");
        p.put("buffer.memory", "134217728");
        try (Admin admin = Admin.create(p);
             Producer<byte[], byte[]> out = new KafkaProducer<>(p, new ByteArraySerializer(), new ByteArraySerializer())) {
            Set<String> wanted = new LinkedHashSet<>(List.of("words", "events"));
            wanted.removeAll(admin.listTopics().names().get());
            create(admin, wanted);
            for (String topic : wanted) {
                long n = fill(out, topic, percent);
                out.flush();
                System.err.println(topic + ": " + n);
            }
        }
        if (failure != null) throw failure;
    }

    static volatile Exception failure;

    /** Creates topics and waits until their leaders answer: an idempotent producer that is faster can lose its first batches. */
    static void create(Admin admin, Collection<String> topics) throws Exception {
        admin.createTopics(topics.stream().map(t -> new NewTopic(t, PARTITIONS, (short) 1)
            .configs(Map.of("retention.ms", "-1", "message.timestamp.type", "CreateTime"))).toList()).all().get();
        Map<TopicPartition, OffsetSpec> ask = new HashMap<>();
        for (String t : topics) for (int i = 0; i < PARTITIONS; i++) ask.put(new TopicPartition(t, i), OffsetSpec.latest());
        for (int tries = 0; ; tries++) {
            try { admin.listOffsets(ask).all().get(); break; }
            catch (ExecutionException e) { if (tries == 50) throw e; Thread.sleep(100); }
        }
        Thread.sleep(200);
    }

    static void send(Producer<byte[], byte[]> out, ProducerRecord<byte[], byte[]> r) {
        out.send(r, (m, e) -> { if (e != null) failure = e; });
    }

    static long fill(Producer<byte[], byte[]> out, String topic, int percent) {
        SplittableRandom r = new SplittableRandom(topic.hashCode() * 31L + 42);
        return switch (topic) {
            case "words" -> words(out, r, 600_000L * percent / 100);
            case "events" -> events(out, r, 3_000_000L * percent / 100, 100_000);
            default -> throw new IllegalArgumentException(topic);
        };
    }

    /** Key null, value eight words and single spaces between; word ranks follow Zipf's law (s = 1) over 10 000 words. */
    static long words(Producer<byte[], byte[]> out, SplittableRandom r, long n) {
        int size = 10_000;
        Set<String> made = new LinkedHashSet<>();
        while (made.size() < size) {
            StringBuilder b = new StringBuilder();
            for (int len = 3 + r.nextInt(7); len > 0; len--) b.append((char) ('a' + r.nextInt(26)));
            made.add(b.toString());
        }
        String[] vocabulary = made.toArray(new String[0]);
        double[] upTo = new double[size];
        double sum = 0;
        for (int i = 0; i < size; i++) upTo[i] = sum += 1.0 / (i + 1);
        StringBuilder line = new StringBuilder();
        for (long i = 0; i < n; i++) {
            line.setLength(0);
            for (int w = 0; w < 8; w++) {
                int at = Arrays.binarySearch(upTo, r.nextDouble() * sum);
                if (w > 0) line.append(' ');
                line.append(vocabulary[Math.min(at < 0 ? -at - 1 : at, size - 1)]);
            }
            send(out, new ProducerRecord<>("words", (int) (i % PARTITIONS), T0 + i / 10, null, utf8(line.toString())));
        }
        return n;
    }

    /** Key: eight bytes, uniform over the keys. Ten records per millisecond of event time, up to a second late. */
    static long events(Producer<byte[], byte[]> out, SplittableRandom r, long n, int keys) {
        String[] types = {"view", "view", "click", "buy"};
        for (long i = 0; i < n; i++) {
            long key = r.nextInt(keys);
            long t = T0 + 1000 + i / 10 - r.nextInt(1000);
            String v = "{\"user\":" + key + ",\"type\":\"" + types[r.nextInt(4)] + "\",\"cents\":" + r.nextInt(100_000)
                + ",\"page\":\"/p/" + r.nextInt(10_000) + "\",\"agent\":\"Mozilla/5.0 (X11; Linux)\",\"at\":" + t + "}";
            send(out, new ProducerRecord<>("events", null, t, be(key), utf8(v)));
        }
        return n;
    }

    static long mix(long x) {
        x = (x ^ (x >>> 33)) * 0xff51afd7ed558ccdL;
        x = (x ^ (x >>> 33)) * 0xc4ceb9fe1a85ec53L;
        return (x ^ (x >>> 33)) >>> 1;
    }

    static byte[] be(long k) { return ByteBuffer.allocate(8).putLong(k).array(); }
    static byte[] utf8(String s) { return s.getBytes(StandardCharsets.UTF_8); }
}
