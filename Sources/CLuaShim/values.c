#define _GNU_SOURCE
// Values between Lua and the host, in the flat form that lua_shim.h describes. Tables are read raw: no metamethod runs.
#include <math.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "internal.h"

bool mw_append(mw_buffer *b, const void *bytes, size_t count) {
  if (count > b->capacity - b->count) {
    size_t capacity = b->capacity < 256 ? 256 : b->capacity * 2;
    while (capacity - b->count < count) capacity *= 2;
    uint8_t *moved = realloc(b->bytes, capacity);
    if (!moved) return false;
    b->bytes = moved;
    b->capacity = capacity;
  }
  if (count) memcpy(b->bytes + b->count, bytes, count);
  b->count += count;
  return true;
}

int mw_fail(lua_State *L, mw_status fault, const char *format, ...) {
  va_list arguments;
  va_start(arguments, format);
  lua_pushvfstring(L, format, arguments);
  va_end(arguments);
  mw_of(L)->fault = fault;
  return lua_error(L);
}

void mw_begin_value(mw_state *s) { s->nodes = s->text = 0; }

static void put(lua_State *L, mw_buffer *out, const void *bytes, size_t count) {
  if (!mw_append(out, bytes, count)) mw_fail(L, MW_MEMORY, "the host is out of memory");
}

static void put_number(lua_State *L, mw_buffer *out, char tag, const void *eight) {
  uint8_t bytes[9] = {(uint8_t)tag};
  memcpy(bytes + 1, eight, 8);
  put(L, out, bytes, 9);
}

void mw_encode_text(lua_State *L, mw_buffer *out, const char *text, size_t count) {
  uint32_t length = (uint32_t)count;
  put(L, out, "s", 1);
  put(L, out, &length, 4);
  put(L, out, text, count);
}

// ` at steps[3].run`, or nothing at the top.
static const char *place(lua_State *L, int depth) {
  luaL_Buffer b;
  mw_state *s = mw_of(L);
  if (depth == 0) return "";
  luaL_buffinit(L, &b);
  luaL_addstring(&b, " at ");
  for (int i = 0; i < depth; i++) {
    if (s->path[i].key) {
      if (i > 0) luaL_addchar(&b, '.');
      luaL_addlstring(&b, s->path[i].key, strnlen(s->path[i].key, 64));
    } else {
      lua_pushfstring(L, "[%I]", s->path[i].position);
      luaL_addvalue(&b);
    }
  }
  luaL_pushresult(&b);
  return lua_tostring(L, -1);
}

static void encode(lua_State *L, int index, mw_buffer *out, int depth);

static void count_text(lua_State *L, size_t length, int depth) {
  mw_state *s = mw_of(L);
  if (length > s->limits.text - s->text)
    mw_fail(L, MW_VALUE, "more than %d bytes of text%s", (int)s->limits.text, place(L, depth));
  s->text += (uint32_t)length;
}

static void patch(mw_buffer *out, size_t at, uint32_t value) { memcpy(out->bytes + at, &value, 4); }

static void encode_table(lua_State *L, int index, mw_buffer *out, int depth) {
  mw_state *s = mw_of(L);
  uint32_t header[2] = {0, 0};
  if (depth >= (int)s->limits.depth)
    mw_fail(L, MW_VALUE, "tables more than %d deep%s", (int)s->limits.depth, place(L, 3));
  luaL_checkstack(L, 8, NULL);
  // A constant of the prelude is an empty table in front of the one that is read, which no assignment reaches.
  int top = lua_gettop(L);
  if (luaL_getmetafield(L, index, "__constant") == LUA_TTABLE) index = top + 1;
  put(L, out, "T", 1);
  size_t at = out->count;
  put(L, out, header, 8);
  uint32_t list = 0, pairs = 0;
  while (lua_rawgeti(L, index, (lua_Integer)list + 1) != LUA_TNIL) {
    list++;
    s->path[depth] = (mw_step){.position = list};
    encode(L, lua_gettop(L), out, depth + 1);
    lua_pop(L, 1);
  }
  lua_pop(L, 1);
  lua_pushnil(L);
  while (lua_next(L, index)) {
    mw_check(L);
    size_t length;
    const char *key;
    if (lua_type(L, -2) == LUA_TSTRING) {
      key = lua_tolstring(L, -2, &length);
      count_text(L, length, depth);
      mw_encode_text(L, out, key, length);
      s->path[depth] = (mw_step){.key = key};
      encode(L, lua_gettop(L), out, depth + 1);
      pairs++;
    } else if (!lua_isinteger(L, -2) || lua_tointeger(L, -2) < 1 || lua_tointeger(L, -2) > list) {
      if (lua_isinteger(L, -2))
        mw_fail(L, MW_VALUE, "position %I without the ones before it%s", lua_tointeger(L, -2),
                place(L, depth));
      mw_fail(L, MW_VALUE, "a key that is a %s, not text or a position%s", mw_type_name(L, -2),
              place(L, depth));
    }
    lua_pop(L, 1);
  }
  lua_settop(L, top);
  patch(out, at, list);
  patch(out, at + 4, pairs);
}

