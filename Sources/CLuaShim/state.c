// The life of a state, and the one door through which the host runs anything in it.
#define _GNU_SOURCE
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "internal.h"

typedef struct {
  lua_CFunction body;
  const uint8_t *bytes;
  size_t count;
  const char *text;
  int32_t number, other;
  bool flag;
} job;

static int panic(lua_State *L) {
  // Only a call outside of mw_protect gets here, which is our own bug.
  fprintf(stderr, "moonwatch: a Lua error outside of a protected call in '%s'\n", mw_of(L)->name);
  return 0;
}

// A chunk of ours is named "=prelude…" by mw_prelude; everything else is the plugin's.
bool mw_is_plugin(lua_State *L, const lua_Debug *frame) {
  (void)L;
  return frame->source[0] == '=' && strcmp(frame->source, "=[C]") != 0 &&
         strncmp(frame->source, "=[prelude", 9) != 0;
}

// The line of the plugin's innermost frame, or 0. Neither raises nor allocates.
int mw_plugin_line(lua_State *L, int level) {
  lua_Debug frame;
  // Lua finds a frame by counting from the top, so a search through all of a deep recursion would take quadratic time.
  for (int last = level + MW_MAX_LEVELS; level < last && lua_getstack(L, level, &frame); level++) {
    lua_getinfo(L, "Sl", &frame);
    if (frame.currentline > 0 && mw_is_plugin(L, &frame)) return frame.currentline;
  }
  return 0;
}

// Turns whatever was raised into text and notes the plugin's line, while its frames still stand.
static int explain(lua_State *L) {
  mw_of(L)->error_line = mw_plugin_line(L, 0);
  if (lua_type(L, 1) == LUA_TSTRING) return 1;
  if (lua_type(L, 1) == LUA_TNUMBER)
    lua_tostring(L, 1);
  else
    lua_pushfstring(L, "the error is a %s, not text", mw_type_name(L, 1));
  return 1;
}

static int run_job(lua_State *L) {
  job *j = lua_touserdata(L, 1);
  lua_settop(L, 0);
  lua_pushlightuserdata(L, j);
  return j->body(L);
}

static mw_status status_of(mw_state *s, int result) {
  if (s->fault != MW_OK) return s->fault;
  if (atomic_load(&s->expired) && result != LUA_OK) return MW_DEADLINE;
  switch (result) {
    case LUA_OK: return MW_OK;
    case LUA_ERRMEM: return MW_MEMORY;
    case LUA_ERRSYNTAX: return MW_SYNTAX;
    default: return MW_RUNTIME;
  }
}

// What a call from the host notes before it and puts back after it.
typedef struct {
  int top;
  int64_t outer_deadline;
  uint64_t ticks;
  mw_status outer_fault;
} visit;

// Every path from Swift into Lua begins here and ends in `leave`: a clock, and a stack as it was.
static bool enter(mw_state *s, visit *v, int64_t nanoseconds) {
  lua_State *L = s->L;
  *v = (visit){.top = lua_gettop(L), .ticks = mw_ticks(), .outer_fault = s->fault};
  s->reply.count = 0;
  // Below every call Lua keeps room for twenty values.
  if (s->depth > 0 && !lua_checkstack(L, 8)) {
    mw_reply(s, (const uint8_t *)"not enough memory", 17);
    return false;
  }
  if (s->depth++ == 0) {
    s->calls++;
    s->waited = 0;
    mw_enter(s, nanoseconds);
    mw_start_clock(s, MW_ALWAYS);
  } else {
    // A host function calls back: the outer deadline goes on, or one of its own where the outer clock stands.
    v->outer_deadline = atomic_load(&s->deadline);
    if (v->outer_deadline == 0) mw_start_clock(s, mw_now() + nanoseconds);
  }
  s->fault = MW_OK;
  s->error_line = s->refused_line = 0;
  s->fresh.count = 0;
  lua_pushcfunction(L, explain);
  return true;
}

