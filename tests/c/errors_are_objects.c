/* Rules 9 and 10: NULL is success, only failure allocates, and an error has a kind, a message and causes. */
#include "check.h"

static ks_error_t *fail(void *user_data, const ks_record_view_t *record) {
  (void)user_data;
  (void)record;
  return ks_error_from_user("the disk is full", NULL, NULL);
}

int main(void) {
  ks_builder_t *builder = NULL;
  ks_config_t *config = NULL;
  ks_stream_t *stream;
  ks_stream_t *peeked = NULL;
  ks_test_driver_t *driver;
  ks_error_t *error;
  const ks_error_t *cause;
  size_t before;
  size_t causes = 0;

  OK(ks_config_new(&config));
  before = ks_testing_live_handles();
  OK(ks_config_set(config, "num.stream.threads", "2"));
  CHECK(ks_testing_live_handles() == before);
  error = ks_config_set(config, "num.stream.thread", "2");
  CHECK(ks_testing_live_handles() == before + 1);
  CHECK(ks_error_kind(error) == KS_ERROR_INVALID && ks_error_kafka_code(error) == 0);
  CHECK(strstr(ks_error_message(error), "setting=`num.stream.thread`") != NULL);
  CHECK(strstr(ks_error_message(error), "nearest=`num.stream.threads`") != NULL);
  CHECK(ks_error_cause(error) == NULL);
  ks_error_destroy(error);
  CHECK(strcmp(ks_config_get(config, "num.stream.threads"), "2") == 0);
  OK(ks_config_set(config, "num.stream.threads", NULL));
  CHECK(ks_config_get(config, "num.stream.threads") == NULL);
  FAILS(ks_config_set(config, "num.stream.threads", "many"), KS_ERROR_INVALID, "num.stream.threads");

  /* What a callback says is somewhere in the chain, in one line. */
  OK(ks_builder_new(&builder));
  stream = text_stream(builder);
  OK(ks_stream_peek(stream, "looker", fail, NULL, NULL, &peeked));
  driver = drive(builder, peeked, "string", "string");
  error = pipe_text(driver, "k", "v", 1);
  CHECK(ks_error_kind(error) == KS_ERROR_USER);
  for (cause = error; cause != NULL && strstr(ks_error_message(cause), "the disk is full") == NULL;
       cause = ks_error_cause(cause)) {
    CHECK(strchr(ks_error_message(cause), '\n') == NULL && causes++ < 10);
  }
  CHECK(cause != NULL);
  ks_error_destroy(error);

  ks_test_driver_destroy(driver);
  ks_stream_destroy(peeked);
  ks_stream_destroy(stream);
  ks_builder_destroy(builder);
  ks_config_destroy(config);
  return finish();
}
