// Fuzz target: any bytes as values that cross the bridge. A value that is taken comes back as the same bytes.
#include "host.h"

static mw_state *state;
static int32_t echo, walk;

static int32_t loaded(const char *source) {
  if (mw_load(state, (const uint8_t *)source, strlen(source), "bridge.lua", 1000000000) != MW_OK) abort();
  int32_t function = fuzz_function(state);
  if (function < 0) abort();
  return function;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  if (!state) {
    state = fuzz_open();
    echo = loaded("return function(x) return x end");
    walk = loaded(
        "local function walk(x) local n = 1 if type(x) == 'table' then for k, v in pairs(x) do n = n + walk(k) + "
        "walk(v) end end return n end return function(...) return walk({...}), give(...) end");
  }
  // A reference in the bytes is one of ours or none: what it names may be anything but must not be called wrongly.
  size_t count;
  if (mw_call(state, echo, data, size, 1000000000) == MW_OK) {
    const uint8_t *bytes = mw_replied(state, &count);
    uint8_t *once = malloc(count ? count : 1);
    if (!once) abort();
    memcpy(once, bytes, count);
    bool holds_function = memchr(once, 'F', count) != NULL;
    if (mw_call(state, echo, once, count, 1000000000) == MW_OK && !holds_function) {
      size_t again;
      bytes = mw_replied(state, &again);
      // Tables have no order of their own, so only their sizes are the same.
      if (again != count) abort();
      if (!memchr(once, 'T', count) && memcmp(once, bytes, count) != 0) abort();
    }
    free(once);
  }
  mw_call(state, walk, data, size, 1000000000);
  fuzz_check(state);
  return 0;
}
