/* Rule 8: what was closed answers closed, can be closed again, and is destroyed without a close as well. */
#include "check.h"

int main(void) {
  ks_builder_t *builder = NULL;
  ks_stream_t *stream;
  ks_test_driver_t *driver;
  ks_batch_t *batch = NULL;
  ks_topology_t *topology = NULL;

  OK(ks_builder_new(&builder));
  stream = text_stream(builder);
  driver = drive(builder, stream, "string", "string");
  OK(pipe_text(driver, "k", "v", 1));
  OK(ks_test_driver_close(driver));
  OK(ks_test_driver_close(driver));
  FAILS(pipe_text(driver, "k", "v", 1), KS_ERROR_CLOSED, "");
  FAILS(ks_test_driver_store(driver, "store", &batch), KS_ERROR_CLOSED, "");
  ks_test_driver_destroy(driver);
  FAILS(ks_test_driver_close(driver), KS_ERROR_CLOSED, "destroyed already");

  OK(ks_builder_build(builder, NULL, &topology));
  OK(ks_test_driver_new(topology, NULL, 0, &driver));
  OK(pipe_text(driver, "k", "v", 1));
  ks_test_driver_destroy(driver);

  ks_topology_destroy(topology);
  ks_stream_destroy(stream);
  ks_builder_destroy(builder);
  return finish();
}
