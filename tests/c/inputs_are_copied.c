/* Rule 5: every input is copied before the call returns. */
#include "check.h"

static ks_error_t *shout(void *user_data, const ks_record_view_t *record, ks_emitter_t *emitter) {
  /* Memory of its own for the result, gone before the library goes on. */
  uint8_t *data = malloc(record->value.size + 1);
  ks_value_view_t value = {KS_VALUE_TEXT, 0, 0, NULL, 0};
  ks_error_t *error;
  size_t index;
  (void)user_data;
  for (index = 0; index < record->value.size; index++) {
    data[index] = (uint8_t)(record->value.data[index] - 32);
  }
  data[index] = '!';
  value.data = data;
  value.size = index + 1;
  error = emit_value(emitter, &value);
  memset(data, 'x', index + 1);
  free(data);
  return error;
}

int main(void) {
  ks_builder_t *builder = NULL;
  ks_stream_t *stream = NULL;
  ks_stream_t *louder = NULL;
  ks_topology_t *topology = NULL;
  ks_test_driver_t *driver = NULL;
  ks_headers_t *headers = NULL;
  ks_header_view_t header;
  ks_batch_t *batch = NULL;
  ks_record_view_t view;
  ks_send_spec_t record = KS_SEND_SPEC_INIT;
  char *text = malloc(64);
  char *name = malloc(64);
  const char *topic = text;
  ks_consumed_spec_t *consumed = malloc(sizeof *consumed);

  strcpy(text, "in");
  strcpy(name, "string");
  consumed->key_serde = name;
  consumed->value_serde = name;
  consumed->reset = KS_RESET_EARLIEST;
  OK(ks_builder_new(&builder));
  OK(ks_builder_stream(builder, NULL, &topic, 1, consumed, sizeof *consumed, &stream));
  memset(text, 'x', 64);
  memset(name, 'x', 64);
  free(consumed);

  strcpy(name, "louder");
  OK(ks_stream_map_values(stream, name, shout, NULL, NULL, &louder));
  memset(name, 'x', 64);
  strcpy(text, "out");
  OK(ks_stream_to(louder, NULL, text, NULL, 0));
  memset(text, 'x', 64);
  OK(ks_builder_build(builder, NULL, &topology));
  CHECK(strstr(ks_topology_describe(topology), "topics: [in]") != NULL);
  CHECK(strstr(ks_topology_describe(topology), "Processor: louder") != NULL);
  CHECK(strstr(ks_topology_describe(topology), "topic: out") != NULL);

  /* The sink has no serdes of its own: the stream's were lost with the new values. */
  ks_topology_destroy(topology);
  FAILS(ks_stream_to(louder, "second", "out2", (const ks_produced_spec_t *)(void *)&header, 0), KS_ERROR_INVALID, "size");
  ks_stream_destroy(louder);
  ks_stream_destroy(stream);
  ks_builder_destroy(builder);

  OK(ks_builder_new(&builder));
  stream = text_stream(builder);
  OK(ks_stream_map_values(stream, NULL, shout, NULL, NULL, &louder));
  driver = drive(builder, louder, "string", "string");

  OK(ks_headers_new(&headers));
  strcpy(name, "colour");
  strcpy(text, "a value that is longer than what fits in the value itself");
  OK(ks_headers_add(headers, name, (const uint8_t *)text, strlen(text)));
  OK(ks_headers_add(headers, "none", NULL, 0));
  memset(text, 'x', 64);
  memset(name, 'x', 64);
  strcpy(text, "in");
  strcpy(name, "a text that does not fit");
  record.topic = text;
  record.key = record.value = (const uint8_t *)name;
  record.key_size = record.value_size = strlen(name);
  record.timestamp_ms = 7;
  record.headers = headers;
  OK(ks_test_driver_pipe(driver, &record, sizeof record));
  ks_headers_destroy(headers);
  memset(name, 'x', 64);
  free(name);
  free(text);

  OK(ks_test_driver_outputs(driver, NULL, &batch));
  CHECK(ks_batch_count(batch) == 1);
  CHECK(ks_batch_view(batch, 0, &view, sizeof view));
  CHECK(is_text(&view.key, "a text that does not fit") && view.value.size == 25 && view.value.data[24] == '!');
  CHECK(ks_headers_count(view.headers) == 2);
  CHECK(ks_headers_view(view.headers, 0, &header, sizeof header));
  CHECK(strcmp(header.name, "colour") == 0 && header.value_size == 57 && memcmp(header.value, "a value", 7) == 0);
  CHECK(ks_headers_view(view.headers, 1, &header, sizeof header));
  CHECK(strcmp(header.name, "none") == 0 && header.value == NULL);
  CHECK(!ks_headers_view(view.headers, 2, &header, sizeof header));

  ks_batch_destroy(batch);
  ks_test_driver_destroy(driver);
  ks_stream_destroy(louder);
  ks_stream_destroy(stream);
  ks_builder_destroy(builder);
  return finish();
}