static mw_status leave(mw_state *s, visit *v, int result) {
  lua_State *L = s->L;
  if (s->depth == 1 || v->outer_deadline == 0) mw_stop_clock(s);
  mw_status status = result == LUA_OK ? MW_OK : status_of(s, result);
  // Lua asks no handler about memory: the line is the one at which the allocator refused.
  if (result == LUA_ERRMEM) s->error_line = s->refused_line;
  // Why a call inside of this one failed is no reason of this one.
  s->fault = v->outer_fault;
  if (status != MW_OK) {
    size_t length = 0;
    // explain made it text, except where Lua itself ran out of memory; that message is text too.
    const char *text = lua_type(L, -1) == LUA_TSTRING ? lua_tolstring(L, -1, &length) : "";
    s->reply.count = 0;
    mw_reply(s, (const uint8_t *)text, length);
    // Functions that were already handed out in the part of the value that was read.
    for (size_t i = 0; i + 4 <= s->fresh.count; i += 4) {
      int32_t reference;
      memcpy(&reference, s->fresh.bytes + i, 4);
      luaL_unref(L, LUA_REGISTRYINDEX, reference);
    }
  }
  lua_settop(L, v->top);
  if (--s->depth == 0) {
    mw_leave(s);
    if (status == MW_MEMORY) lua_gc(L, LUA_GCCOLLECT);
    int64_t spent = (int64_t)((double)(int64_t)(mw_ticks() - v->ticks) * mw_ns_per_tick) - s->waited;
    if (spent > 0) s->nanoseconds += (uint64_t)spent;
  }
  return status;
}

// Runs a body under a protected call with a clock.
static mw_status protect(mw_state *s, job *j, int64_t nanoseconds) {
  visit v;
  if (!enter(s, &v, nanoseconds)) return MW_MEMORY;
  lua_pushcfunction(s->L, run_job);
  lua_pushlightuserdata(s->L, j);
  return leave(s, &v, lua_pcall(s->L, 1, 0, v.top + 1));
}

static int open_libraries(lua_State *L) {
  mw_state *s = mw_of(L);
  lua_newtable(L);
  mw_open_base(L);
  mw_open_strings(L);
  mw_open_tables(L);
  mw_open_times(L);
  s->base = luaL_ref(L, LUA_REGISTRYINDEX);
  return 0;
}

mw_state *mw_open(const char *name, const mw_limits *limits, const mw_host *host) {
  mw_state *s = calloc(1, sizeof *s);
  if (!s) return NULL;
  s->limits = *limits;
  if (s->limits.depth > MW_MAX_DEPTH) s->limits.depth = MW_MAX_DEPTH;
  s->host = *host;
  s->name = strdup(name);
  s->L = s->name ? lua_newstate(mw_allocate, s) : NULL;
  if (!s->L) {
    free(s->name);
    free(s);
    return NULL;
  }
  *(mw_state **)lua_getextraspace(s->L) = s;
  lua_atpanic(s->L, panic);
  mw_watch(s);
  job j = {.body = open_libraries};
  if (protect(s, &j, 1000000000) != MW_OK) {
    mw_close(s);
    return NULL;
  }
  return s;
}

void mw_close(mw_state *s) {
  mw_unwatch(s);
  lua_close(s->L);
  free(s->in.bytes);
  free(s->reply.bytes);
  free(s->fresh.bytes);
  free(s->name);
  free(s);
}

static int define(lua_State *L) {
  job *j = lua_touserdata(L, 1);
  lua_rawgeti(L, LUA_REGISTRYINDEX, mw_of(L)->base);
  if (j->bytes) {
    mw_decode(L, j->bytes, j->bytes + j->count);
  } else {
    lua_pushinteger(L, j->number);
    lua_pushboolean(L, j->flag);
    lua_pushcclosure(L, mw_host_function, 2);
  }
  mw_place(L, j->text);
  return 0;
}

mw_status mw_register(mw_state *s, const char *path, int32_t id, bool waits) {
  job j = {.body = define, .text = path, .number = id, .flag = waits};
  return protect(s, &j, 1000000000);
}

mw_status mw_define(mw_state *s, const char *path, const uint8_t *value, size_t count) {
  job j = {.body = define, .text = path, .bytes = value, .count = count};
  return protect(s, &j, 1000000000);
}

static void compile(lua_State *L, const job *j, int environment) {
  mw_state *s = mw_of(L);
  if (j->count > s->limits.source)
    mw_fail(L, MW_SYNTAX, "%d bytes of source, and %d are allowed", (int)j->count,
            (int)s->limits.source);
  lua_pushfstring(L, "=%s", j->text);
  int result = luaL_loadbufferx(L, (const char *)j->bytes, j->count, lua_tostring(L, -1), "t");
  if (result != LUA_OK) {
    // The parser's own depth limit is an error at run time to Lua; to the reader it is the source that is wrong.
    s->fault = result == LUA_ERRMEM ? MW_MEMORY : MW_SYNTAX;
    lua_error(L);
  }
  lua_rawgeti(L, LUA_REGISTRYINDEX, environment);
  if (!lua_setupvalue(L, -2, 1)) lua_pop(L, 1);
}

static int run_prelude(lua_State *L) {
  job *j = lua_touserdata(L, 1);
  compile(L, j, mw_of(L)->base);
  mw_open_prelude_kit(L);
  lua_call(L, 1, 0);
  return 0;
}

