/* Rule 14: what a callback fails with comes out at the other end as the same object. */
#include "check.h"

typedef struct {
  int destroyed;
} exception_t;

static void exception_destroy(void *user_data) { ((exception_t *)user_data)->destroyed++; }

static ks_error_t *raise_filter(void *user_data, const ks_record_view_t *record, bool *out_keep) {
  (void)record;
  *out_keep = true;
  return ks_error_from_user("no such customer", user_data, exception_destroy);
}

static ks_error_t *raise_after_emit(void *user_data, const ks_record_view_t *record, ks_emitter_t *emitter) {
  OK(emit_value(emitter, &record->value));
  OK(emit_value(emitter, &record->value));
  return ks_error_from_user(NULL, user_data, exception_destroy);
}

int main(void) {
  exception_t exception = {0};
  exception_t other = {0};
  ks_builder_t *builder = NULL;
  ks_stream_t *stream;
  ks_stream_t *filtered = NULL;
  ks_stream_t *mapped = NULL;
  ks_test_driver_t *driver;
  ks_error_t *error;

  OK(ks_builder_new(&builder));
  stream = text_stream(builder);
  OK(ks_stream_filter(stream, "customers", raise_filter, &exception, NULL, &filtered));
  driver = drive(builder, filtered, "string", "string");
  error = pipe_text(driver, "k", "v", 1);
  CHECK(ks_error_kind(error) == KS_ERROR_USER);
  CHECK(ks_error_user_data(error) == &exception && exception.destroyed == 0);
  ks_test_driver_destroy(driver);
  CHECK(ks_error_user_data(error) == &exception);
  ks_error_destroy(error);
  CHECK(exception.destroyed == 1);
  ks_stream_destroy(filtered);
  ks_stream_destroy(stream);
  ks_builder_destroy(builder);

  /* Results given before the failure go nowhere. */
  OK(ks_builder_new(&builder));
  stream = text_stream(builder);
  OK(ks_stream_flat_map_values(stream, NULL, raise_after_emit, &other, NULL, &mapped));
  driver = drive(builder, mapped, "string", "string");
  error = pipe_text(driver, "k", "v", 1);
  CHECK(ks_error_kind(error) == KS_ERROR_USER && ks_error_user_data(error) == &other);
  expect_out(driver, NULL, 0, __LINE__);
  ks_error_destroy(error);
  ks_test_driver_destroy(driver);
  CHECK(other.destroyed == 1);

  /* An error that nobody returns is destroyed by who made it. */
  ks_error_destroy(ks_error_from_user("unused", &other, exception_destroy));
  CHECK(other.destroyed == 2);
  ks_stream_destroy(mapped);
  ks_stream_destroy(stream);
  ks_builder_destroy(builder);
  return finish();
}
