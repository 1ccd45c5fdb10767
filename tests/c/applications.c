/* A running application: states, thread hooks, handlers that get the program's own object, close, and what comes after. */
#include <pthread.h>
#include <unistd.h>

#include "cluster.h"

typedef struct {
  pthread_mutex_t mutex;
  int states[16];
  int changes;
  int started;
  int stopping;
  int called_on_foreign_thread;
  int handled;
  int destroyed;
  int exceptions_destroyed;
} log_t;

static __thread bool attached;
static int exception;

static void note_state(void *user_data, ks_state_t state, ks_state_t before) {
  log_t *log = user_data;
  pthread_mutex_lock(&log->mutex);
  CHECK(log->changes < 15 && log->states[log->changes] == before);
  log->states[++log->changes] = state;
  pthread_mutex_unlock(&log->mutex);
}

static void note_started(void *user_data) {
  log_t *log = user_data;
  attached = true;
  pthread_mutex_lock(&log->mutex);
  log->started++;
  pthread_mutex_unlock(&log->mutex);
}

static void note_stopping(void *user_data) {
  log_t *log = user_data;
  pthread_mutex_lock(&log->mutex);
  log->stopping++;
  pthread_mutex_unlock(&log->mutex);
  attached = false;
}

static void note_destroyed(void *user_data) {
  log_t *log = user_data;
  pthread_mutex_lock(&log->mutex);
  log->destroyed++;
  pthread_mutex_unlock(&log->mutex);
}

static void note_exception_destroyed(void *user_data) {
  CHECK(user_data == &exception);
  __atomic_add_fetch(&exception, 1, __ATOMIC_SEQ_CST);
}

/* Fails on "bad" and "worse". */
static ks_error_t *check_value(void *user_data, const ks_record_view_t *record, ks_emitter_t *emitter) {
  log_t *log = user_data;
  if (!attached) {
    pthread_mutex_lock(&log->mutex);
    log->called_on_foreign_thread++;
    pthread_mutex_unlock(&log->mutex);
  }
  if (is_text(&record->value, "bad") || is_text(&record->value, "worse")) {
    return ks_error_from_user("a bad value", &exception, note_exception_destroyed);
  }
  return emit_value(emitter, &record->value);
}

/* Goes on after "bad", in the right place and with the right object. */
static ks_error_t *decide(void *user_data, const ks_failure_view_t *failure, const ks_error_t *error,
                          ks_response_t *out_response) {
  log_t *log = user_data;
  CHECK(ks_error_kind(error) == KS_ERROR_USER && ks_error_user_data(error) == &exception);
  CHECK(failure->topic_size == 2 && memcmp(failure->topic, "in", 2) == 0);
  CHECK(failure->node_size == 7 && memcmp(failure->node, "checker", 7) == 0);
  CHECK(failure->task_size == 3 && failure->partition >= 0 && failure->offset >= 0 && failure->timestamp_ms >= 0);
  pthread_mutex_lock(&log->mutex);
  *out_response = log->handled++ == 0 ? KS_RESPONSE_CONTINUE : KS_RESPONSE_FAIL;
  pthread_mutex_unlock(&log->mutex);
  return NULL;
}

static ks_error_t *give_up(void *user_data, const ks_error_t *error, ks_uncaught_t *out_response) {
  (void)user_data;
  CHECK(ks_error_user_data(error) == &exception);
  *out_response = KS_UNCAUGHT_SHUTDOWN_CLIENT;
  return NULL;
}

static void send_text(kafka_t *kafka, const char *value) {
  ks_producer_t *producer = NULL;
  ks_send_spec_t record = text_record("in", "k", value);
  OK(ks_producer_new(kafka->config, &producer));
  OK(ks_producer_send(producer, &record, sizeof record, NULL));
  OK(ks_producer_close(producer, PATIENCE_MS));
  ks_producer_destroy(producer);
}

static void expect_from_topic(kafka_t *kafka, const char *expected) {
  const char *topic = "out";
  ks_consumer_t *consumer = NULL;
  ks_batch_t *batch = NULL;
  ks_record_view_t view;
  OK(ks_config_set(kafka->config, "group.id", "readers"));
  OK(ks_consumer_new(kafka->config, &consumer));
  OK(ks_consumer_subscribe(consumer, &topic, 1));
  OK(ks_consumer_poll(consumer, PATIENCE_MS, 1, &batch));
  CHECK(ks_batch_view(batch, 0, &view, sizeof view) && is_text(&view.value, expected));
  ks_batch_destroy(batch);
  OK(ks_consumer_commit(consumer, PATIENCE_MS));
  OK(ks_consumer_close(consumer, PATIENCE_MS));
  ks_consumer_destroy(consumer);
  OK(ks_config_set(kafka->config, "group.id", NULL));
}

static double metric(ks_streams_t *streams, const char *name) {
  ks_metric_list_t *list = NULL;
  ks_metric_view_t view;
  double value = -1;
  size_t index;
  OK(ks_streams_metrics(streams, &list));
  for (index = 0; ks_metric_list_view(list, index, &view, sizeof view); index++) {
    if (strcmp(view.name, name) == 0) {
      value = view.value;
    }
  }
  CHECK(index == ks_metric_list_count(list));
  ks_metric_list_destroy(list);
  return value;
}

