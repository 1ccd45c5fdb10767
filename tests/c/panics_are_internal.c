/* Rule 12: a panic becomes an error of kind internal; the object it happened in answers closed from then on. */
#include "check.h"

int main(void) {
  ks_config_t *config = NULL;
  ks_config_t *other = NULL;
  ks_builder_t *builder = NULL;
  ks_stream_t *out = NULL;
  const char *topic = "in";

  OK(ks_config_new(&config));
  OK(ks_config_new(&other));
  FAILS(ks_testing_panic(config), KS_ERROR_INTERNAL, "panic");
  FAILS(ks_config_set(config, "application.id", "x"), KS_ERROR_CLOSED, "unusable");
  FAILS(ks_config_set(config, "application.id", "x"), KS_ERROR_CLOSED, "object=`config`");
  OK(ks_config_set(other, "application.id", "x"));

  OK(ks_builder_new(&builder));
  FAILS(ks_testing_panic(builder), KS_ERROR_INTERNAL, "panic");
  FAILS(ks_builder_stream(builder, NULL, &topic, 1, NULL, 0, &out), KS_ERROR_CLOSED, "object=`builder`");

  /* It can still be destroyed, once. */
  ks_config_destroy(config);
  ks_config_destroy(config);
  FAILS(ks_testing_panic(config), KS_ERROR_CLOSED, "destroyed already");
  ks_config_destroy(other);
  ks_builder_destroy(builder);
  return finish();
}
