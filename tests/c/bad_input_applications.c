/* What can be wrong with an application: the broker, a topic, settings, its state directory, a function that never
 * returns, calls in the wrong order. Each answer has its kind, the object's name, and what to do. */
#include <pthread.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "cluster.h"

#define NOWHERE "127.0.0.1:1"

typedef struct {
  pthread_mutex_t mutex;
  pthread_cond_t changed;
  bool is_inside;
  bool may_leave;
} gate_t;

static char directory[] = "/tmp/kstreams-c-XXXXXX";

static ks_error_t *stay_inside(void *user_data, const ks_record_view_t *record, ks_emitter_t *emitter) {
  gate_t *gate = user_data;
  pthread_mutex_lock(&gate->mutex);
  gate->is_inside = true;
  pthread_cond_broadcast(&gate->changed);
  while (!gate->may_leave) {
    pthread_cond_wait(&gate->changed, &gate->mutex);
  }
  pthread_mutex_unlock(&gate->mutex);
  return emit_value(emitter, &record->value);
}

/* "in" through the function to "out"; without a function, with a store beside it. */
static ks_topology_t *topology_through(ks_map_fn function, void *user_data) {
  ks_produced_spec_t produced = {"string", "string"};
  ks_builder_t *builder = NULL;
  ks_stream_t *stream;
  ks_stream_t *mapped = NULL;
  ks_grouped_t *grouped = NULL;
  ks_table_t *table = NULL;
  ks_topology_t *topology = NULL;
  OK(ks_builder_new(&builder));
  stream = text_stream(builder);
  if (function != NULL) {
    OK(ks_stream_map_values(stream, "function", function, user_data, NULL, &mapped));
  }
  OK(ks_stream_to(mapped != NULL ? mapped : stream, NULL, "out", &produced, sizeof produced));
  if (function == NULL) {
    OK(ks_stream_group_by_key(stream, NULL, NULL, 0, &grouped));
    OK(ks_grouped_count(grouped, NULL, NULL, 0, &table));
  }
  OK(ks_builder_build(builder, NULL, &topology));
  ks_table_destroy(table);
  ks_grouped_destroy(grouped);
  ks_stream_destroy(mapped);
  ks_stream_destroy(stream);
  ks_builder_destroy(builder);
  return topology;
}

static ks_config_t *config_of(const char *servers, const char *id, const char *state) {
  ks_config_t *config = NULL;
  OK(ks_config_new(&config));
  OK(ks_config_set(config, "bootstrap.servers", servers));
  OK(ks_config_set(config, "application.id", id));
  OK(ks_config_set(config, "state.dir", state));
  OK(ks_config_set(config, "auto.offset.reset", "earliest"));
  return config;
}

/* The message of the error, or of one of its causes, has this text. */
static bool says(const ks_error_t *error, const char *text) {
  for (; error != NULL; error = ks_error_cause(error)) {
    if (strstr(ks_error_message(error), text) != NULL) {
      return true;
    }
  }
  return false;
}

static void settings(void) {
  ks_config_t *config = config_of(NOWHERE, "settings", directory);
  FAILS(ks_config_set(config, "num.stream.thread", "1"), KS_ERROR_INVALID, "nearest=`num.stream.threads`");
  FAILS(ks_config_set(config, "num.stream.thread", "1"), KS_ERROR_INVALID, "setting=`num.stream.thread`");
  FAILS(ks_config_set(config, "num.stream.threads", "0"), KS_ERROR_INVALID, "setting=`num.stream.threads`");
  FAILS(ks_config_set(config, "num.stream.threads", "0"), KS_ERROR_INVALID, "allowed=");
  ks_config_destroy(config);
}

static void wrong_address(const ks_topology_t *topology) {
  ks_config_t *config = config_of(NOWHERE, "unreachable", directory);
  ks_streams_t *streams = NULL;
  ks_error_t *error;
  OK(ks_streams_new(topology, config, &streams));
  OK(ks_streams_start(streams));
  error = ks_streams_wait_for(streams, KS_STATE_RUNNING, 4000);
  CHECK(ks_error_kind(error) == KS_ERROR_TIMEOUT && says(error, "expected=`RUNNING`") && says(error, NOWHERE));
  ks_error_destroy(error);
  FAILS(ks_streams_start(streams), KS_ERROR_INVALID, "make a new one");
  FAILS(ks_streams_clean_up(streams), KS_ERROR_INVALID, "close the application");
  OK(ks_streams_close(streams, PATIENCE_MS));
  FAILS(ks_streams_start(streams), KS_ERROR_INVALID, "state=`NOT_RUNNING`");
  ks_streams_destroy(streams);
  ks_config_destroy(config);
}

static void unknown_topic(const ks_topology_t *topology) {
  ks_embedded_cluster_t *cluster = NULL;
  ks_config_t *config;
  ks_streams_t *streams = NULL;
  OK(ks_embedded_cluster_new(1, &cluster));
  config = config_of(ks_embedded_cluster_bootstrap_servers(cluster), "missing", directory);
  OK(ks_streams_new(topology, config, &streams));
  OK(ks_streams_start(streams));
  FAILS(ks_streams_wait(streams, PATIENCE_MS), KS_ERROR_INVALID, "topic=`in`");
  FAILS(ks_streams_wait(streams, PATIENCE_MS), KS_ERROR_INVALID, "create it");
  OK(ks_streams_close(streams, PATIENCE_MS));
  ks_streams_destroy(streams);
  ks_config_destroy(config);
  ks_embedded_cluster_destroy(cluster);
}

