#pragma once
#include <lauxlib.h>
#include <lua.h>
#include <lualib.h>
#include <pthread.h>
#include <stdatomic.h>

#include "lua_shim.h"

typedef struct {
  uint8_t *bytes;
  size_t count, capacity;
} mw_buffer;

// One step of the way to a value that is being read, for messages.
typedef struct {
  const char *key;  // NULL: a list position
  lua_Integer position;
} mw_step;

enum { MW_MAX_DEPTH = 64, MW_MAX_LEVELS = 400, MW_MAX_NAME = 255, MW_SHORT_TEXT = 40, MW_CHUNK_NAME = 60 };

// A deadline that has passed on the wall clock: the processor time that a call has used decides alone.
enum { MW_ALWAYS = 1 };

struct mw_state {
  lua_State *L;
  char *name;
  mw_limits limits;
  mw_host host;
  size_t memory;
  mw_buffer in;     // what a callback is given
  mw_buffer reply;  // what a callback or a call answers
  mw_buffer fresh;  // references of functions in the value that is being read
  mw_status fault;  // why we raised; MW_OK where Lua did
  int32_t error_line;
  int32_t refused_line;  // where the plugin last asked for more memory than it may have
  int32_t depth;    // of calls from the host into Lua
  uint64_t calls, nanoseconds;
  int64_t waited;   // ns of this call during which the clock stood
  int base, environment;  // registry references

  // Reading a value.
  mw_step path[MW_MAX_DEPTH];
  uint32_t nodes, text;

  // Shared with the timer's thread.
  _Atomic int64_t deadline;  // monotonic ns before which nothing is late; 0: nothing is running, or it waits
  _Atomic bool arming;       // the timer is looking at this call: it may not end yet
  _Atomic bool expired;
  _Atomic bool interrupted;  // somebody asked for the end of what runs
  _Atomic uint64_t generation;  // the call that runs
  _Atomic int64_t limit;        // its length, ns
  _Atomic int64_t excused;      // ns of its thread's processor that waiting host functions have used so far
  pthread_t thread;
  mw_wanted wanted;          // which of the lines that run
  mw_line told;              // of them; NULL for nobody
  mw_state *outer;           // the state running below this one on the same thread

  // The timer's own.
  mw_state *next;
  uint64_t seen, reported;  // generations
  int64_t processor_start;
};

static inline mw_state *mw_of(lua_State *L) { return *(mw_state **)lua_getextraspace(L); }

// What is known of the texts that the fields of an object hold.
typedef struct {
  uint32_t *numbers;  // by place; 0: none
  uint32_t room;
  uint32_t hit, missed;  // since it last had more room or was refused it
  uint32_t edition;  // of the row's texts
} mw_texts;

// limits.c
int64_t mw_now(void);
int64_t mw_thread_now(void);
extern double mw_ns_per_tick;
void mw_watch(mw_state *state);
void mw_unwatch(mw_state *state);
void mw_start_clock(mw_state *state, int64_t deadline);
void mw_stop_clock(mw_state *state);
void mw_enter(mw_state *state, int64_t limit);
void mw_leave(mw_state *state);
int mw_raise_deadline(lua_State *L);
void *mw_allocate(void *state, void *block, size_t old, size_t new);

// A counter that costs less than the clock, for what calls cost: deadlines are the clock's.
static inline uint64_t mw_ticks(void) {
#if defined(__x86_64__)
  return __builtin_ia32_rdtsc();
#else
  return (uint64_t)mw_now();
#endif
}

// Every loop of a library function asks this, since Lua's hook does not run inside C.
static inline void mw_check(lua_State *L) {
  if (atomic_load_explicit(&mw_of(L)->expired, memory_order_relaxed)) mw_raise_deadline(L);
}

// The clock of a call stands from the one to the other.
typedef struct {
  int64_t deadline, start, used, excused;
} mw_pause;
mw_pause mw_stand(mw_state *state);
void mw_go_on(mw_state *state, const mw_pause *pause);
void mw_follow_lines(mw_state *state);
void mw_leave_lines(mw_state *state);

// values.c
bool mw_append(mw_buffer *buffer, const void *bytes, size_t count);
void mw_encode(lua_State *L, int index, mw_buffer *out);
void mw_encode_text(lua_State *L, mw_buffer *out, const char *text, size_t count);
void mw_begin_value(mw_state *state);
const uint8_t *mw_decode(lua_State *L, const uint8_t *at, const uint8_t *end);
int mw_fail(lua_State *L, mw_status fault, const char *format, ...);

// times.c
void mw_push_duration(lua_State *L, int64_t microseconds);
void mw_push_time(lua_State *L, int64_t microseconds);
const int64_t *mw_duration(lua_State *L, int index);
const int64_t *mw_time(lua_State *L, int index);
void mw_open_times(lua_State *L);

// texts.c
void mw_texts_upvalues(lua_State *L);
void mw_push_text(lua_State *L, mw_texts *texts, const mw_row *row, uint32_t number);

// objects.c, host.c, base.c, strings.c, patterns.c, tables.c
int mw_new_object(lua_State *L, void *object, const mw_row *row);
bool mw_push_object(lua_State *L, int reference);
void mw_open_objects(lua_State *L);
int mw_host_function(lua_State *L);
void mw_place(lua_State *L, const char *path);
void mw_trace(lua_State *L);
void mw_seal_base(lua_State *L);
void mw_open_environment(lua_State *L);
void mw_open_base(lua_State *L);
void mw_open_prelude_kit(lua_State *L);
void mw_open_strings(lua_State *L);
void mw_open_tables(lua_State *L);
void mw_push_text_of(lua_State *L, int index);
bool mw_is_plugin(lua_State *L, const lua_Debug *frame);
int mw_plugin_line(lua_State *L, int level);
const char *mw_type_name(lua_State *L, int index);
int mw_find(lua_State *L);
int mw_match(lua_State *L);
int mw_gmatch(lua_State *L);
int mw_gsub(lua_State *L);
