/* Rule 11: a call of which a part failed succeeds, and its list has both halves. */
#include "cluster.h"

int main(void) {
  kafka_t kafka = kafka_new();
  ks_producer_t *producer = NULL;
  ks_future_t *future = NULL;
  ks_delivery_list_t *list = NULL;
  ks_delivery_list_t *again = NULL;
  ks_delivery_view_t view;
  ks_send_spec_t records[3];
  char *large = malloc(3000000);
  size_t index;

  memset(large, 'x', 3000000);
  records[0] = text_record("in", "a", "first");
  records[1] = text_record("in", "b", "too large");
  records[1].value = (const uint8_t *)large;
  records[1].value_size = 3000000;
  records[2] = text_record("out", "c", "third");
  records[2].partition = 1;
  OK(ks_config_set(kafka.config, "linger.ms", "5"));
  OK(ks_producer_new(kafka.config, &producer));
  OK(ks_producer_send_batch(producer, records, 3, sizeof *records, &future));
  free(large);
  OK(ks_producer_flush(producer, PATIENCE_MS));
  wait_for_future(future);
  OK(ks_future_take_deliveries(future, &list));
  FAILS(ks_future_take_deliveries(future, &again), KS_ERROR_INVALID, "taken already");
  CHECK(again == NULL);
  ks_future_destroy(future);
  CHECK(ks_delivery_list_count(list) == 3 && ks_delivery_list_failures(list) == 1);
  CHECK(ks_delivery_list_view(list, 0, &view, sizeof view) && view.error == NULL);
  CHECK(ks_delivery_list_view(list, 1, &view, sizeof view) && ks_error_kind(view.error) == KS_ERROR_INVALID);
  CHECK(view.topic == NULL && view.offset == -1 && view.partition == -1);
  CHECK(ks_delivery_list_view(list, 2, &view, sizeof view) && view.error == NULL);
  CHECK(!ks_delivery_list_view(list, 3, &view, sizeof view));
  ks_delivery_list_destroy(list);

  OK(ks_producer_send_batch(producer, records, 1, sizeof *records, NULL));
  records[1] = text_record("in", "b", "second");
  records[1].value = NULL;
  FAILS(ks_producer_send_batch(producer, records, 3, sizeof *records, &future), KS_ERROR_INVALID, "argument=`value`");
  records[1].value_size = 0;
  OK(ks_producer_send_batch(producer, records, 3, sizeof *records, &future));
  OK(ks_producer_flush(producer, PATIENCE_MS));
  wait_for_future(future);
  OK(ks_future_take_deliveries(future, &list));
  CHECK(ks_delivery_list_count(list) == 3 && ks_delivery_list_failures(list) == 0);
  for (index = 0; index < 3; index++) {
    CHECK(ks_delivery_list_view(list, index, &view, sizeof view) && view.error == NULL && view.offset >= 0);
  }
  CHECK(view.partition == 1 && view.topic_size == 3);
  ks_delivery_list_destroy(list);
  ks_future_destroy(future);

  OK(ks_producer_close(producer, PATIENCE_MS));
  FAILS(ks_producer_close(producer, PATIENCE_MS), KS_ERROR_CLOSED, "closed");
  FAILS(ks_producer_send(producer, records, sizeof *records, NULL), KS_ERROR_CLOSED, "closed");
  ks_producer_destroy(producer);
  kafka_destroy(&kafka);
  return finish();
}
