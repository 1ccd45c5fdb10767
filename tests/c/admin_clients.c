/* An admin client: leaders are waited for, a topic that never comes is named; wrong settings and addresses. */
#include "cluster.h"

int main(void) {
  kafka_t kafka = kafka_new();
  ks_embedded_cluster_t *none = NULL;
  ks_admin_t *admin = NULL;
  ks_producer_t *producer = NULL;
  ks_future_t *future = NULL;
  ks_delivery_view_t view;
  ks_outcome_list_t *list = NULL;
  ks_send_spec_t record = text_record("in", "k", "v");
  ks_topic_spec_t topic = {"made", NULL, 0, 1, 0};
  const char *settings[] = {"cleanup.policy"};
  const char *names[] = {"in", "out"};
  const char *missing = "nowhere";
  bool ready = false;

  OK(ks_admin_new(kafka.config, &admin));
  OK(ks_admin_wait_for_leaders(admin, names, 2, PATIENCE_MS));
  FAILS(ks_admin_wait_for_leaders(admin, &missing, 1, 200), KS_ERROR_TIMEOUT, "topic=`nowhere`");
  FAILS(ks_admin_create_topics(admin, NULL, 1, sizeof topic, 100, &list), KS_ERROR_INVALID, "argument=`topics`");
  topic.settings = settings;
  topic.setting_strings = 1;
  FAILS(ks_admin_create_topics(admin, &topic, 1, sizeof topic, 100, &list), KS_ERROR_INVALID, "pairs");
  topic.setting_strings = 0;
  topic.partitions = 0;
  FAILS(ks_admin_create_topics(admin, &topic, 1, sizeof topic, 100, &list), KS_ERROR_INVALID, "partition");
  CHECK(list == NULL);
  OK(ks_admin_close(admin, PATIENCE_MS));
  FAILS(ks_admin_wait_for_leaders(admin, names, 2, PATIENCE_MS), KS_ERROR_CLOSED, "closed");
  ks_admin_destroy(admin);

  FAILS(ks_embedded_cluster_new(0, &none), KS_ERROR_INVALID, "between 1 and 64");
  FAILS(ks_embedded_cluster_new(-1, &none), KS_ERROR_INVALID, "between 1 and 64");
  FAILS(ks_embedded_cluster_create_topic(kafka.cluster, "in", 1), KS_ERROR_INVALID, "in");
  CHECK(none == NULL);

  /* Nobody answers there: the record's own future says so, at its deadline; closing says what is lost. */
  OK(ks_config_set(kafka.config, "bootstrap.servers", "127.0.0.1:1"));
  OK(ks_config_set(kafka.config, "delivery.timeout.ms", "300"));
  OK(ks_config_set(kafka.config, "linger.ms", "0"));
  OK(ks_config_set(kafka.config, "request.timeout.ms", "100"));
  OK(ks_producer_new(kafka.config, &producer));
  OK(ks_producer_send(producer, &record, sizeof record, &future));
  OK(ks_future_wait(future, 0, &ready));
  CHECK(!ready);
  FAILS(ks_future_take_delivery(future, &view, sizeof view), KS_ERROR_INVALID, "not done");
  wait_for_future(future);
  FAILS(ks_future_take_delivery(future, &view, sizeof view), KS_ERROR_TIMEOUT, "");
  ks_future_destroy(future);
  OK(ks_config_set(kafka.config, "delivery.timeout.ms", NULL));
  ks_producer_destroy(producer);
  OK(ks_producer_new(kafka.config, &producer));
  OK(ks_producer_send(producer, &record, sizeof record, NULL));
  FAILS(ks_producer_close(producer, 100), KS_ERROR_TIMEOUT, "");
  ks_producer_destroy(producer);
  kafka_destroy(&kafka);
  return finish();
}
