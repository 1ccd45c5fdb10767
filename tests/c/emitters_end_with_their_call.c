/* An emitter takes what its callback may give, once or often, until the callback returns, and never later. */
#include "check.h"

static ks_emitter_t *kept;

static ks_error_t *keep_emitter(void *user_data, const ks_record_view_t *record, ks_emitter_t *emitter) {
  ks_value_view_t unknown = {99, 0, 0, NULL, 0};
  ks_value_view_t broken = text_value("\xff\xfe");
  ks_value_view_t too_large = {KS_VALUE_INT, INT64_MAX, 0, NULL, 0};
  ks_emit_spec_t nothing = {NULL, NULL};
  (void)user_data;
  if (kept != NULL) {
    FAILS(emit_value(kept, &record->value), KS_ERROR_INVALID, "outside");
  }
  kept = emitter;
  FAILS(emit_value(NULL, &record->value), KS_ERROR_INVALID, "outside");
  FAILS(emit_value(emitter, &unknown), KS_ERROR_INVALID, "kind=`99`");
  FAILS(emit_value(emitter, &broken), KS_ERROR_DATA, "UTF-8");
  FAILS(emit_value(emitter, &too_large), KS_ERROR_DATA, "expected=`int`");
  FAILS(emit_key(emitter, &record->value), KS_ERROR_INVALID, "field=`key`");
  FAILS(ks_emitter_emit(emitter, &nothing, sizeof nothing), KS_ERROR_INVALID, "field=`value`");
  FAILS(ks_emitter_emit(emitter, NULL, sizeof nothing), KS_ERROR_INVALID, "argument=`spec`");
  OK(emit_value(emitter, &record->value));
  FAILS(emit_value(emitter, &record->value), KS_ERROR_INVALID, "one result");
  return NULL;
}

static ks_error_t *forget(void *user_data, const ks_record_view_t *record, ks_emitter_t *emitter) {
  (void)user_data;
  (void)record;
  (void)emitter;
  return NULL;
}

int main(void) {
  ks_builder_t *builder = NULL;
  ks_stream_t *stream;
  ks_stream_t *mapped = NULL;
  ks_stream_t *forgotten = NULL;
  ks_test_driver_t *driver;
  ks_value_view_t value = text_value("x");
  ks_error_t *error;
  const ks_error_t *cause;
  const char *expected[] = {"k", "a", "k", "b"};

  OK(ks_builder_new(&builder));
  stream = text_stream(builder);
  OK(ks_stream_map_values(stream, NULL, keep_emitter, NULL, NULL, &mapped));
  driver = drive(builder, mapped, "string", "string");
  OK(pipe_text(driver, "k", "a", 1));
  OK(pipe_text(driver, "k", "b", 2));
  FAILS(emit_value(kept, &value), KS_ERROR_INVALID, "outside");
  expect_out(driver, expected, 2, __LINE__);
  ks_test_driver_destroy(driver);
  ks_stream_destroy(mapped);

  /* A callback that must give a result and gives none. */
  OK(ks_stream_select_key(stream, "forgetful", forget, NULL, NULL, &forgotten));
  driver = drive(builder, NULL, NULL, NULL);
  error = pipe_text(driver, "k", "a", 1);
  CHECK(error != NULL);
  for (cause = error; cause != NULL && strstr(ks_error_message(cause), "without a result") == NULL;
       cause = ks_error_cause(cause)) {
  }
  CHECK(cause != NULL && ks_error_kind(cause) == KS_ERROR_INVALID);
  ks_error_destroy(error);
  ks_test_driver_destroy(driver);
  ks_stream_destroy(forgotten);
  ks_stream_destroy(stream);
  ks_builder_destroy(builder);
  return finish();
}
