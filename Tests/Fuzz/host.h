// What the fuzz targets answer a sandbox with: as little as there is.
#pragma once
#include <stdlib.h>
#include <string.h>

#include "lua_shim.h"

static mw_state *fuzz_state;

static int32_t fuzz_call(void *context, int32_t id, const uint8_t *arguments, size_t count) {
  (void)context, (void)id;
  // Gives back what it was given: the first of the values, since one is what a host function answers.
  mw_reply(fuzz_state, count ? arguments : (const uint8_t *)"n", count ? count : 1);
  return 0;
}

static void fuzz_unknown_name(void *context, const uint8_t *names, size_t count) {
  (void)context;
  mw_reply(fuzz_state, names, count < 64 ? count : 64);
}

static int32_t fuzz_find_field(void *object, const uint8_t *name, size_t count) {
  (void)object;
  if (count > 255) abort();  // promised to be known as no field
  return count > 0 && name[0] != 'z' ? name[0] % 8 : -1;
}

static void fuzz_read_field(void *object, int32_t field, mw_scalar *value) {
  (void)object;
  static const char tags[8] = "ntfiduws";
  value->tag = (uint8_t)tags[field];
  value->integer = INT64_MIN;
  value->number = 0.5;
  value->text = (const uint8_t *)"a\0b";
  value->count = 3;
}

static void fuzz_unknown_field(void *context, void *object, const uint8_t *name, size_t count) {
  (void)context, (void)object;
  if (count > 255) abort();
  mw_reply(fuzz_state, name, count);
}

static mw_state *fuzz_open(void) {
  mw_limits limits = {
      .memory = 1 << 20, .source = 64 << 10, .depth = 32, .nodes = 10000, .text = 64 << 10, .seed = 1};
  mw_host host = {.call = fuzz_call, .unknown_name = fuzz_unknown_name, .find_field = fuzz_find_field,
                  .read_field = fuzz_read_field, .unknown_field = fuzz_unknown_field};
  fuzz_state = mw_open("fuzz", &limits, &host);
  if (!fuzz_state || mw_register(fuzz_state, "give", 0, false) != MW_OK ||
      mw_freeze(fuzz_state, false) != MW_OK)
    abort();
  return fuzz_state;
}

// The reference of the function that the last reply is; −1 where it is something else.
static int32_t fuzz_function(const mw_state *state) {
  size_t count;
  const uint8_t *bytes = mw_replied(state, &count);
  int32_t reference = -1;
  if (count == 9 && bytes[0] == 'F') memcpy(&reference, bytes + 1, 4);
  return reference;
}

// A state is sound when a new call of it does what it should.
static void fuzz_check(mw_state *state) {
  static const char source[] = "return ('ab'):rep(2)";
  size_t count;
  if (mw_memory(state) > 1 << 20) abort();
  if (mw_load(state, (const uint8_t *)source, sizeof source - 1, "check", 1000000000) != MW_OK) abort();
  const uint8_t *bytes = mw_replied(state, &count);
  if (count != 9 || memcmp(bytes + 5, "abab", 4) != 0) abort();
}