int main(void) {
  static log_t log = {PTHREAD_MUTEX_INITIALIZER, {KS_STATE_CREATED}, 0, 0, 0, 0, 0, 0, 0};
  kafka_t kafka = kafka_new();
  ks_produced_spec_t produced = {"string", "string"};
  ks_builder_t *builder = NULL;
  ks_stream_t *stream;
  ks_stream_t *checked = NULL;
  ks_topology_t *topology = NULL;
  ks_streams_t *streams = NULL;
  ks_error_t *error;
  char directory[] = "/tmp/kstreams-c-XXXXXX";

  CHECK(mkdtemp(directory) != NULL);
  OK(ks_builder_new(&builder));
  stream = text_stream(builder);
  OK(ks_stream_map_values(stream, "checker", check_value, &log, note_destroyed, &checked));
  OK(ks_stream_to(checked, NULL, "out", &produced, sizeof produced));
  OK(ks_builder_build(builder, NULL, &topology));
  ks_stream_destroy(checked);
  ks_stream_destroy(stream);
  ks_builder_destroy(builder);

  FAILS(ks_streams_new(topology, kafka.config, &streams), KS_ERROR_INVALID, "application.id");
  OK(ks_config_set(kafka.config, "application.id", "c-application"));
  OK(ks_config_set(kafka.config, "state.dir", directory));
  OK(ks_config_set(kafka.config, "commit.interval.ms", "100"));
  /* The embedded cluster waits almost so long for members that have left. */
  OK(ks_config_set(kafka.config, "session.timeout.ms", "2000"));
  OK(ks_config_set(kafka.config, "heartbeat.interval.ms", "500"));
  OK(ks_streams_new(topology, kafka.config, &streams));
  CHECK(ks_streams_state(streams) == KS_STATE_CREATED);
  OK(ks_streams_set_state_listener(streams, note_state, &log, note_destroyed));
  OK(ks_streams_on_threads(streams, note_started, note_stopping, &log, note_destroyed));
  FAILS(ks_streams_set_exception_handler(streams, 9, decide, &log, note_destroyed), KS_ERROR_INVALID, "stage");
  CHECK(log.destroyed == 1);
  OK(ks_streams_set_exception_handler(streams, KS_HANDLER_PROCESSING, decide, &log, note_destroyed));
  OK(ks_streams_set_uncaught_exception_handler(streams, give_up, &log, note_destroyed));

  OK(ks_streams_start(streams));
  FAILS(ks_streams_start(streams), KS_ERROR_INVALID, "once");
  FAILS(ks_streams_set_state_listener(streams, note_state, &log, note_destroyed), KS_ERROR_INVALID, "before the start");
  CHECK(log.destroyed == 2);
  FAILS(ks_streams_wait_for(streams, 17, 0), KS_ERROR_INVALID, "state");
  OK(ks_streams_wait_for(streams, KS_STATE_RUNNING, PATIENCE_MS));
  FAILS(ks_streams_clean_up(streams), KS_ERROR_INVALID, "close");
  FAILS(ks_streams_wait(streams, 10), KS_ERROR_TIMEOUT, "");

  send_text(&kafka, "bad");
  send_text(&kafka, "good");
  expect_from_topic(&kafka, "good");
  CHECK(log.handled == 1 && log.called_on_foreign_thread == 0);
  CHECK(metric(streams, "dropped-records-total") == 1 && metric(streams, "alive-stream-threads") == 1);
  CHECK(ks_streams_error(streams) == NULL);

  /* The second failure ends it; the object comes out at the end as well. */
  send_text(&kafka, "worse");
  error = ks_streams_wait(streams, PATIENCE_MS);
  CHECK(ks_error_user_data(error) == &exception);
  ks_error_destroy(error);
  CHECK(ks_streams_state(streams) == KS_STATE_ERROR);
  error = ks_streams_error(streams);
  CHECK(ks_error_kind(error) == KS_ERROR_USER && ks_error_user_data(error) == &exception);
  error = (ks_error_destroy(error), ks_streams_wait_for(streams, KS_STATE_RUNNING, PATIENCE_MS));
  CHECK(ks_error_kind(error) == KS_ERROR_USER);
  ks_error_destroy(error);
  ks_error_destroy(ks_streams_close(streams, PATIENCE_MS));
  OK(ks_streams_clean_up(streams));
  ks_streams_destroy(streams);
  FAILS(ks_streams_start(streams), KS_ERROR_CLOSED, "destroyed");
  CHECK(ks_streams_state(streams) == -1);
  pthread_mutex_lock(&log.mutex);
  CHECK(log.started > 0 && log.started == log.stopping);
  CHECK(log.states[0] == KS_STATE_CREATED && log.states[1] == KS_STATE_REBALANCING);
  CHECK(log.states[2] == KS_STATE_RUNNING && log.states[log.changes] == KS_STATE_ERROR);
  CHECK(exception == 2);
  pthread_mutex_unlock(&log.mutex);

  /* Another one, that is closed while it runs, and one that is destroyed without a close. */
  log.handled = 0;
  OK(ks_streams_new(topology, kafka.config, &streams));
  OK(ks_streams_set_exception_handler(streams, KS_HANDLER_PROCESSING, decide, &log, note_destroyed));
  OK(ks_streams_start(streams));
  send_text(&kafka, "better");
  expect_from_topic(&kafka, "better");
  OK(ks_streams_close(streams, PATIENCE_MS));
  OK(ks_streams_close(streams, PATIENCE_MS));
  OK(ks_streams_wait(streams, 0));
  CHECK(ks_streams_state(streams) == KS_STATE_NOT_RUNNING);
  FAILS(ks_streams_wait_for(streams, KS_STATE_RUNNING, 0), KS_ERROR_CLOSED, "");
  ks_streams_destroy(streams);
  OK(ks_streams_new(topology, kafka.config, &streams));
  ks_streams_destroy(streams);

  ks_topology_destroy(topology);
  kafka_destroy(&kafka);
  CHECK(rmdir(directory) == 0 || access(directory, F_OK) == 0);
  return finish();
}
