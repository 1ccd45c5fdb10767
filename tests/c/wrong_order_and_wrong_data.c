/* Calls in the wrong order, unknown names, data that a serde cannot read: the kind, the object's name and what to do. */
#include "check.h"

static ks_error_t *number_instead_of_text(void *user_data, const ks_record_view_t *record, ks_emitter_t *emitter) {
  ks_value_view_t value = long_value(7);
  (void)user_data;
  (void)record;
  return emit_value(emitter, &value);
}

int main(void) {
  ks_builder_t *builder = NULL;
  ks_builder_t *second = NULL;
  ks_stream_t *stream;
  ks_stream_t *mapped = NULL;
  ks_stream_t *merged = NULL;
  ks_stream_t *out = NULL;
  ks_grouped_t *grouped = NULL;
  ks_topology_t *topology = NULL;
  ks_test_driver_t *driver;
  ks_batch_t *batch = NULL;
  ks_error_t *error;
  const ks_error_t *cause;
  const char *topic = "in";
  ks_consumed_spec_t consumed = {"strong", NULL, KS_RESET_DEFAULT};
  ks_consumed_spec_t longs = {"long", "long", 99};

  OK(ks_builder_new(&builder));
  FAILS(ks_builder_stream(builder, NULL, &topic, 1, &consumed, sizeof consumed, &stream), KS_ERROR_INVALID,
        "serde=`strong`");
  FAILS(ks_builder_stream(builder, NULL, &topic, 1, &longs, sizeof longs, &stream), KS_ERROR_INVALID, "field=`reset`");

  /* A store that is not there, and bytes that are no long. */
  longs.reset = KS_RESET_LATEST;
  OK(ks_builder_stream(builder, "numbers", &topic, 1, &longs, sizeof longs, &stream));
  OK(ks_stream_to(stream, NULL, "out", NULL, 0));
  driver = drive(builder, NULL, NULL, NULL);
  FAILS(ks_test_driver_store(driver, "counts", &batch), KS_ERROR_INVALID, "store=`counts`");
  error = pipe_text(driver, "short", "short", 1);
  CHECK(error != NULL);
  for (cause = error; cause != NULL && ks_error_kind(cause) != KS_ERROR_DATA; cause = ks_error_cause(cause)) {
  }
  CHECK(cause != NULL);
  ks_error_destroy(error);
  ks_test_driver_destroy(driver);
  ks_stream_destroy(stream);
  ks_builder_destroy(builder);

  /* A record for a topic that the topology does not read; a value of another type than the serde's. */
  OK(ks_builder_new(&builder));
  stream = text_stream(builder);
  OK(ks_stream_map_values(stream, "numbers", number_instead_of_text, NULL, NULL, &mapped));
  driver = drive(builder, mapped, "string", "string");
  {
    ks_send_spec_t record = KS_SEND_SPEC_INIT;
    record.topic = "elsewhere";
    FAILS(ks_test_driver_pipe(driver, &record, sizeof record), KS_ERROR_INVALID, "topic=`elsewhere`");
  }
  FAILS(ks_test_driver_advance(driver, -1), KS_ERROR_INVALID, "by_ms");
  error = pipe_text(driver, "k", "v", 1);
  CHECK(error != NULL);
  for (cause = error; cause != NULL && strstr(ks_error_message(cause), "got=`long`") == NULL;
       cause = ks_error_cause(cause)) {
  }
  CHECK(cause != NULL && ks_error_kind(cause) == KS_ERROR_DATA);
  ks_error_destroy(error);
  ks_test_driver_destroy(driver);

  /* Streams of two builders; a name that cannot be a topic's: answered by the call, and by those after it. */
  OK(ks_builder_new(&second));
  out = text_stream(second);
  FAILS(ks_stream_merge(stream, NULL, out, &merged), KS_ERROR_INVALID, "two builders");
  ks_stream_destroy(stream);
  ks_stream_destroy(mapped);
  FAILS(ks_stream_group_by_key(out, "no good name", NULL, 0, &grouped), KS_ERROR_INVALID, "no good name");
  FAILS(ks_builder_build(second, NULL, &topology), KS_ERROR_INVALID, "no good name");
  CHECK(merged == NULL && grouped == NULL && topology == NULL);
  ks_stream_destroy(out);
  ks_builder_destroy(second);
  ks_builder_destroy(builder);
  return finish();
}
