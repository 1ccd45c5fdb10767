/* Rule 19: a program can compare the header with the library that was loaded. */
#include "check.h"

int main(void) {
  CHECK(ks_abi_version() == KS_ABI_VERSION);
  CHECK(strchr(ks_version_string(), '.') != NULL);
  return finish();
}
