/* Handles are never dereferenced: one that was destroyed, twice, forged, or of another type is answered with an error. */
#include "check.h"

int main(void) {
  ks_config_t *config = NULL;
  ks_config_t *other = NULL;
  ks_builder_t *builder = NULL;
  ks_topology_t *topology = NULL;
  ks_error_t *error;
  uintptr_t numbers[] = {1, 8, 4096, (uintptr_t)-1, (uintptr_t)5 << 56, ((uintptr_t)5 << 56) + 0xffffff};
  char memory[64] = {0};
  size_t index;

  /* Destroyed. */
  OK(ks_config_new(&config));
  ks_config_destroy(config);
  FAILS(ks_config_set(config, "application.id", "x"), KS_ERROR_CLOSED, "destroyed already");
  FAILS(ks_config_set(config, "application.id", "x"), KS_ERROR_CLOSED, "object=`config`");

  /* Destroyed twice: the second time nothing happens, also when the place is used by another object meanwhile. */
  OK(ks_config_new(&other));
  OK(ks_config_set(other, "application.id", "mine"));
  ks_config_destroy(config);
  CHECK(strcmp(ks_config_get(other, "application.id"), "mine") == 0);
  FAILS(ks_config_set(config, "application.id", "x"), KS_ERROR_CLOSED, "destroyed already");

  /* Forged. */
  for (index = 0; index < sizeof numbers / sizeof *numbers; index++) {
    config = (ks_config_t *)numbers[index];
    if (config != other) {
      FAILS(ks_config_set(config, "application.id", "x"), KS_ERROR_INVALID, "argument=`config`");
      ks_config_destroy(config);
    }
  }
  FAILS(ks_config_set((ks_config_t *)(void *)memory, "application.id", "x"), KS_ERROR_INVALID, "not a handle");

  /* Of another type. */
  OK(ks_builder_new(&builder));
  FAILS(ks_config_set((ks_config_t *)builder, "application.id", "x"), KS_ERROR_INVALID, "not a handle");
  ks_config_destroy((ks_config_t *)builder);
  OK(ks_builder_build(builder, NULL, &topology));

  /* An error that was destroyed. */
  error = ks_config_set(other, "no.such.setting", "x");
  ks_error_destroy(error);
  CHECK(ks_error_kind(error) == KS_ERROR_CLOSED);
  CHECK(strstr(ks_error_message(error), "destroyed") != NULL);
  CHECK(ks_error_user_data(error) == NULL);
  ks_error_destroy(error);

  ks_topology_destroy(topology);
  ks_builder_destroy(builder);
  ks_config_destroy(other);
  return finish();
}
