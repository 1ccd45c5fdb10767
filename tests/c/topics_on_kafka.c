/* On a real broker, whose address is in KS_BOOTSTRAP_SERVERS: some topics are made, others are not, and they go again. */
#include "check.h"

#define PATIENCE_MS 30000

/* How many partitions a topic of the cluster has; none if it is not there. */
static size_t partitions_of(ks_admin_t *admin, const char *name) {
  ks_topic_list_t *list = NULL;
  ks_topic_view_t topic;
  size_t partitions = 0;
  size_t index;
  OK(ks_admin_topics(admin, PATIENCE_MS, &list));
  for (index = 0; ks_topic_list_view(list, index, &topic, sizeof topic); index++) {
    if (strcmp(topic.name, name) == 0) {
      partitions = topic.partitions;
    }
  }
  CHECK(index == ks_topic_list_count(list));
  ks_topic_list_destroy(list);
  return partitions;
}

int main(void) {
  ks_config_t *config = NULL;
  ks_admin_t *admin = NULL;
  ks_topic_spec_t topics[2] = {{"made-in-c", NULL, 0, 2, 1}, {"no good name", NULL, 0, 1, 1}};
  const char *made = "made-in-c";
  ks_outcome_list_t *list = NULL;
  ks_outcome_view_t outcome;
  CHECK(getenv("KS_BOOTSTRAP_SERVERS") != NULL);
  OK(ks_config_new(&config));
  OK(ks_config_set(config, "bootstrap.servers", getenv("KS_BOOTSTRAP_SERVERS")));
  OK(ks_admin_new(config, &admin));
  OK(ks_admin_create_topics(admin, topics, 2, sizeof *topics, PATIENCE_MS, &list));
  CHECK(ks_outcome_list_count(list) == 2 && ks_outcome_list_failures(list) == 1);
  CHECK(ks_outcome_list_view(list, 0, &outcome, sizeof outcome));
  CHECK(strcmp(outcome.name, "made-in-c") == 0 && outcome.error == NULL);
  CHECK(ks_outcome_list_view(list, 1, &outcome, sizeof outcome) && ks_error_kind(outcome.error) == KS_ERROR_INVALID);
  CHECK(strcmp(outcome.name, "no good name") == 0 && strstr(ks_error_message(outcome.error), "no good name") != NULL);
  CHECK(!ks_outcome_list_view(list, 2, &outcome, sizeof outcome));
  ks_outcome_list_destroy(list);
  OK(ks_admin_wait_for_leaders(admin, &made, 1, PATIENCE_MS));
  CHECK(partitions_of(admin, made) == 2 && partitions_of(admin, "nowhere") == 0);
  OK(ks_admin_delete_topics(admin, &made, 1, PATIENCE_MS, &list));
  CHECK(ks_outcome_list_count(list) == 1 && ks_outcome_list_failures(list) == 0);
  ks_outcome_list_destroy(list);
  OK(ks_admin_close(admin, PATIENCE_MS));
  ks_admin_destroy(admin);
  ks_config_destroy(config);
  return finish();
}
