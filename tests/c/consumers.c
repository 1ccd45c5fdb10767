/* A consumer: batches with everything in them, commits, one thread at a time, wakeup, close. */
#include <pthread.h>
#include <time.h>

#include "cluster.h"

static void *poll_for_ever(void *consumer) {
  ks_batch_t *batch = NULL;
  ks_error_t *error = NULL;
  do {
    ks_batch_destroy(batch);
    ks_error_destroy(error);
    error = ks_consumer_poll((ks_consumer_t *)consumer, -1, 0, &batch);
    /* Here it may be the poll that comes second. */
  } while (error == NULL || ks_error_kind(error) == KS_ERROR_INVALID);
  CHECK(batch == NULL);
  return error;
}

int main(void) {
  kafka_t kafka = kafka_new();
  ks_producer_t *producer = NULL;
  ks_consumer_t *consumer = NULL;
  ks_headers_t *headers = NULL;
  ks_header_view_t header;
  ks_batch_t *batch = NULL;
  ks_record_view_t view;
  ks_future_t *future = NULL;
  ks_send_spec_t record = text_record("in", "k", "v");
  const char *topic = "in";
  pthread_t thread;
  void *result = NULL;
  ks_error_t *error;
  int seen = 0;
  int busy = 0;

  FAILS(ks_consumer_new(kafka.config, &consumer), KS_ERROR_INVALID, "group.id");
  OK(ks_config_set(kafka.config, "group.id", "readers"));
  OK(ks_consumer_new(kafka.config, &consumer));
  FAILS(ks_consumer_subscribe(consumer, &topic, 0), KS_ERROR_INVALID, "topic");
  OK(ks_consumer_subscribe(consumer, &topic, 1));
  OK(ks_producer_new(kafka.config, &producer));
  OK(ks_headers_new(&headers));
  OK(ks_headers_add(headers, "colour", (const uint8_t *)"red", 3));
  record.headers = headers;
  record.timestamp_ms = 1234;
  record.partition = 1;
  OK(ks_producer_send(producer, &record, sizeof record, NULL));
  record.headers = NULL;
  record.key = NULL;
  record.key_size = 0;
  OK(ks_producer_send(producer, &record, sizeof record, NULL));
  OK(ks_producer_close(producer, PATIENCE_MS));
  ks_headers_destroy(headers);

  while (seen < 2) {
    size_t index;
    OK(ks_consumer_poll(consumer, PATIENCE_MS, 1, &batch));
    CHECK(ks_batch_count(batch) <= 1);
    for (index = 0; ks_batch_view(batch, index, &view, sizeof view); index++, seen++) {
      CHECK(view.offset == seen && view.partition == 1 && view.timestamp_ms == 1234);
      CHECK(view.topic_size == 2 && is_text(&view.value, "v") && view.value.kind == KS_VALUE_BYTES);
      if (seen == 0) {
        CHECK(is_text(&view.key, "k") && ks_headers_count(view.headers) == 1);
        CHECK(ks_headers_view(view.headers, 0, &header, sizeof header) && strcmp(header.name, "colour") == 0);
      } else {
        CHECK(view.key.kind == KS_VALUE_NULL && view.headers == NULL);
      }
    }
    ks_batch_destroy(batch);
  }
  OK(ks_consumer_commit(consumer, PATIENCE_MS));
  OK(ks_consumer_commit_async(consumer, &future));
  wait_for_future(future);
  OK(ks_future_take(future));
  ks_future_destroy(future);

  /* While one thread polls, another is refused; the poll ends with a wakeup. */
  CHECK(pthread_create(&thread, NULL, poll_for_ever, consumer) == 0);
  while (!busy) {
    /* The other thread needs a moment without us to get in. */
    const struct timespec moment = {0, 10000000};
    nanosleep(&moment, NULL);
    error = ks_consumer_commit(consumer, PATIENCE_MS);
    if (error != NULL) {
      CHECK(ks_error_kind(error) == KS_ERROR_INVALID && strstr(ks_error_message(error), "thread") != NULL);
      busy = 1;
    }
    ks_error_destroy(error);
  }
  ks_consumer_wakeup(consumer);
  CHECK(pthread_join(thread, &result) == 0);
  CHECK(ks_error_kind(result) == KS_ERROR_CANCELLED);
  ks_error_destroy(result);

  OK(ks_consumer_close(consumer, PATIENCE_MS));
  FAILS(ks_consumer_close(consumer, PATIENCE_MS), KS_ERROR_CLOSED, "closed");
  FAILS(ks_consumer_poll(consumer, 0, 0, &batch), KS_ERROR_CLOSED, "closed");
  ks_consumer_destroy(consumer);
  ks_consumer_wakeup(consumer);
  ks_producer_destroy(producer);
  kafka_destroy(&kafka);
  return finish();
}
