/* Rule 17: two calls at once on an object that takes one at a time are answered with an error of kind invalid. */
#include <pthread.h>

#include "check.h"

static ks_test_driver_t *driver;

static void *from_another_thread(void *unused) {
  ks_batch_t *batch = (ks_batch_t *)(uintptr_t)1;
  (void)unused;
  FAILS(ks_test_driver_outputs(driver, NULL, &batch), KS_ERROR_INVALID, "object=`test driver`");
  CHECK(batch == NULL);
  return NULL;
}

static ks_error_t *reenter(void *user_data, const ks_record_view_t *record) {
  pthread_t thread;
  (void)record;
  ((counter_t *)user_data)->calls++;
  FAILS(pipe_text(driver, "k", "inner", 2), KS_ERROR_INVALID, "object=`test driver`");
  FAILS(ks_test_driver_close(driver), KS_ERROR_INVALID, "one at a time");
  CHECK(pthread_create(&thread, NULL, from_another_thread, NULL) == 0);
  CHECK(pthread_join(thread, NULL) == 0);
  return NULL;
}

static ks_error_t *destroy_from_inside(void *user_data, const ks_record_view_t *record) {
  (void)record;
  ((counter_t *)user_data)->calls++;
  ks_test_driver_destroy(driver);
  return NULL;
}

int main(void) {
  counter_t counter = {0, 0};
  ks_builder_t *builder = NULL;
  ks_stream_t *stream;

  OK(ks_builder_new(&builder));
  stream = text_stream(builder);
  OK(ks_stream_for_each(stream, NULL, reenter, &counter, counter_destroy));
  driver = drive(builder, NULL, NULL, NULL);
  OK(pipe_text(driver, "k", "outer", 1));
  OK(pipe_text(driver, "k", "outer", 1));
  CHECK(counter.calls == 2);
  ks_test_driver_destroy(driver);
  ks_stream_destroy(stream);
  ks_builder_destroy(builder);
  CHECK(counter.destroyed == 1);

  /* Destroying never waits for a callback, not even for the one that it is called from. */
  OK(ks_builder_new(&builder));
  stream = text_stream(builder);
  OK(ks_stream_for_each(stream, NULL, destroy_from_inside, &counter, counter_destroy));
  driver = drive(builder, NULL, NULL, NULL);
  ks_stream_destroy(stream);
  ks_builder_destroy(builder);
  OK(pipe_text(driver, "k", "v", 1));
  CHECK(counter.calls == 3 && counter.destroyed == 2);
  FAILS(pipe_text(driver, "k", "v", 1), KS_ERROR_CLOSED, "destroyed already");
  return finish();
}