static void encode(lua_State *L, int index, mw_buffer *out, int depth) {
  mw_state *s = mw_of(L);
  const int64_t *span;
  if (++s->nodes > s->limits.nodes)
    mw_fail(L, MW_VALUE, "more than %d values", (int)s->limits.nodes);
  switch (lua_type(L, index)) {
    case LUA_TNONE:
    case LUA_TNIL: put(L, out, "n", 1); return;
    case LUA_TBOOLEAN: put(L, out, lua_toboolean(L, index) ? "t" : "f", 1); return;
    case LUA_TNUMBER:
      if (lua_isinteger(L, index)) {
        int64_t whole = lua_tointeger(L, index);
        put_number(L, out, 'i', &whole);
      } else {
        double number = lua_tonumber(L, index);
        if (!isfinite(number))
          mw_fail(L, MW_VALUE, "a number that is not finite%s", place(L, depth));
        put_number(L, out, 'd', &number);
      }
      return;
    case LUA_TSTRING: {
      size_t length;
      const char *text = lua_tolstring(L, index, &length);
      count_text(L, length, depth);
      mw_encode_text(L, out, text, length);
      return;
    }
    case LUA_TTABLE: encode_table(L, index, out, depth); return;
    case LUA_TFUNCTION: {
      lua_Debug about;
      lua_pushvalue(L, index);
      lua_getinfo(L, ">S", &about);
      lua_pushvalue(L, index);
      int32_t both[2] = {luaL_ref(L, LUA_REGISTRYINDEX), about.linedefined};
      put(L, &s->fresh, both, 4);
      put(L, out, "F", 1);
      put(L, out, both, 8);
      return;
    }
    default:
      if ((span = mw_duration(L, index)))
        put_number(L, out, 'u', span);
      else if ((span = mw_time(L, index)))
        put_number(L, out, 'w', span);
      else
        mw_fail(L, MW_VALUE, "%s is an object that only lives during the call%s",
                mw_type_name(L, index), place(L, depth));
  }
}

void mw_encode(lua_State *L, int index, mw_buffer *out) {
  encode(L, lua_absindex(L, index), out, 0);
}

static uint32_t word(const uint8_t *at) {
  uint32_t value;
  memcpy(&value, at, 4);
  return value;
}

static const uint8_t *cut_short(lua_State *L, const uint8_t *end) {
  mw_fail(L, MW_VALUE, "a value of the host is cut short");
  return end;
}

static const uint8_t *decode_table(lua_State *L, const uint8_t *at, const uint8_t *end, int depth);

static const uint8_t *decode(lua_State *L, const uint8_t *at, const uint8_t *end, int depth) {
  int64_t whole;
  double number;
  luaL_checkstack(L, 4, NULL);
  if (at >= end) return cut_short(L, end);
  uint8_t tag = *at++;
  size_t left = (size_t)(end - at);
  switch (tag) {
    case 'n': lua_pushnil(L); return at;
    case 't': lua_pushboolean(L, 1); return at;
    case 'f': lua_pushboolean(L, 0); return at;
    case 'i':
    case 'u':
    case 'w':
      if (left < 8) return cut_short(L, end);
      memcpy(&whole, at, 8);
      if (tag == 'i')
        lua_pushinteger(L, whole);
      else if (tag == 'u')
        mw_push_duration(L, whole);
      else
        mw_push_time(L, whole);
      return at + 8;
    case 'd':
      if (left < 8) return cut_short(L, end);
      memcpy(&number, at, 8);
      lua_pushnumber(L, number);
      return at + 8;
    case 's':
      if (left < 4 || left - 4 < word(at)) return cut_short(L, end);
      lua_pushlstring(L, (const char *)at + 4, word(at));
      return at + 4 + word(at);
    case 'F':
      if (left < 8) return cut_short(L, end);
      // Anything else in the registry is ours and must not be handed to a plugin.
      if (lua_rawgeti(L, LUA_REGISTRYINDEX, (int32_t)word(at)) != LUA_TFUNCTION)
        mw_fail(L, MW_VALUE, "a function of the host that is none");
      return at + 8;
    case 'o':
      if (left < 4) return cut_short(L, end);
      if (!mw_push_object(L, (int32_t)word(at)))
        mw_fail(L, MW_VALUE, "an object of the host that is none");
      return at + 4;
    case 'T': return decode_table(L, at, end, depth);
    default: mw_fail(L, MW_VALUE, "a value of the host of an unknown kind"); return end;
  }
}

static const uint8_t *decode_table(lua_State *L, const uint8_t *at, const uint8_t *end, int depth) {
  // Answers of other services come this way: how deep they are is not ours to decide.
  if (depth >= MW_MAX_DEPTH)
    mw_fail(L, MW_VALUE, "a value of the host has tables more than %d deep", MW_MAX_DEPTH);
  if ((size_t)(end - at) < 8) return cut_short(L, end);
  uint32_t list = word(at), pairs = word(at + 4);
  at += 8;
  // Every value takes a byte, so no more room is made than there are bytes.
  if (list > (size_t)(end - at) || pairs > (size_t)(end - at)) return cut_short(L, end);
  lua_createtable(L, (int)list, (int)pairs);
  for (uint32_t i = 1; i <= list; i++) {
    at = decode(L, at, end, depth + 1);
    lua_rawseti(L, -2, i);
  }
  for (uint32_t i = 0; i < pairs; i++) {
    if (at >= end || *at != 's') mw_fail(L, MW_VALUE, "a value of the host has a key that is no text");
    at = decode(L, at, end, depth + 1);
    at = decode(L, at, end, depth + 1);
    lua_rawset(L, -3);
  }
  return at;
}

// Pushes the value at `at` and returns what follows it.
const uint8_t *mw_decode(lua_State *L, const uint8_t *at, const uint8_t *end) {
  return decode(L, at, end, 0);
}