static void state_directory_in_use(const ks_topology_t *topology) {
  ks_config_t *config = config_of(NOWHERE, "occupied", directory);
  ks_streams_t *first = NULL;
  ks_streams_t *second = NULL;
  char process[64];
  OK(ks_streams_new(topology, config, &first));
  FAILS(ks_streams_new(topology, config, &second), KS_ERROR_RESOURCE, "/occupied`");
  snprintf(process, sizeof process, "process=`%ld`", (long)getpid());
  FAILS(ks_streams_new(topology, config, &second), KS_ERROR_RESOURCE, process);
  FAILS(ks_streams_new(topology, config, &second), KS_ERROR_RESOURCE, "set another state.dir");
  CHECK(second == NULL);
  ks_streams_destroy(first);
  ks_config_destroy(config);
}

static void foreign_state(const ks_topology_t *topology) {
  ks_config_t *config = config_of(NOWHERE, "foreign", directory);
  ks_streams_t *streams = NULL;
  char path[128];
  FILE *file;
  snprintf(path, sizeof path, "%s/foreign", directory);
  CHECK(mkdir(path, 0755) == 0);
  snprintf(path, sizeof path, "%s/foreign/kafka-streams-process-metadata", directory);
  file = fopen(path, "w");
  CHECK(file != NULL && fclose(file) == 0);
  FAILS(ks_streams_new(topology, config, &streams), KS_ERROR_DATA, "found=`kafka-streams-process-metadata`");
  FAILS(ks_streams_new(topology, config, &streams), KS_ERROR_DATA, "set another state.dir");
  CHECK(streams == NULL && access(path, F_OK) == 0 && unlink(path) == 0);
  ks_config_destroy(config);
}

/* Root may do everything: a child of this process, before there are threads, tries it as nobody. */
static void no_right(void) {
  char path[128];
  int status = -1;
  pid_t child;
  snprintf(path, sizeof path, "%s/denied", directory);
  CHECK(mkdir(path, 0555) == 0 && chmod(directory, 0755) == 0);
  child = fork();
  CHECK(child >= 0);
  if (child == 0) {
    ks_topology_t *topology = topology_through(NULL, NULL);
    ks_config_t *config = config_of(NOWHERE, "app", path);
    ks_streams_t *streams = NULL;
    CHECK(geteuid() != 0 || setuid(65534) == 0);
    FAILS(ks_streams_new(topology, config, &streams), KS_ERROR_DENIED, path);
    FAILS(ks_streams_new(topology, config, &streams), KS_ERROR_DENIED, "give the user of this process the right to it");
    _exit(0);
  }
  CHECK(waitpid(child, &status, 0) == child && WIFEXITED(status) && WEXITSTATUS(status) == 0);
}

static void function_never_returns(void) {
  static gate_t gate = {PTHREAD_MUTEX_INITIALIZER, PTHREAD_COND_INITIALIZER, false, false};
  ks_topology_t *topology = topology_through(stay_inside, &gate);
  kafka_t kafka = kafka_new();
  ks_config_t *config = config_of(ks_embedded_cluster_bootstrap_servers(kafka.cluster), "stuck", directory);
  ks_streams_t *streams = NULL;
  ks_producer_t *producer = NULL;
  ks_send_spec_t record = text_record("in", "k", "v");
  ks_error_t *error;
  OK(ks_producer_new(kafka.config, &producer));
  OK(ks_producer_send(producer, &record, sizeof record, NULL));
  OK(ks_producer_close(producer, PATIENCE_MS));
  ks_producer_destroy(producer);
  OK(ks_streams_new(topology, config, &streams));
  OK(ks_streams_start(streams));
  pthread_mutex_lock(&gate.mutex);
  while (!gate.is_inside) {
    pthread_cond_wait(&gate.changed, &gate.mutex);
  }
  pthread_mutex_unlock(&gate.mutex);
  error = ks_streams_close(streams, 300);
  CHECK(ks_error_kind(error) == KS_ERROR_TIMEOUT && says(error, "state=`PENDING_SHUTDOWN`") && says(error, "threads="));
  ks_error_destroy(error);
  pthread_mutex_lock(&gate.mutex);
  gate.may_leave = true;
  pthread_cond_broadcast(&gate.changed);
  pthread_mutex_unlock(&gate.mutex);
  /* It ends now; whether it still committed is another matter. */
  ks_error_destroy(ks_streams_close(streams, PATIENCE_MS));
  CHECK(ks_streams_state(streams) == KS_STATE_NOT_RUNNING);
  ks_streams_destroy(streams);
  ks_config_destroy(config);
  ks_topology_destroy(topology);
  kafka_destroy(&kafka);
}

int main(void) {
  ks_topology_t *topology;
  CHECK(mkdtemp(directory) != NULL);
  no_right();
  topology = topology_through(NULL, NULL);
  settings();
  state_directory_in_use(topology);
  foreign_state(topology);
  wrong_address(topology);
  unknown_topic(topology);
  ks_topology_destroy(topology);
  function_never_returns();
  return finish();
}
