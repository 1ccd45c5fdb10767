/* Rule 4: structs are passed with their size; the library reads and writes no more than that. */
#include "check.h"

int main(void) {
  ks_builder_t *builder = NULL;
  ks_stream_t *stream = NULL;
  ks_test_driver_t *driver;
  ks_batch_t *batch = NULL;
  ks_record_view_t view;
  ks_send_spec_t record = KS_SEND_SPEC_INIT;
  const size_t old_view = offsetof(ks_record_view_t, timestamp_ms);
  const size_t old_spec = offsetof(ks_send_spec_t, headers);
  struct {
    ks_send_spec_t known;
    int64_t later[4];
  } newer;

  OK(ks_builder_new(&builder));
  stream = text_stream(builder);
  driver = drive(builder, stream, "string", "string");

  /* An older header has a smaller spec: what lies behind it is not read. */
  record.topic = "in";
  record.key = (const uint8_t *)"k";
  record.key_size = 1;
  record.value = (const uint8_t *)"v";
  record.value_size = 1;
  record.headers = (const ks_headers_t *)(uintptr_t)0xbad;
  FAILS(ks_test_driver_pipe(driver, &record, sizeof record), KS_ERROR_INVALID, "argument=`headers`");
  record.timestamp_ms = 5;
  FAILS(ks_test_driver_pipe(driver, &record, old_spec + 4), KS_ERROR_INVALID, "size");
  FAILS(ks_test_driver_pipe(driver, &record, 0), KS_ERROR_INVALID, "size");

  /* A newer one has a larger spec: the library takes what it knows. */
  record.headers = NULL;
  memset(&newer, 0x55, sizeof newer);
  newer.known = record;
  OK(ks_test_driver_pipe(driver, &newer.known, sizeof newer));
  OK(ks_test_driver_pipe_batch(driver, &newer.known, 1, sizeof newer));

  /* An older header has a smaller view: what lies behind it is not written. */
  OK(ks_test_driver_outputs(driver, "out", &batch));
  CHECK(ks_batch_count(batch) == 2);
  memset(&view, 0x55, sizeof view);
  CHECK(ks_batch_view(batch, 0, &view, old_view));
  CHECK(is_text(&view.key, "k") && is_text(&view.value, "v"));
  CHECK(view.timestamp_ms == 0x5555555555555555 && view.partition == 0x55555555);
  CHECK(ks_batch_view(batch, 0, &view, sizeof view));
  CHECK(view.timestamp_ms == 5 && view.topic_size == 3 && memcmp(view.topic, "out", 3) == 0);
  CHECK(!ks_batch_view(batch, 0, &view, 3));
  CHECK(!ks_batch_view(batch, 0, NULL, sizeof view));

  ks_batch_destroy(batch);
  ks_test_driver_destroy(driver);
  ks_stream_destroy(stream);
  ks_builder_destroy(builder);
  return finish();
}