mw_status mw_prelude(mw_state *s, const uint8_t *source, size_t count, const char *chunk) {
  char name[MW_CHUNK_NAME];
  snprintf(name, sizeof name, "[prelude %s]", chunk);
  job j = {.body = run_prelude, .bytes = source, .count = count, .text = name};
  return protect(s, &j, 1000000000);
}

static int freeze(lua_State *L) {
  mw_state *s = mw_of(L);
  lua_rawgeti(L, LUA_REGISTRYINDEX, s->base);
  mw_seal_base(L);
  if (((job *)lua_touserdata(L, 1))->flag) mw_open_environment(L);
  s->environment = luaL_ref(L, LUA_REGISTRYINDEX);
  return 0;
}

mw_status mw_freeze(mw_state *s, bool open) {
  job j = {.body = freeze, .flag = open};
  return protect(s, &j, 1000000000);
}

static int reply_first(lua_State *L) {
  mw_state *s = mw_of(L);
  s->reply.count = 0;
  s->fresh.count = 0;
  mw_begin_value(s);
  mw_encode(L, -1, &s->reply);
  return 0;
}

static int run_chunk(lua_State *L) {
  job *j = lua_touserdata(L, 1);
  compile(L, j, mw_of(L)->environment);
  lua_call(L, 0, 1);
  return reply_first(L);
}

mw_status mw_load(mw_state *s, const uint8_t *source, size_t count, const char *chunk,
                  int64_t nanoseconds) {
  job j = {.body = run_chunk, .bytes = source, .count = count, .text = chunk};
  return protect(s, &j, nanoseconds);
}

static int run_call(lua_State *L) {
  job *j = lua_touserdata(L, 1);
  lua_rawgeti(L, LUA_REGISTRYINDEX, j->number);
  const uint8_t *at = j->bytes, *end = j->bytes + j->count;
  int arguments = 0;
  for (; at < end; arguments++) at = mw_decode(L, at, end);
  lua_call(L, arguments, 1);
  return reply_first(L);
}

mw_status mw_call(mw_state *s, int32_t function, const uint8_t *arguments, size_t count,
                  int64_t nanoseconds) {
  job j = {.body = run_call, .number = function, .bytes = arguments, .count = count};
  return protect(s, &j, nanoseconds);
}

mw_status mw_call_objects(mw_state *s, int32_t function, int32_t first, int32_t second,
                          int64_t nanoseconds, bool *nothing) {
  lua_State *L = s->L;
  visit v;
  *nothing = false;
  if (!enter(s, &v, nanoseconds)) return MW_MEMORY;
  // Reading the registry raises nothing, so all of this may stand outside of the protected call.
  lua_rawgeti(L, LUA_REGISTRYINDEX, function);
  int arguments = 0;
  if (first >= 0) arguments += mw_push_object(L, first);
  if (second >= 0) arguments += mw_push_object(L, second);
  int result = lua_pcall(L, arguments, 1, v.top + 1);
  if (result == LUA_OK) {
    if (lua_isnil(L, -1)) {
      *nothing = true;  // what almost every call of a rule says
    } else {
      lua_pushcfunction(L, reply_first);
      lua_insert(L, -2);
      result = lua_pcall(L, 1, 0, v.top + 1);
    }
  }
  return leave(s, &v, result);
}

static int make_object(lua_State *L) {
  job *j = lua_touserdata(L, 1);
  j->number = mw_new_object(L, (void *)j->bytes, (const mw_row *)j->text);
  return 0;
}

int32_t mw_object(mw_state *s, void *object, const mw_row *row) {
  job j = {.body = make_object, .bytes = object, .text = (const char *)row};
  return protect(s, &j, 1000000000) == MW_OK ? j.number : -1;
}

// Setting an existing slot of the registry allocates nothing, so this cannot raise.
void mw_release(mw_state *s, int32_t reference) { luaL_unref(s->L, LUA_REGISTRYINDEX, reference); }

void mw_reply(mw_state *s, const uint8_t *bytes, size_t count) {
  s->reply.count = 0;
  mw_append(&s->reply, bytes, count);
}

const uint8_t *mw_replied(const mw_state *s, size_t *count) {
  *count = s->reply.count;
  return s->reply.bytes;
}

int32_t mw_error_line(const mw_state *s) { return s->error_line; }
// No finalizer is a plugin's, so nothing of it runs.
void mw_collect(mw_state *s) { lua_gc(s->L, LUA_GCCOLLECT); }

size_t mw_memory(const mw_state *s) { return s->memory; }
uint64_t mw_calls(const mw_state *s) { return s->calls; }
uint64_t mw_nanoseconds(const mw_state *s) { return s->nanoseconds; }
