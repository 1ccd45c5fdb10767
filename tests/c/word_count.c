/* Kafka's WordCountDemo in C, by the test driver: Java's names and text, and the rows of the store. */
#include <ctype.h>

#include "check.h"

static const char *description =
    "Topologies:\n"
    "   Sub-topology: 0\n"
    "    Source: KSTREAM-SOURCE-0000000000 (topics: [streams-plaintext-input])\n"
    "      --> KSTREAM-FLATMAPVALUES-0000000001\n"
    "    Processor: KSTREAM-FLATMAPVALUES-0000000001 (stores: [])\n"
    "      --> KSTREAM-KEY-SELECT-0000000002\n"
    "      <-- KSTREAM-SOURCE-0000000000\n"
    "    Processor: KSTREAM-KEY-SELECT-0000000002 (stores: [])\n"
    "      --> KSTREAM-FILTER-0000000006\n"
    "      <-- KSTREAM-FLATMAPVALUES-0000000001\n"
    "    Processor: KSTREAM-FILTER-0000000006 (stores: [])\n"
    "      --> KSTREAM-SINK-0000000005\n"
    "      <-- KSTREAM-KEY-SELECT-0000000002\n"
    "    Sink: KSTREAM-SINK-0000000005 (topic: "
    "KSTREAM-AGGREGATE-STATE-STORE-0000000003-repartition)\n"
    "      <-- KSTREAM-FILTER-0000000006\n"
    "\n"
    "  Sub-topology: 1\n"
    "    Source: KSTREAM-SOURCE-0000000007 (topics: "
    "[KSTREAM-AGGREGATE-STATE-STORE-0000000003-repartition])\n"
    "      --> KSTREAM-AGGREGATE-0000000004\n"
    "    Processor: KSTREAM-AGGREGATE-0000000004 (stores: [KSTREAM-AGGREGATE-STATE-STORE-0000000003])\n"
    "      --> KTABLE-TOSTREAM-0000000008\n"
    "      <-- KSTREAM-SOURCE-0000000007\n"
    "    Processor: KTABLE-TOSTREAM-0000000008 (stores: [])\n"
    "      --> KSTREAM-SINK-0000000009\n"
    "      <-- KSTREAM-AGGREGATE-0000000004\n"
    "    Sink: KSTREAM-SINK-0000000009 (topic: streams-wordcount-output)\n"
    "      <-- KTABLE-TOSTREAM-0000000008\n"
    "\n";

static bool in_word(uint8_t c) { return isalnum(c) || c == '_'; }

/* As Java's `line.toLowerCase().split("\\W+")`: a leading empty word stays, trailing ones go, an empty line is one. */
static ks_error_t *split(void *user_data, const ks_record_view_t *record, ks_emitter_t *emitter) {
  char word[64] = "";
  ks_value_view_t value = text_value(word);
  const uint8_t *line = record->value.data;
  const size_t end = record->value.size;
  size_t at = 0;
  (void)user_data;
  while (at < end && !in_word(line[at])) {
    at++;
  }
  if (end == 0 || (at > 0 && at < end)) {
    OK(emit_value(emitter, &value));
  }
  while (at < end) {
    for (value.size = 0; at < end && in_word(line[at]); at++) {
      CHECK(value.size < sizeof word);
      word[value.size++] = (char)tolower(line[at]);
    }
    OK(emit_value(emitter, &value));
    while (at < end && !in_word(line[at])) {
      at++;
    }
  }
  return NULL;
}

static ks_error_t *word_of(void *user_data, const ks_record_view_t *record, ks_emitter_t *emitter) {
  (void)user_data;
  return emit_key(emitter, &record->value);
}

static void pipe_line(ks_test_driver_t *driver, const char *line) {
  ks_send_spec_t record = KS_SEND_SPEC_INIT;
  record.topic = "streams-plaintext-input";
  record.value = (const uint8_t *)line;
  record.value_size = strlen(line);
  record.timestamp_ms = 1;
  OK(ks_test_driver_pipe(driver, &record, sizeof record));
}

int main(void) {
  const char *topic = "streams-plaintext-input";
  const char *expected[] = {"", "all", "kafka", "lead", "streams", "to"};
  const unsigned char counts[] = {2, 1, 2, 1, 2, 2};
  ks_consumed_spec_t text = {"string", "string", KS_RESET_DEFAULT};
  ks_grouped_spec_t words = {"string", "string"};
  ks_produced_spec_t produced = {"string", "long"};
  ks_builder_t *builder = NULL;
  ks_stream_t *lines = NULL;
  ks_stream_t *split_lines = NULL;
  ks_stream_t *changes = NULL;
  ks_grouped_t *grouped = NULL;
  ks_table_t *table = NULL;
  ks_topology_t *topology = NULL;
  ks_config_t *config = NULL;
  ks_test_driver_t *driver = NULL;
  ks_batch_t *batch = NULL;
  ks_record_view_t view;
  size_t index;

  OK(ks_builder_new(&builder));
  OK(ks_builder_stream(builder, NULL, &topic, 1, &text, sizeof text, &lines));
  OK(ks_stream_flat_map_values(lines, NULL, split, NULL, NULL, &split_lines));
  OK(ks_stream_group_by(split_lines, NULL, &words, sizeof words, word_of, NULL, NULL, &grouped));
  OK(ks_grouped_count(grouped, NULL, NULL, 0, &table));
  OK(ks_table_to_stream(table, NULL, &changes));
  OK(ks_stream_to(changes, NULL, "streams-wordcount-output", &produced, sizeof produced));
  OK(ks_config_new(&config));
  OK(ks_config_set(config, "application.id", "streams-wordcount"));
  OK(ks_config_set(config, "statestore.cache.max.bytes", "0"));
  OK(ks_builder_build(builder, config, &topology));
  if (strcmp(ks_topology_describe(topology), description) != 0) {
    fprintf(stderr, "%s", ks_topology_describe(topology));
    return 1;
  }

  OK(ks_test_driver_new(topology, config, 0, &driver));
  pipe_line(driver, "all streams lead to Kafka");
  pipe_line(driver, "");
  pipe_line(driver, "?!");
  pipe_line(driver, "-- to Kafka Streams!");
  OK(ks_test_driver_store(driver, "KSTREAM-AGGREGATE-STATE-STORE-0000000003", &batch));
  CHECK(ks_batch_count(batch) == 6);
  for (index = 0; index < 6; index++) {
    CHECK(ks_batch_view(batch, index, &view, sizeof view));
    CHECK(is_text(&view.key, expected[index]));
    CHECK(view.value.size >= 8 && view.value.data[view.value.size - 1] == counts[index]);
    CHECK(view.timestamp_ms == 1);
  }
  ks_batch_destroy(batch);
  OK(ks_test_driver_outputs(driver, "streams-wordcount-output", &batch));
  CHECK(ks_batch_count(batch) == 10);
  CHECK(ks_batch_view(batch, 9, &view, sizeof view));
  CHECK(is_text(&view.key, "streams") && view.value.size == 8 && view.value.data[7] == 2);
  ks_batch_destroy(batch);

  ks_test_driver_destroy(driver);
  ks_config_destroy(config);
  ks_topology_destroy(topology);
  ks_stream_destroy(changes);
  ks_table_destroy(table);
  ks_grouped_destroy(grouped);
  ks_stream_destroy(split_lines);
  ks_stream_destroy(lines);
  ks_builder_destroy(builder);
  return finish();
}
