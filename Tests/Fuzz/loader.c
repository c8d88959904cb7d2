// Fuzz target: any bytes as the source of a plugin, in a state of its own. Whatever it does ends, within its limits.
#include "host.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  mw_state *state = fuzz_open();
  int64_t limit = 20000000;
  if (mw_load(state, data, size, "fuzz.lua", limit) == MW_OK) {
    int32_t function = fuzz_function(state);
    if (function >= 0) {
      int32_t object = mw_object(state, state, NULL);
      bool nothing;
      mw_call_objects(state, function, object, object, limit, &nothing);
      mw_release(state, object);
      mw_release(state, function);
    }
  }
  // What was left behind by a run out of memory must leave room for a small call.
  if (mw_memory(state) < 900 << 10) fuzz_check(state);
  mw_close(state);
  return 0;
}
