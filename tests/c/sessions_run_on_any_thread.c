/* A host enters its language once per batch, on the thread that it likes; one that is gone ends the task. */
#include <pthread.h>

#include "check.h"

static pthread_t called_on;

static ks_error_t *where(void *user_data, const ks_record_view_t *record) {
  (void)record;
  ((counter_t *)user_data)->calls++;
  called_on = pthread_self();
  return NULL;
}

static void *run_session(void *session) {
  OK(ks_session_run((ks_session_t *)session));
  FAILS(ks_session_run((ks_session_t *)session), KS_ERROR_CLOSED, "destroyed already");
  return NULL;
}

/* Each entry gets a thread of its own; it is waited for after the entry has returned. */
static pthread_t guest;
static int entries;

static void enter_by_thread(void *user_data, ks_session_t *session) {
  (void)user_data;
  if (entries++ > 0) {
    CHECK(pthread_join(guest, NULL) == 0);
  }
  CHECK(pthread_create(&guest, NULL, run_session, session) == 0);
}

static void leave(void *user_data, ks_session_t *session) {
  (void)user_data;
  ks_session_destroy(session);
}

static ks_test_driver_t *hosted(ks_builder_t *builder, ks_enter_fn enter) {
  ks_topology_t *topology = NULL;
  ks_topology_t *on_host = NULL;
  ks_test_driver_t *driver = NULL;
  OK(ks_builder_build(builder, NULL, &topology));
  OK(ks_topology_host(topology, enter, NULL, NULL, &on_host));
  OK(ks_test_driver_new(on_host, NULL, 0, &driver));
  ks_topology_destroy(topology);
  ks_topology_destroy(on_host);
  return driver;
}

int main(void) {
  counter_t counter = {0, 0};
  ks_send_spec_t records[100];
  ks_builder_t *builder = NULL;
  ks_stream_t *stream;
  ks_test_driver_t *driver;
  size_t index;

  OK(ks_builder_new(&builder));
  stream = text_stream(builder);
  OK(ks_stream_for_each(stream, NULL, where, &counter, NULL));
  driver = hosted(builder, enter_by_thread);
  for (index = 0; index < 100; index++) {
    const ks_send_spec_t record = KS_SEND_SPEC_INIT;
    records[index] = record;
    records[index].topic = "in";
    records[index].timestamp_ms = (int64_t)index;
  }
  OK(ks_test_driver_pipe_batch(driver, records, 100, sizeof *records));
  CHECK(counter.calls == 100);
  CHECK(entries < 10);
  CHECK(pthread_equal(called_on, guest) && !pthread_equal(called_on, pthread_self()));
  ks_test_driver_destroy(driver);
  CHECK(pthread_join(guest, NULL) == 0);

  driver = hosted(builder, leave);
  FAILS(pipe_text(driver, "k", "v", 1), KS_ERROR_CANCELLED, "host");
  CHECK(counter.calls == 100);
  ks_test_driver_destroy(driver);

  ks_stream_destroy(stream);
  ks_builder_destroy(builder);
  return finish();
}
