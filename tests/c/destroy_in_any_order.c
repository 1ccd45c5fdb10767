/* Rule 7: objects can be destroyed in any order; a child keeps what it needs of its parent. */
#include "check.h"

static ks_error_t *key_of_value(void *user_data, const ks_record_view_t *record, ks_emitter_t *emitter) {
  ((counter_t *)user_data)->calls++;
  return emit_key(emitter, &record->value);
}

int main(void) {
  counter_t counter = {0, 0};
  ks_builder_t *builder = NULL;
  ks_stream_t *stream;
  ks_stream_t *counts = NULL;
  ks_grouped_t *grouped = NULL;
  ks_table_t *table = NULL;
  ks_topology_t *topology = NULL;
  ks_config_t *config = NULL;
  ks_test_driver_t *driver = NULL;
  ks_batch_t *batch = NULL;
  ks_record_view_t view;
  ks_materialized_spec_t store = {"counts", NULL, NULL, KS_STORE_MEMORY, 1, 0};
  ks_grouped_spec_t by = {"string", "string"};
  ks_produced_spec_t produced = {"string", "long"};

  OK(ks_builder_new(&builder));
  stream = text_stream(builder);
  OK(ks_stream_group_by(stream, NULL, &by, sizeof by, key_of_value, &counter, counter_destroy, &grouped));
  ks_stream_destroy(stream);
  OK(ks_grouped_count(grouped, NULL, &store, sizeof store, &table));
  ks_grouped_destroy(grouped);
  OK(ks_table_to_stream(table, NULL, &counts));
  ks_table_destroy(table);
  OK(ks_stream_to(counts, NULL, "out", &produced, sizeof produced));
  OK(ks_builder_build(builder, NULL, &topology));
  ks_builder_destroy(builder);
  ks_stream_destroy(counts);
  OK(ks_config_new(&config));
  OK(ks_config_set(config, "application.id", "any-order"));
  OK(ks_test_driver_new(topology, config, 0, &driver));
  ks_config_destroy(config);
  ks_topology_destroy(topology);

  CHECK(counter.destroyed == 0);
  OK(pipe_text(driver, "k", "word", 1));
  OK(ks_test_driver_outputs(driver, "out", &batch));
  ks_test_driver_destroy(driver);
  CHECK(counter.calls == 1 && counter.destroyed == 1);

  CHECK(ks_batch_view(batch, 0, &view, sizeof view));
  CHECK(is_text(&view.key, "word") && view.value.size == 8 && view.value.data[7] == 1);
  ks_batch_destroy(batch);
  return finish();
}
