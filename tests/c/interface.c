/* Parts of the interface that no other program needs: serdes, logs, names of states, brokers that stop, counters. */
#include "cluster.h"

static void count_log(void *user_data, const ks_log_view_t *record) {
  CHECK(record != NULL);
  ((counter_t *)user_data)->calls++;
}

static void serdes(void) {
  ks_value_view_t value = long_value(-2);
  ks_value_t *bytes = NULL;
  ks_value_t *again = NULL;
  ks_value_view_t view;
  OK(ks_serde_write("long", &value, &bytes));
  CHECK(ks_value_view(bytes, &view, sizeof view) && view.kind == KS_VALUE_BYTES && view.size == 8);
  CHECK(view.data[0] == 0xff && view.data[7] == 0xfe);
  OK(ks_serde_read("long", view.data, view.size, &again));
  ks_value_destroy(bytes);
  CHECK(ks_value_view(again, &view, sizeof view) && view.kind == KS_VALUE_LONG && view.integer == -2);
  ks_value_destroy(again);
  FAILS(ks_serde_read("long", (const uint8_t *)"short", 5, &again), KS_ERROR_DATA, "");
  FAILS(ks_serde_write("lang", &value, &bytes), KS_ERROR_INVALID, "lang");
}

static void brokers(void) {
  kafka_t kafka = kafka_new();
  ks_producer_t *producer = NULL;
  ks_send_spec_t record = text_record("in", "k", "v");
  ks_future_t *future = NULL;
  size_t outstanding = 0;
  OK(ks_producer_new(kafka.config, &producer));
  OK(ks_embedded_cluster_stop_broker(kafka.cluster, 1));
  OK(ks_producer_send(producer, &record, sizeof record, &future));
  OK(ks_producer_outstanding(producer, &outstanding));
  CHECK(outstanding == 1);
  OK(ks_embedded_cluster_start_broker(kafka.cluster, 1));
  wait_for_future(future);
  OK(ks_producer_outstanding(producer, &outstanding));
  CHECK(outstanding == 0);
  ks_future_destroy(future);
  OK(ks_producer_close(producer, PATIENCE_MS));
  ks_producer_destroy(producer);
  kafka_destroy(&kafka);
}

/* What an application needs is made for it: twice is once. */
static void prepared(void) {
  ks_embedded_cluster_t *cluster = NULL;
  ks_builder_t *builder = NULL;
  ks_stream_t *stream;
  ks_topology_t *topology = NULL;
  OK(ks_embedded_cluster_new(1, &cluster));
  OK(ks_builder_new(&builder));
  stream = text_stream(builder);
  OK(ks_stream_to(stream, NULL, "out", NULL, 0));
  OK(ks_builder_build(builder, NULL, &topology));
  OK(ks_embedded_cluster_prepare(cluster, topology, "app"));
  OK(ks_embedded_cluster_prepare(cluster, topology, "app"));
  FAILS(ks_embedded_cluster_create_topic(cluster, "in", 1), KS_ERROR_INVALID, "in");
  FAILS(ks_embedded_cluster_prepare(cluster, NULL, "app"), KS_ERROR_INVALID, "argument=`topology`");
  ks_topology_destroy(topology);
  ks_stream_destroy(stream);
  ks_builder_destroy(builder);
  ks_embedded_cluster_destroy(cluster);
}

/* An aggregation drops records without a key. */
static void dropped(void) {
  ks_builder_t *builder = NULL;
  ks_stream_t *stream;
  ks_grouped_t *grouped = NULL;
  ks_table_t *table = NULL;
  ks_test_driver_t *driver;
  uint64_t count = 0;
  OK(ks_builder_new(&builder));
  stream = text_stream(builder);
  OK(ks_stream_group_by_key(stream, NULL, NULL, 0, &grouped));
  OK(ks_grouped_count(grouped, NULL, NULL, 0, &table));
  driver = drive(builder, NULL, NULL, NULL);
  OK(pipe_text(driver, NULL, "v", 1));
  OK(pipe_text(driver, "k", "v", 1));
  OK(ks_test_driver_dropped(driver, &count));
  CHECK(count == 1);
  ks_test_driver_destroy(driver);
  ks_table_destroy(table);
  ks_grouped_destroy(grouped);
  ks_stream_destroy(stream);
  ks_builder_destroy(builder);
}

int main(void) {
  counter_t logs = {0, 0};
  OK(ks_log_set(KS_LOG_DEBUG, count_log, &logs, counter_destroy));
  serdes();
  brokers();
  prepared();
  dropped();
  CHECK(strcmp(ks_state_name(KS_STATE_RUNNING), "RUNNING") == 0 && ks_state_name(99) == NULL);
  OK(ks_log_flush(PATIENCE_MS));
  CHECK(logs.calls > 0 && ks_log_dropped() == 0);
  OK(ks_log_set(KS_LOG_DEBUG, NULL, NULL, NULL));
  return finish();
}
