/* Every operator of streams and tables, with functions written in C. */
#include <ctype.h>

#include "check.h"

static ks_error_t *is_long(void *user_data, const ks_record_view_t *record, bool *out_keep) {
  CHECK(record->timestamp_ms == -1 && record->offset == -1 && record->partition == -1);
  CHECK(record->topic == NULL && record->headers == NULL);
  *out_keep = record->value.size > *(const size_t *)user_data;
  return NULL;
}

static ks_error_t *swap(void *user_data, const ks_record_view_t *record, ks_emitter_t *emitter) {
  ks_emit_spec_t spec = {&record->value, &record->key};
  (void)user_data;
  return ks_emitter_emit(emitter, &spec, sizeof spec);
}

static ks_error_t *first_letter(void *user_data, const ks_record_view_t *record, ks_emitter_t *emitter) {
  ks_value_view_t part = record->value;
  (void)user_data;
  part.size = 1;
  return emit_value(emitter, &part);
}

static ks_error_t *key_from_value(void *user_data, const ks_record_view_t *record, ks_emitter_t *emitter) {
  (void)user_data;
  return emit_key(emitter, &record->value);
}

static ks_error_t *words(void *user_data, const ks_record_view_t *record, ks_emitter_t *emitter) {
  ks_value_view_t word = record->value;
  size_t begin = 0;
  size_t end;
  (void)user_data;
  for (end = 0; end <= record->value.size; end++) {
    if (end == record->value.size || !isalnum(record->value.data[end])) {
      word.data = record->value.data + begin;
      word.size = end - begin;
      OK(emit_value(emitter, &word));
      begin = end + 1;
    }
  }
  return NULL;
}

static ks_error_t *both_ways(void *user_data, const ks_record_view_t *record, ks_emitter_t *emitter) {
  ks_emit_spec_t same = {NULL, NULL};
  OK(ks_emitter_emit(emitter, &same, sizeof same));
  return swap(user_data, record, emitter);
}

static ks_error_t *note(void *user_data, const ks_record_view_t *record) {
  (void)record;
  ++*(int *)user_data;
  return NULL;
}

static ks_error_t *concatenate(void *user_data, const ks_value_view_t *state, const ks_value_view_t *value,
                               ks_emitter_t *emitter) {
  char text[64];
  ks_value_view_t both;
  (void)user_data;
  snprintf(text, sizeof text, "%.*s+%.*s", (int)state->size, (const char *)state->data, (int)value->size,
           (const char *)value->data);
  both = text_value(text);
  return emit_value(emitter, &both);
}

static ks_error_t *zero(void *user_data, ks_emitter_t *emitter) {
  ks_value_view_t none = long_value(0);
  (void)user_data;
  return emit_value(emitter, &none);
}

static ks_error_t *add_size(void *user_data, const ks_record_view_t *record, const ks_value_view_t *state,
                            ks_emitter_t *emitter) {
  ks_value_view_t sum = long_value(state->integer + (int64_t)record->value.size);
  (void)user_data;
  CHECK(state->kind == KS_VALUE_LONG);
  return emit_value(emitter, &sum);
}

/* What goes through one operator. */
static void through(ks_builder_t *builder, ks_stream_t *in, ks_stream_t *out, const char *const *expected, size_t count,
                    int line) {
  ks_test_driver_t *driver = drive(builder, out, "string", "string");
  OK(pipe_text(driver, "k", "one two", 1));
  OK(pipe_text(driver, "l", "three", 2));
  expect_out(driver, expected, count, line);
  ks_test_driver_destroy(driver);
  ks_stream_destroy(in);
  ks_stream_destroy(out);
  ks_builder_destroy(builder);
}

static ks_builder_t *fresh(ks_stream_t **out_stream) {
  ks_builder_t *builder = NULL;
  OK(ks_builder_new(&builder));
  *out_stream = text_stream(builder);
  return builder;
}

static void stateless(void) {
  static const size_t five = 5;
  int noted = 0;
  ks_builder_t *builder;
  ks_stream_t *in;
  ks_stream_t *out = NULL;

  builder = fresh(&in);
  OK(ks_stream_filter(in, NULL, is_long, (void *)(uintptr_t)&five, NULL, &out));
  through(builder, in, out, (const char *[]){"k", "one two"}, 1, __LINE__);

  builder = fresh(&in);
  OK(ks_stream_filter_not(in, NULL, is_long, (void *)(uintptr_t)&five, NULL, &out));
  through(builder, in, out, (const char *[]){"l", "three"}, 1, __LINE__);

  builder = fresh(&in);
  OK(ks_stream_map(in, NULL, swap, NULL, NULL, &out));
  through(builder, in, out, (const char *[]){"one two", "k", "three", "l"}, 2, __LINE__);

  builder = fresh(&in);
  OK(ks_stream_map_values(in, NULL, first_letter, NULL, NULL, &out));
  through(builder, in, out, (const char *[]){"k", "o", "l", "t"}, 2, __LINE__);

  builder = fresh(&in);
  OK(ks_stream_flat_map(in, NULL, both_ways, NULL, NULL, &out));
  through(builder, in, out, (const char *[]){"k", "one two", "one two", "k", "l", "three", "three", "l"}, 4, __LINE__);

  builder = fresh(&in);
  OK(ks_stream_flat_map_values(in, NULL, words, NULL, NULL, &out));
  through(builder, in, out, (const char *[]){"k", "one", "k", "two", "l", "three"}, 3, __LINE__);

  builder = fresh(&in);
  OK(ks_stream_select_key(in, NULL, key_from_value, NULL, NULL, &out));
  through(builder, in, out, (const char *[]){"one two", "one two", "three", "three"}, 2, __LINE__);

  builder = fresh(&in);
  OK(ks_stream_for_each(in, NULL, note, &noted, NULL));
  OK(ks_stream_peek(in, NULL, note, &noted, NULL, &out));
  through(builder, in, out, (const char *[]){"k", "one two", "l", "three"}, 2, __LINE__);
  CHECK(noted == 4);
}

