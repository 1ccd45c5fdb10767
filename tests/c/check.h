/* What every test of the C interface needs: each program tests one rule, and ends with `return finish();`. */
#ifndef CHECK_H
#define CHECK_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "kstreams.h"

#define CHECK(condition)                                                                 \
  do {                                                                                   \
    if (!(condition)) {                                                                  \
      fprintf(stderr, "%s:%d: not true: %s\n", __FILE__, __LINE__, #condition);          \
      exit(1);                                                                           \
    }                                                                                    \
  } while (0)

/* The call succeeds. */
#define OK(call) check_ok((call), __FILE__, __LINE__)

/* The call fails with an error of this kind, whose message has this text in it. */
#define FAILS(call, kind, text) check_fails((call), (kind), (text), __FILE__, __LINE__)

static inline void check_ok(ks_error_t *error, const char *file, int line) {
  if (error != NULL) {
    const ks_error_t *cause;
    fprintf(stderr, "%s:%d: failed: %s", file, line, ks_error_message(error));
    for (cause = ks_error_cause(error); cause != NULL; cause = ks_error_cause(cause)) {
      fprintf(stderr, ": %s", ks_error_message(cause));
    }
    fprintf(stderr, "\n");
    exit(1);
  }
}

static inline void check_fails(ks_error_t *error, ks_error_kind_t kind, const char *text, const char *file, int line) {
  if (error == NULL) {
    fprintf(stderr, "%s:%d: succeeded, but kind %d was expected\n", file, line, kind);
    exit(1);
  }
  if (ks_error_kind(error) != kind || strstr(ks_error_message(error), text) == NULL) {
    fprintf(stderr, "%s:%d: kind %d and `%s` were expected, but it is kind %d: %s\n", file, line, kind, text,
            ks_error_kind(error), ks_error_message(error));
    exit(1);
  }
  ks_error_destroy(error);
}

/* Nothing is left that was not destroyed. */
static inline int finish(void) {
  size_t left = ks_testing_live_handles();
  if (left != 0) {
    fprintf(stderr, "%zu handles were not destroyed\n", left);
    return 1;
  }
  return 0;
}

/* User data that count their calls and how often they are destroyed. */
typedef struct {
  int calls;
  int destroyed;
} counter_t;

static inline void counter_destroy(void *user_data) { ((counter_t *)user_data)->destroyed++; }

static inline ks_error_t *keep_all(void *user_data, const ks_record_view_t *record, bool *out_keep) {
  (void)record;
  if (user_data != NULL) {
    ((counter_t *)user_data)->calls++;
  }
  *out_keep = true;
  return NULL;
}

static inline bool is_text(const ks_value_view_t *value, const char *text) {
  return (value->kind == KS_VALUE_TEXT || value->kind == KS_VALUE_BYTES) && value->size == strlen(text) &&
         memcmp(value->data, text, value->size) == 0;
}

static inline ks_value_view_t text_value(const char *text) {
  ks_value_view_t value = {KS_VALUE_TEXT, 0, 0, NULL, 0};
  value.data = (const uint8_t *)text;
  value.size = strlen(text);
  return value;
}

static inline ks_value_view_t long_value(int64_t number) {
  ks_value_view_t value = {KS_VALUE_LONG, 0, 0, NULL, 0};
  value.integer = number;
  return value;
}

static inline ks_error_t *emit_key(ks_emitter_t *emitter, const ks_value_view_t *key) {
  ks_emit_spec_t spec = {NULL, NULL};
  spec.key = key;
  return ks_emitter_emit(emitter, &spec, sizeof spec);
}

static inline ks_error_t *emit_value(ks_emitter_t *emitter, const ks_value_view_t *value) {
  ks_emit_spec_t spec = {NULL, NULL};
  spec.value = value;
  return ks_emitter_emit(emitter, &spec, sizeof spec);
}

/* A stream of text from topic "in". */
static inline ks_stream_t *text_stream(ks_builder_t *builder) {
  const char *topic = "in";
  ks_consumed_spec_t options = {"string", "string", KS_RESET_DEFAULT};
  ks_stream_t *stream = NULL;
  OK(ks_builder_stream(builder, NULL, &topic, 1, &options, sizeof options, &stream));
  return stream;
}

/* Sends a stream of text to topic "out", and starts what the builder has. */
static inline ks_test_driver_t *drive(ks_builder_t *builder, ks_stream_t *stream, const char *key_serde,
                                      const char *value_serde) {
  ks_produced_spec_t options = {NULL, NULL};
  ks_topology_t *topology = NULL;
  ks_test_driver_t *driver = NULL;
  options.key_serde = key_serde;
  options.value_serde = value_serde;
  if (stream != NULL) {
    OK(ks_stream_to(stream, NULL, "out", &options, sizeof options));
  }
  OK(ks_builder_build(builder, NULL, &topology));
  OK(ks_test_driver_new(topology, NULL, 0, &driver));
  ks_topology_destroy(topology);
  return driver;
}

static inline ks_error_t *pipe_text(ks_test_driver_t *driver, const char *key, const char *value, int64_t timestamp_ms) {
  ks_send_spec_t record = KS_SEND_SPEC_INIT;
  record.topic = "in";
  if (key != NULL) {
    record.key = (const uint8_t *)key;
    record.key_size = strlen(key);
  }
  if (value != NULL) {
    record.value = (const uint8_t *)value;
    record.value_size = strlen(value);
  }
  record.timestamp_ms = timestamp_ms;
  return ks_test_driver_pipe(driver, &record, sizeof record);
}

/* The outputs to topic "out" are exactly these, given as key and value in turns. */
static inline void expect_out(ks_test_driver_t *driver, const char *const *expected, size_t count, int line) {
  ks_batch_t *batch = NULL;
  ks_record_view_t view;
  size_t index;
  OK(ks_test_driver_outputs(driver, "out", &batch));
  if (ks_batch_count(batch) != count) {
    fprintf(stderr, "line %d: %zu records were expected, there are %zu\n", line, count, ks_batch_count(batch));
    exit(1);
  }
  for (index = 0; index < count; index++) {
    CHECK(ks_batch_view(batch, index, &view, sizeof view));
    if (!is_text(&view.key, expected[2 * index]) || !is_text(&view.value, expected[2 * index + 1])) {
      fprintf(stderr, "line %d: record %zu is %.*s: %.*s\n", line, index, (int)view.key.size,
              (const char *)view.key.data, (int)view.value.size, (const char *)view.value.data);
      exit(1);
    }
  }
  CHECK(!ks_batch_view(batch, count, &view, sizeof view));
  ks_batch_destroy(batch);
}

#endif
