// The lower bound: librdkafka alone doing the workload `stateless` (consume, filter, replace, produce, commit).
#define _GNU_SOURCE
#include <librdkafka/rdkafka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *env(const char *key, const char *otherwise) {
    const char *v = getenv(key);
    if (!v && !otherwise) { fprintf(stderr, "%s is not set\n", key); exit(2); }
    return v ? v : otherwise;
}

static void set(rd_kafka_conf_t *conf, const char *key, const char *value) {
    char err[256];
    if (rd_kafka_conf_set(conf, key, value, err, sizeof err) != RD_KAFKA_CONF_OK) { fprintf(stderr, "%s\n", err); exit(2); }
}

static long failed;
static void delivered(rd_kafka_t *rk, const rd_kafka_message_t *m, void *opaque) {
    (void)rk; (void)opaque;
    if (m->err) failed++;
}

int main(void) {
    long records = atol(env("BENCH_RECORDS", NULL));
    char err[512];

    rd_kafka_conf_t *cc = rd_kafka_conf_new();
    set(cc, "bootstrap.servers", env("BENCH_BOOTSTRAP", NULL));
    set(cc, "group.id", env("BENCH_APP", NULL));
    set(cc, "auto.offset.reset", "earliest");
    set(cc, "enable.auto.commit", "false");
    set(cc, "enable.auto.offset.store", "false");
    set(cc, "check.crcs", "true"); // as the Java consumer does
    rd_kafka_t *in = rd_kafka_new(RD_KAFKA_CONSUMER, cc, err, sizeof err);
    rd_kafka_conf_t *pc = rd_kafka_conf_new();
    set(pc, "bootstrap.servers", env("BENCH_BOOTSTRAP", NULL));
    set(pc, "enable.idempotence", "true");
    set(pc, "linger.ms", "100"); // Kafka Streams' own setting
    set(pc, "partitioner", "murmur2_random");
    set(pc, "queue.buffering.max.messages", "500000");
    rd_kafka_conf_set_dr_msg_cb(pc, delivered);
    set(pc, "delivery.report.only.error", "true");
    rd_kafka_t *out = rd_kafka_new(RD_KAFKA_PRODUCER, pc, err, sizeof err);
    if (!in || !out) { fprintf(stderr, "%s\n", err); return 1; }
    rd_kafka_topic_t *to = rd_kafka_topic_new(out, env("BENCH_OUT", NULL), NULL);

    printf("START\n"); fflush(stdout);
    rd_kafka_poll_set_consumer(in);
    rd_kafka_topic_partition_list_t *topics = rd_kafka_topic_partition_list_new(1);
    rd_kafka_topic_partition_list_add(topics, "events", RD_KAFKA_PARTITION_UA);
    rd_kafka_subscribe(in, topics);
    rd_kafka_queue_t *q = rd_kafka_queue_get_consumer(in);

    enum { BATCH = 1000 };
    static rd_kafka_message_t *batch[BATCH];
    char value[4096];
    long seen = 0, half = 0;
    while (seen < records) {
        ssize_t n = rd_kafka_consume_batch_queue(q, 100, batch, BATCH);
        for (ssize_t i = 0; i < n; i++) {
            rd_kafka_message_t *m = batch[i];
            if (m->err) { if (m->err != RD_KAFKA_RESP_ERR__PARTITION_EOF) fprintf(stderr, "%s\n", rd_kafka_message_errstr(m)); goto next; }
            seen++;
            const char *v = m->payload;
            size_t len = m->len;
            if (memmem(v, len, "\"type\":\"view\"", 13)) goto next;
            const char *at = memmem(v, len, "Mozilla/5.0", 11);
            if (at) {
                size_t before = at - v;
                memcpy(value, v, before);
                memcpy(value + before, "M5", 2);
                memcpy(value + before + 2, at + 11, len - before - 11);
                v = value;
                len -= 9;
            }
            while (rd_kafka_producev(out, RD_KAFKA_V_RKT(to), RD_KAFKA_V_KEY(m->key, m->key_len), RD_KAFKA_V_VALUE((void *)v, len),
                                     RD_KAFKA_V_TIMESTAMP(rd_kafka_message_timestamp(m, NULL)), RD_KAFKA_V_MSGFLAGS(RD_KAFKA_MSG_F_COPY),
                                     RD_KAFKA_V_END) == RD_KAFKA_RESP_ERR__QUEUE_FULL)
                rd_kafka_poll(out, 10);
        next:
            rd_kafka_message_destroy(m);
        }
        rd_kafka_poll(out, 0);
        if (!half && seen >= records / 2) { half = seen; printf("HALF %ld\n", half); fflush(stdout); }
    }
    rd_kafka_flush(out, 60000);
    // All that was consumed is done: commit the positions.
    rd_kafka_topic_partition_list_t *at = NULL;
    rd_kafka_assignment(in, &at);
    rd_kafka_position(in, at);
    rd_kafka_commit(in, at, 0);
    rd_kafka_consumer_close(in);
    printf("DONE\n"); fflush(stdout);
    return failed ? 1 : 0;
}