static void merging(void) {
  ks_builder_t *builder;
  ks_stream_t *in;
  ks_stream_t *letters = NULL;
  ks_stream_t *out = NULL;
  ks_repartitioned_spec_t options = {"string", "string", 3};

  builder = fresh(&in);
  OK(ks_stream_map_values(in, NULL, first_letter, NULL, NULL, &letters));
  OK(ks_stream_merge(in, NULL, letters, &out));
  ks_stream_destroy(letters);
  through(builder, in, out, (const char *[]){"k", "o", "k", "one two", "l", "t", "l", "three"}, 4, __LINE__);

  builder = fresh(&in);
  OK(ks_stream_repartition(in, "again", &options, sizeof options, &out));
  through(builder, in, out, (const char *[]){"k", "one two", "l", "three"}, 2, __LINE__);
}

/* What a table sends to topic "out" for three records of one key. */
static void table_out(ks_builder_t *builder, ks_table_t *table, const char *value_serde, ks_batch_t **out_batch) {
  ks_stream_t *changes = NULL;
  ks_test_driver_t *driver;
  OK(ks_table_to_stream(table, "changes", &changes));
  driver = drive(builder, changes, "string", value_serde);
  OK(pipe_text(driver, "k", "a", 1));
  OK(pipe_text(driver, "k", "bc", 2));
  OK(pipe_text(driver, "k", "def", 3));
  OK(ks_test_driver_outputs(driver, "out", out_batch));
  CHECK(ks_batch_count(*out_batch) == 3);
  ks_test_driver_destroy(driver);
  ks_stream_destroy(changes);
  ks_table_destroy(table);
}

static int64_t long_at(ks_batch_t *batch, size_t index) {
  ks_record_view_t record;
  ks_value_view_t view;
  ks_value_t *value = NULL;
  int64_t number;
  CHECK(ks_batch_view(batch, index, &record, sizeof record));
  OK(ks_serde_read("long", record.value.data, record.value.size, &value));
  CHECK(ks_value_view(value, &view, sizeof view) && view.kind == KS_VALUE_LONG);
  number = view.integer;
  ks_value_destroy(value);
  return number;
}

static void aggregations(void) {
  ks_builder_t *builder;
  ks_stream_t *in;
  ks_grouped_t *grouped = NULL;
  ks_table_t *table = NULL;
  ks_batch_t *batch = NULL;
  ks_record_view_t view;
  ks_materialized_spec_t longs = {"sizes", "string", "long", KS_STORE_ROCKSDB, 1, 0};
  ks_materialized_spec_t memory = {"joined", NULL, NULL, KS_STORE_MEMORY, 1, 1};

  builder = fresh(&in);
  OK(ks_stream_group_by_key(in, NULL, NULL, 0, &grouped));
  OK(ks_grouped_count(grouped, "counting", NULL, 0, &table));
  table_out(builder, table, "long", &batch);
  CHECK(long_at(batch, 0) == 1 && long_at(batch, 1) == 2 && long_at(batch, 2) == 3);
  ks_batch_destroy(batch);
  ks_grouped_destroy(grouped);
  ks_stream_destroy(in);
  ks_builder_destroy(builder);

  builder = fresh(&in);
  OK(ks_stream_group_by_key(in, NULL, NULL, 0, &grouped));
  OK(ks_grouped_aggregate(grouped, NULL, &longs, sizeof longs, zero, add_size, NULL, NULL, &table));
  table_out(builder, table, "long", &batch);
  CHECK(long_at(batch, 0) == 1 && long_at(batch, 1) == 3 && long_at(batch, 2) == 6);
  ks_batch_destroy(batch);
  ks_grouped_destroy(grouped);
  ks_stream_destroy(in);
  ks_builder_destroy(builder);

  builder = fresh(&in);
  OK(ks_stream_group_by_key(in, NULL, NULL, 0, &grouped));
  OK(ks_grouped_reduce(grouped, NULL, &memory, sizeof memory, concatenate, NULL, NULL, &table));
  table_out(builder, table, "string", &batch);
  CHECK(ks_batch_view(batch, 2, &view, sizeof view) && is_text(&view.value, "a+bc+def"));
  ks_batch_destroy(batch);
  ks_grouped_destroy(grouped);
  ks_stream_destroy(in);
  ks_builder_destroy(builder);
}

int main(void) {
  stateless();
  merging();
  aggregations();
  return finish();
}
