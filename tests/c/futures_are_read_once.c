/* Rules 5, 13 and 15 for futures: `then` never runs inside the call, its user data go once; a result is taken once. */
#include <pthread.h>

#include "cluster.h"

typedef struct {
  pthread_mutex_t mutex;
  pthread_cond_t changed;
  pthread_t thread;
  bool registering;
  bool ran_inside;
  int calls;
  int destroyed;
  ks_future_t *future;
} watch_t;

static void note_done(void *user_data) {
  watch_t *watch = user_data;
  bool ready;
  pthread_mutex_lock(&watch->mutex);
  watch->calls++;
  watch->ran_inside = watch->ran_inside || (watch->registering && pthread_equal(watch->thread, pthread_self()));
  pthread_mutex_unlock(&watch->mutex);
  /* What is done can be waited for anywhere. */
  OK(ks_future_wait(watch->future, PATIENCE_MS, &ready));
  CHECK(ready);
}

static void note_destroyed(void *user_data) {
  watch_t *watch = user_data;
  pthread_mutex_lock(&watch->mutex);
  watch->destroyed++;
  pthread_cond_broadcast(&watch->changed);
  pthread_mutex_unlock(&watch->mutex);
}

static void wait_for_destroyed(watch_t *watch, int count) {
  pthread_mutex_lock(&watch->mutex);
  while (watch->destroyed < count) {
    pthread_cond_wait(&watch->changed, &watch->mutex);
  }
  CHECK(watch->destroyed == count && watch->calls == count && !watch->ran_inside);
  pthread_mutex_unlock(&watch->mutex);
}

int main(void) {
  kafka_t kafka = kafka_new();
  watch_t watch = {PTHREAD_MUTEX_INITIALIZER, PTHREAD_COND_INITIALIZER, pthread_self(), true, false, 0, 0, NULL};
  ks_producer_t *producer = NULL;
  ks_delivery_list_t *list = (ks_delivery_list_t *)(uintptr_t)1;
  ks_delivery_view_t view;
  ks_send_spec_t record = text_record("in", "k", "v");
  int round;

  OK(ks_producer_new(kafka.config, &producer));
  OK(ks_producer_send(producer, &record, sizeof record, &watch.future));
  for (round = 0; round < 100; round++) {
    /* At first the future is not done, later it is. */
    OK(ks_future_then(watch.future, note_done, &watch, note_destroyed));
  }
  wait_for_future(watch.future);
  for (; round < 200; round++) {
    OK(ks_future_then(watch.future, note_done, &watch, note_destroyed));
  }
  wait_for_destroyed(&watch, 200);

  FAILS(ks_future_take(watch.future), KS_ERROR_INVALID, "something else");
  FAILS(ks_future_take_deliveries(watch.future, &list), KS_ERROR_INVALID, "something else");
  CHECK(list == NULL);
  OK(ks_future_take_delivery(watch.future, &view, sizeof view));
  CHECK(view.offset == 0 && view.error == NULL && view.topic_size == 2 && memcmp(view.topic, "in", 2) == 0);
  FAILS(ks_future_take_delivery(watch.future, &view, sizeof view), KS_ERROR_INVALID, "taken already");
  CHECK(view.topic == NULL && view.offset == -1);
  ks_future_destroy(watch.future);
  FAILS(ks_future_then(watch.future, note_done, &watch, note_destroyed), KS_ERROR_CLOSED, "destroyed");
  CHECK(watch.destroyed == 201 && watch.calls == 200);
  watch.calls++;

  /* The handle may go before the future is done: the work goes on, the function is called. */
  OK(ks_producer_send(producer, &record, sizeof record, &watch.future));
  {
    ks_future_t *second = NULL;
    ks_future_t *kept = watch.future;
    OK(ks_producer_send(producer, &record, sizeof record, &second));
    OK(ks_future_then(second, note_done, &watch, note_destroyed));
    ks_future_destroy(second);
    wait_for_destroyed(&watch, 202);
    ks_future_destroy(kept);
  }

  OK(ks_producer_close(producer, PATIENCE_MS));
  ks_producer_destroy(producer);
  kafka_destroy(&kafka);
  return finish();
}
