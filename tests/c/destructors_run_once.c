/* Rule 13: user data are destroyed exactly once: after the last call, and also when registering fails. */
#include "check.h"

static ks_error_t *first(void *user_data, ks_emitter_t *emitter) {
  ks_value_view_t value = text_value("");
  (void)user_data;
  return emit_value(emitter, &value);
}

static ks_error_t *last(void *user_data, const ks_record_view_t *record, const ks_value_view_t *state,
                        ks_emitter_t *emitter) {
  (void)user_data;
  (void)state;
  return emit_value(emitter, &record->value);
}

static void enter(void *user_data, ks_session_t *session) {
  ((counter_t *)user_data)->calls++;
  OK(ks_session_run(session));
}

static void ignore_log(void *user_data, const ks_log_view_t *record) {
  (void)user_data;
  (void)record;
}

int main(void) {
  counter_t used = {0, 0};
  counter_t unused = {0, 0};
  counter_t refused = {0, 0};
  counter_t hosted = {0, 0};
  counter_t logged = {0, 0};
  ks_builder_t *builder = NULL;
  ks_stream_t *stream;
  ks_stream_t *kept = NULL;
  ks_stream_t *out = NULL;
  ks_grouped_t *grouped = NULL;
  ks_table_t *table = NULL;
  ks_topology_t *topology = NULL;
  ks_topology_t *on_host = NULL;
  ks_test_driver_t *driver = NULL;
  ks_materialized_spec_t bad = {"a store with spaces", NULL, NULL, 99, 0, 0};

  OK(ks_builder_new(&builder));
  stream = text_stream(builder);

  /* Registering fails: the handle is NULL, stale, the function or the place for the result is missing, an option is wrong. */
  FAILS(ks_stream_filter(NULL, NULL, keep_all, &refused, counter_destroy, &out), KS_ERROR_INVALID, "stream");
  CHECK(refused.destroyed == 1);
  FAILS(ks_stream_filter(stream, NULL, NULL, &refused, counter_destroy, &out), KS_ERROR_INVALID, "predicate");
  CHECK(refused.destroyed == 2);
  FAILS(ks_stream_filter(stream, NULL, keep_all, &refused, counter_destroy, NULL), KS_ERROR_INVALID, "out_stream");
  CHECK(refused.destroyed == 3);
  OK(ks_stream_group_by_key(stream, NULL, NULL, 0, &grouped));
  FAILS(ks_grouped_aggregate(grouped, NULL, &bad, sizeof bad, first, last, &refused, counter_destroy, &table),
        KS_ERROR_INVALID, "field=`kind`");
  CHECK(refused.destroyed == 4);
  FAILS(ks_grouped_aggregate(grouped, NULL, NULL, 0, first, NULL, &refused, counter_destroy, &table), KS_ERROR_INVALID,
        "aggregate");
  CHECK(refused.destroyed == 5);
  FAILS(ks_topology_host(NULL, enter, &refused, counter_destroy, &topology), KS_ERROR_INVALID, "topology");
  CHECK(refused.destroyed == 6);
  FAILS(ks_future_then(NULL, counter_destroy, &refused, counter_destroy), KS_ERROR_INVALID, "future");
  CHECK(refused.destroyed == 7 && refused.calls == 0);
  FAILS(ks_log_set(99, ignore_log, &refused, counter_destroy), KS_ERROR_INVALID, "level");
  CHECK(refused.destroyed == 8);

  /* Never called: destroyed with the last thing that could call it. */
  OK(ks_stream_filter(stream, NULL, keep_all, &unused, counter_destroy, &out));
  ks_stream_destroy(out);
  CHECK(unused.destroyed == 0);

  /* Called: destroyed after the last call. */
  OK(ks_stream_filter(stream, NULL, keep_all, &used, counter_destroy, &kept));
  OK(ks_stream_to(kept, NULL, "out", NULL, 0));
  OK(ks_builder_build(builder, NULL, &topology));
  OK(ks_topology_host(topology, enter, &hosted, counter_destroy, &on_host));
  OK(ks_test_driver_new(on_host, NULL, 0, &driver));
  ks_topology_destroy(topology);
  ks_topology_destroy(on_host);
  ks_stream_destroy(kept);
  ks_stream_destroy(stream);
  ks_grouped_destroy(grouped);
  ks_builder_destroy(builder);
  OK(pipe_text(driver, "k", "v", 1));
  CHECK(used.calls == 1 && used.destroyed == 0 && hosted.calls > 0 && hosted.destroyed == 0);
  ks_test_driver_destroy(driver);
  CHECK(used.destroyed == 1 && unused.destroyed == 1 && hosted.destroyed == 1);
  CHECK(unused.calls > 0);

  /* Replaced and taken away. */
  OK(ks_log_set(KS_LOG_ERROR, ignore_log, &logged, counter_destroy));
  CHECK(logged.destroyed == 0);
  OK(ks_log_set(KS_LOG_ERROR, NULL, NULL, NULL));
  CHECK(logged.destroyed == 1);
  return finish();
}
