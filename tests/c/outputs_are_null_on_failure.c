/* Rule 6: an `out_` handle is set to NULL when the call fails. */
#include "check.h"

int main(void) {
  ks_builder_t *builder = NULL;
  ks_stream_t *out = (ks_stream_t *)(uintptr_t)1;
  ks_grouped_t *grouped = (ks_grouped_t *)(uintptr_t)1;
  ks_table_t *table = (ks_table_t *)(uintptr_t)1;
  ks_topology_t *topology = (ks_topology_t *)(uintptr_t)1;
  ks_test_driver_t *driver = (ks_test_driver_t *)(uintptr_t)1;
  ks_batch_t *batch = (ks_batch_t *)(uintptr_t)1;
  ks_value_t *value = (ks_value_t *)(uintptr_t)1;
  bool ready = true;

  FAILS(ks_stream_filter(NULL, NULL, keep_all, NULL, NULL, &out), KS_ERROR_INVALID, "stream");
  FAILS(ks_stream_group_by_key(NULL, NULL, NULL, 0, &grouped), KS_ERROR_INVALID, "stream");
  FAILS(ks_grouped_count(NULL, NULL, NULL, 0, &table), KS_ERROR_INVALID, "grouped");
  FAILS(ks_builder_build(NULL, NULL, &topology), KS_ERROR_INVALID, "builder");
  FAILS(ks_test_driver_new(NULL, NULL, 0, &driver), KS_ERROR_INVALID, "topology");
  FAILS(ks_test_driver_store(NULL, "store", &batch), KS_ERROR_INVALID, "driver");
  FAILS(ks_serde_read("long", (const uint8_t *)"short", 5, &value), KS_ERROR_DATA, "");
  FAILS(ks_future_wait(NULL, 0, &ready), KS_ERROR_INVALID, "future");
  CHECK(out == NULL && grouped == NULL && table == NULL && topology == NULL && driver == NULL && batch == NULL);
  CHECK(value == NULL && !ready);
  ks_builder_destroy(builder);
  return finish();
}
