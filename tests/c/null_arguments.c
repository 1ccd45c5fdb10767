/* A NULL where there must be something is answered with the argument's name. */
#include "check.h"

int main(void) {
  ks_builder_t *builder = NULL;
  ks_config_t *config = NULL;
  ks_stream_t *stream = NULL;
  ks_stream_t *out = NULL;
  ks_topology_t *topology = NULL;
  ks_topology_t *hosted = NULL;
  ks_test_driver_t *driver = NULL;
  ks_batch_t *batch = NULL;
  ks_send_spec_t record = KS_SEND_SPEC_INIT;
  bool ready = true;
  const char *topic = NULL;

  FAILS(ks_config_new(NULL), KS_ERROR_INVALID, "argument=`out_config`");
  FAILS(ks_config_set(NULL, "application.id", "x"), KS_ERROR_INVALID, "argument=`config`");
  OK(ks_config_new(&config));
  FAILS(ks_config_set(config, NULL, "x"), KS_ERROR_INVALID, "argument=`name`");

  FAILS(ks_builder_stream(NULL, NULL, &topic, 1, NULL, 0, &stream), KS_ERROR_INVALID, "argument=`builder`");
  OK(ks_builder_new(&builder));
  FAILS(ks_builder_stream(builder, NULL, NULL, 1, NULL, 0, &stream), KS_ERROR_INVALID, "argument=`topics`");
  FAILS(ks_builder_stream(builder, NULL, &topic, 1, NULL, 0, &stream), KS_ERROR_INVALID, "argument=`topics`");
  FAILS(ks_builder_build(builder, NULL, NULL), KS_ERROR_INVALID, "argument=`out_topology`");
  stream = text_stream(builder);

  FAILS(ks_stream_filter(NULL, NULL, keep_all, NULL, NULL, &out), KS_ERROR_INVALID, "argument=`stream`");
  FAILS(ks_stream_filter(stream, NULL, NULL, NULL, NULL, &out), KS_ERROR_INVALID, "argument=`predicate`");
  FAILS(ks_stream_filter(stream, NULL, keep_all, NULL, NULL, NULL), KS_ERROR_INVALID, "argument=`out_stream`");
  FAILS(ks_stream_map(stream, NULL, NULL, NULL, NULL, &out), KS_ERROR_INVALID, "argument=`mapper`");
  FAILS(ks_stream_select_key(stream, NULL, NULL, NULL, NULL, &out), KS_ERROR_INVALID, "argument=`selector`");
  FAILS(ks_stream_peek(stream, NULL, NULL, NULL, NULL, &out), KS_ERROR_INVALID, "argument=`action`");
  FAILS(ks_stream_merge(stream, NULL, NULL, &out), KS_ERROR_INVALID, "argument=`other`");
  FAILS(ks_stream_to(stream, NULL, NULL, NULL, 0), KS_ERROR_INVALID, "argument=`topic`");
  FAILS(ks_grouped_count(NULL, NULL, NULL, 0, NULL), KS_ERROR_INVALID, "argument=`out_table`");
  FAILS(ks_table_to_stream(NULL, NULL, &out), KS_ERROR_INVALID, "argument=`table`");
  FAILS(ks_future_wait(NULL, 0, &ready), KS_ERROR_INVALID, "argument=`future`");
  CHECK(!ready);
  FAILS(ks_test_driver_new(NULL, NULL, 0, &driver), KS_ERROR_INVALID, "argument=`topology`");
  FAILS(ks_test_driver_outputs(NULL, NULL, &batch), KS_ERROR_INVALID, "argument=`driver`");
  FAILS(ks_session_run(NULL), KS_ERROR_INVALID, "argument=`session`");

  OK(ks_builder_build(builder, NULL, &topology));
  FAILS(ks_topology_host(topology, NULL, NULL, NULL, &hosted), KS_ERROR_INVALID, "argument=`enter`");
  OK(ks_test_driver_new(topology, NULL, 0, &driver));
  FAILS(ks_test_driver_pipe(driver, NULL, sizeof record), KS_ERROR_INVALID, "argument=`record`");
  FAILS(ks_test_driver_pipe(driver, &record, sizeof record), KS_ERROR_INVALID, "argument=`topic`");
  record.topic = "in";
  record.key_size = 3;
  FAILS(ks_test_driver_pipe(driver, &record, sizeof record), KS_ERROR_INVALID, "argument=`key`");

  /* What is asked of nothing says nothing; destroying nothing is fine. */
  CHECK(ks_error_kind(NULL) == 0 && ks_error_cause(NULL) == NULL && ks_error_user_data(NULL) == NULL);
  CHECK(ks_batch_count(NULL) == 0 && ks_headers_count(NULL) == 0 && ks_topology_describe(NULL) == NULL);
  ks_error_destroy(NULL);
  ks_future_destroy(NULL);
  ks_config_destroy(NULL);
  ks_builder_destroy(NULL);
  ks_stream_destroy(NULL);
  ks_grouped_destroy(NULL);
  ks_table_destroy(NULL);
  ks_topology_destroy(NULL);
  ks_session_destroy(NULL);
  ks_batch_destroy(NULL);
  ks_headers_destroy(NULL);
  ks_value_destroy(NULL);
  ks_test_driver_destroy(NULL);

  ks_test_driver_destroy(driver);
  ks_topology_destroy(topology);
  ks_stream_destroy(stream);
  ks_builder_destroy(builder);
  ks_config_destroy(config);
  return finish();
}
