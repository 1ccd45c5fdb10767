/* An embedded cluster with topics "in" and "out", and settings for everything that talks to it. */
#ifndef CLUSTER_H
#define CLUSTER_H

#include "check.h"

#define PATIENCE_MS 30000

typedef struct {
  ks_embedded_cluster_t *cluster;
  ks_config_t *config;
} kafka_t;

static inline kafka_t kafka_new(void) {
  kafka_t kafka = {NULL, NULL};
  OK(ks_embedded_cluster_new(1, &kafka.cluster));
  OK(ks_embedded_cluster_create_topic(kafka.cluster, "in", 2));
  OK(ks_embedded_cluster_create_topic(kafka.cluster, "out", 2));
  OK(ks_config_new(&kafka.config));
  OK(ks_config_set(kafka.config, "bootstrap.servers", ks_embedded_cluster_bootstrap_servers(kafka.cluster)));
  OK(ks_config_set(kafka.config, "auto.offset.reset", "earliest"));
  return kafka;
}

static inline void kafka_destroy(kafka_t *kafka) {
  ks_config_destroy(kafka->config);
  ks_embedded_cluster_destroy(kafka->cluster);
}

static inline ks_send_spec_t text_record(const char *topic, const char *key, const char *value) {
  ks_send_spec_t record = KS_SEND_SPEC_INIT;
  record.topic = topic;
  record.key = (const uint8_t *)key;
  record.key_size = strlen(key);
  record.value = (const uint8_t *)value;
  record.value_size = strlen(value);
  return record;
}

static inline void wait_for_future(ks_future_t *future) {
  bool ready = false;
  OK(ks_future_wait(future, PATIENCE_MS, &ready));
  CHECK(ready);
}

#endif
