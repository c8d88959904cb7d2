// A Lua 5.4 state behind plain C calls that never raise.
//
// Lua reports errors by longjmp, and a jump over a Swift frame skips its releases. So Swift never sees a lua_State:
// it hands in bytes and callbacks, gets a status back, and every jump stays between two C frames of this target.
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct mw_state mw_state;

typedef enum {
  MW_OK = 0,
  MW_SYNTAX,
  MW_RUNTIME,
  MW_DEADLINE,
  MW_MEMORY,
  MW_VALUE,  // a value that may not cross between Lua and the host
  MW_HOST,   // a host function refused
} mw_status;

// Tags of the flat form in which values cross. Numbers are little-endian, as on every machine that we build for.
//   n t f          nothing, true, false
//   i d            int64, double
//   u w            duration, time: int64 microseconds
//   s              uint32 length, bytes
//   F              int32 reference, int32 line where the function is defined
//   o              int32 reference of an object (host to Lua only)
//   T              uint32 list length, uint32 pair count, the list's values, then key text and value of each pair
typedef struct {
  uint8_t tag;  // one of n t f i d u w s
  int64_t integer;
  double number;
  const uint8_t *text;  // must live until the next callback
  size_t count;
} mw_scalar;

// Where the fields of an object stand in memory, so that the shim reads them itself. The host owns all of it and keeps it
// as it is while a call runs.
typedef enum {
  MW_ASK = 0,   // the host is asked
  MW_ABSENT,    // nothing
  MW_NUMBER,    // double; not a number is nothing
  MW_FLAG,      // double; not a number is nothing, 0 is false
  MW_TEXT,      // uint32, the number of a text; 0 is nothing
  MW_WORD,      // the same; 0 is the empty text
  MW_MOMENT,    // int64, microseconds since the epoch
} mw_kind;

typedef struct {
  mw_kind kind;
  const void *base;  // of row 0
} mw_column;

typedef struct {
  const uint8_t *bytes;
  intptr_t count;
} mw_text;

typedef struct {
  const mw_column *columns;  // by number of field
  int32_t count;             // 0: the host is asked for every field
  int32_t text_bits;         // the low bits of a text's number are its place in a chunk, the others the chunk's
  intptr_t row;
  const mw_text *const *texts;  // chunks
  uint32_t edition;             // another whenever the texts are those of another run
} mw_row;

typedef struct {
  size_t memory;        // bytes that Lua may hold
  size_t source;        // bytes of one chunk
  uint32_t depth;       // of tables in a value that leaves Lua
  uint32_t nodes;       // in a value that leaves Lua
  uint32_t text;        // bytes of text in a value that leaves Lua
  uint64_t seed;        // of math.random
} mw_limits;

// What Lua may ask of the host. Each returns normally whatever happens; words go back through mw_reply.
typedef struct {
  void *context;
  // Runs host function `id`. 0: the reply is the flat result. Otherwise the reply is a message in plain text.
  int32_t (*call)(void *context, int32_t id, const uint8_t *arguments, size_t count);
  // Words for an unknown name. `names` is a flat list: the path asked, the key asked, then every name known there.
  void (*unknown_name)(void *context, const uint8_t *names, size_t count);
  // The number of a field, or -1. Asked once per object and name: the answer is remembered.
  int32_t (*find_field)(void *object, const uint8_t *name, size_t count);
  void (*read_field)(void *object, int32_t field, mw_scalar *value);
  // Words for a field that find_field does not know.
  void (*unknown_field)(void *context, void *object, const uint8_t *name, size_t count);
} mw_host;

// NULL where not even an empty state fits into the memory limit. `name` is copied.
mw_state *mw_open(const char *name, const mw_limits *limits, const mw_host *host);
void mw_close(mw_state *state);

// Before mw_freeze: a host function under a dotted path of tables. `waits`: the clock stands while it runs.
mw_status mw_register(mw_state *state, const char *path, int32_t id, bool waits);
// Before mw_freeze: a value under a dotted path of tables.
mw_status mw_define(mw_state *state, const char *path, const uint8_t *value, size_t count);
// Before mw_freeze: runs our own Lua source with the base as its writable globals.
mw_status mw_prelude(mw_state *state, const uint8_t *source, size_t count, const char *chunk);
// Seals every table of the base and gives what is loaded from now on an empty environment over it. `open`: what is
// loaded may set globals, which stay for what is loaded later and hide those of the base.
mw_status mw_freeze(mw_state *state, bool open);

// Runs a chunk; the reply is the flat form of what it returned.
mw_status mw_load(mw_state *state, const uint8_t *source, size_t count, const char *chunk,
                  int64_t nanoseconds);
// Calls a function with `arguments` (flat values, one after another); the reply is its first result.
mw_status mw_call(mw_state *state, int32_t function, const uint8_t *arguments, size_t count,
                  int64_t nanoseconds);
// The same with one or two objects, without a flat form between. An object below 0 is left out.
// `nothing` tells, after MW_OK, that the first result is none, and there is no reply to read.
mw_status mw_call_objects(mw_state *state, int32_t function, int32_t first, int32_t second,
                          int64_t nanoseconds, bool *nothing);
// Ends what runs as if its deadline had passed, within a few milliseconds; from any thread. Where a host function runs,
// it ends when that returns. Where nothing runs yet, what runs next ends, unless the interruption is forgotten before.
void mw_interrupt(mw_state *state);
void mw_forget_interrupt(mw_state *state);
// Whether the last load or call was interrupted.
bool mw_interrupted(const mw_state *state);
// Asked of each line of what was loaded, before it runs. After MW_ENOUGH no other line of the call is asked about, and the
// call goes on as without this.
typedef enum { MW_PASS_OVER = 0, MW_LOOK, MW_ENOUGH } mw_interest;
typedef mw_interest (*mw_wanted)(void *context, int32_t line);
// Told of a line to look at, with the variables that are in sight there: three flat values for each, "local" or "outer", its
// name, and what it holds, of which tables are cut: all of them together are about a hundred KiB at most.
typedef void (*mw_line)(void *context, int32_t line, const uint8_t *variables, size_t count);
// For looking at one call, not for running: every line costs, while the clock stands. NULL ends it. Between calls.
void mw_tell_lines(mw_state *state, mw_wanted wanted, mw_line told);
// Drops a function or object; nothing may name it afterwards.
void mw_release(mw_state *state, int32_t reference);
// An object whose fields are read one by one. Its reference, or -1 where memory is short. `row` may be NULL; otherwise it
// lives as long as the object.
int32_t mw_object(mw_state *state, void *object, const mw_row *row);

// The reply of the last call: a flat value after MW_OK, otherwise a message. Valid until the next call.
const uint8_t *mw_replied(const mw_state *state, size_t *count);
// The line of the plugin that ran when the last error was raised; 0 where there was none.
int32_t mw_error_line(const mw_state *state);
// Sets the answer of the callback that is running.
void mw_reply(mw_state *state, const uint8_t *bytes, size_t count);

// Lets go of all that nothing names any more. Between calls.
void mw_collect(mw_state *state);
size_t mw_memory(const mw_state *state);
uint64_t mw_calls(const mw_state *state);
uint64_t mw_nanoseconds(const mw_state *state);

// Called on the timer's thread when a call has overrun its deadline by a second, which only a single Lua instruction
// of that length can do. The default prints the name and aborts.
typedef void (*mw_overrun)(const char *name);
void mw_on_overrun(mw_overrun handler, int64_t grace_nanoseconds);
