// The basic functions: those of Lua that cannot reach outside, without addresses in what they print.
#include <stdlib.h>
#include <string.h>

#include "internal.h"

const char *mw_type_name(lua_State *L, int index) {
  if (lua_type(L, index) == LUA_TUSERDATA) {
    if (mw_duration(L, index)) return "duration";
    return mw_time(L, index) ? "time" : "object";
  }
  return luaL_typename(L, index);
}

// Pushes what tostring gives. A table is "table": its address would differ from run to run and tell an attacker
// where things are.
void mw_push_text_of(lua_State *L, int index) {
  index = lua_absindex(L, index);
  if (luaL_callmeta(L, index, "__tostring")) {
    if (lua_type(L, -1) != LUA_TSTRING) luaL_error(L, "'__tostring' must return a string");
    return;
  }
  switch (lua_type(L, index)) {
    case LUA_TSTRING:
    case LUA_TNUMBER: luaL_tolstring(L, index, NULL); return;
    case LUA_TBOOLEAN: lua_pushstring(L, lua_toboolean(L, index) ? "true" : "false"); return;
    default: lua_pushstring(L, mw_type_name(L, index)); return;
  }
}

static int base_tostring(lua_State *L) {
  luaL_checkany(L, 1);
  mw_push_text_of(L, 1);
  return 1;
}

static int base_type(lua_State *L) {
  luaL_checkany(L, 1);
  lua_pushstring(L, mw_type_name(L, 1));
  return 1;
}

static void check_table(lua_State *L, const char *verb) {
  if (lua_type(L, 1) == LUA_TUSERDATA && !mw_duration(L, 1) && !mw_time(L, 1))
    luaL_error(L, "%s cannot walk an object: read its fields by name", verb);
  if (lua_type(L, 1) != LUA_TTABLE)
    luaL_error(L, "%s needs a table, not a %s", verb, mw_type_name(L, 1));
}

static int base_next(lua_State *L) {
  check_table(L, "next");
  lua_settop(L, 2);
  if (lua_next(L, 1)) return 2;
  lua_pushnil(L);
  return 1;
}

// A key and where it stands in the table of keys.
typedef struct {
  enum { NUMBER_KEY, TEXT_KEY, FLAG_KEY, OTHER_KEY } kind;
  lua_Integer index;
  double number;
  const char *text;
  size_t length;
} sort_key;

static int by_key(const void *left, const void *right) {
  const sort_key *a = left, *b = right;
  if (a->kind != b->kind) return a->kind < b->kind ? -1 : 1;
  if (a->kind == TEXT_KEY) {
    int order = memcmp(a->text, b->text, a->length < b->length ? a->length : b->length);
    if (order == 0) order = (a->length > b->length) - (a->length < b->length);
    return order;
  }
  if (a->number != b->number) return a->number < b->number ? -1 : 1;
  return (a->index > b->index) - (a->index < b->index);
}

// Upvalues: the table, its keys as a list, their order, the position.
static int pairs_step(lua_State *L) {
  const sort_key *order = lua_touserdata(L, lua_upvalueindex(3));
  lua_Integer count = (lua_Integer)(lua_rawlen(L, lua_upvalueindex(3)) / sizeof *order);
  for (lua_Integer i = lua_tointeger(L, lua_upvalueindex(4)); i < count; i++) {
    lua_rawgeti(L, lua_upvalueindex(2), order[i].index);
    lua_pushvalue(L, -1);
    if (lua_rawget(L, lua_upvalueindex(1)) != LUA_TNIL) {
      lua_pushinteger(L, i + 1);
      lua_replace(L, lua_upvalueindex(4));
      return 2;
    }
    lua_pop(L, 2);  // removed since
  }
  return 0;
}

// Lua walks a table in an order that changes from run to run, and a rule must find the same in every run. So this
// walks numbers in order, then texts by their bytes, then flags; what else may be a key comes last.
static int base_pairs(lua_State *L) {
  check_table(L, "pairs");
  lua_settop(L, 1);
  lua_newtable(L);
  lua_Integer count = 0;
  lua_pushnil(L);
  while (lua_next(L, 1)) {
    if ((count & 255) == 0) mw_check(L);
    lua_pop(L, 1);
    lua_pushvalue(L, -1);
    lua_rawseti(L, 2, ++count);
  }
  sort_key *keys = lua_newuserdatauv(L, (size_t)count * sizeof *keys, 0);
  for (lua_Integer i = 0; i < count; i++) {
    sort_key key = {.kind = OTHER_KEY, .index = i + 1};
    int type = lua_rawgeti(L, 2, i + 1);
    if (type == LUA_TNUMBER) key.kind = NUMBER_KEY, key.number = lua_tonumber(L, -1);
    if (type == LUA_TBOOLEAN) key.kind = FLAG_KEY, key.number = lua_toboolean(L, -1);
    if (type == LUA_TSTRING) key.kind = TEXT_KEY, key.text = lua_tolstring(L, -1, &key.length);
    keys[i] = key;
    lua_pop(L, 1);
  }
  qsort(keys, (size_t)count, sizeof *keys, by_key);
  lua_pushinteger(L, 0);
  lua_pushcclosure(L, pairs_step, 4);
  return 1;
}

static int ipairs_step(lua_State *L) {
  lua_Integer i = (lua_Integer)((lua_Unsigned)luaL_checkinteger(L, 2) + 1);
  check_table(L, "ipairs");
  lua_pushinteger(L, i);
  return lua_rawgeti(L, 1, i) == LUA_TNIL ? 1 : 2;
}

static int base_ipairs(lua_State *L) {
  check_table(L, "ipairs");
  lua_pushcfunction(L, ipairs_step);
  lua_pushvalue(L, 1);
  lua_pushinteger(L, 0);
  return 3;
}

// Moves from a library table that is on top to the base below it.
static void take(lua_State *L, const char *const *names) {
  for (; *names; names++) {
    lua_getfield(L, -1, *names);
    lua_setfield(L, -3, *names);
  }
}

// Expects the base on top.
void mw_open_base(lua_State *L) {
  static const luaL_Reg own[] = {{"tostring", base_tostring}, {"type", base_type},
                                 {"next", base_next},         {"pairs", base_pairs},
                                 {"ipairs", base_ipairs},     {NULL, NULL}};
  static const char *const kept[] = {"assert", "error", "select", "tonumber", NULL};
  // Lua's own library fills the globals of the state, which nothing of the sandbox ever sees.
  lua_pushcfunction(L, luaopen_base);
  lua_call(L, 0, 1);
  take(L, kept);
  lua_pop(L, 1);
  luaL_setfuncs(L, own, 0);

  lua_pushcfunction(L, luaopen_math);
  lua_call(L, 0, 1);
  uint64_t seed = mw_of(L)->limits.seed;
  lua_getfield(L, -1, "randomseed");
  lua_pushinteger(L, (lua_Integer)seed);
  lua_pushinteger(L, (lua_Integer)(seed * 0x9E3779B97F4A7C15u + 1));
  lua_call(L, 2, 0);
  lua_pushnil(L);
  lua_setfield(L, -2, "randomseed");
  lua_setfield(L, -2, "math");

  lua_pushcfunction(L, luaopen_utf8);
  lua_call(L, 0, 1);
  lua_setfield(L, -2, "utf8");
}

// What our own prelude may do beyond a plugin: it is given this as its only argument.
static int kit_setmetatable(lua_State *L) {
  luaL_checktype(L, 1, LUA_TTABLE);
  lua_settop(L, 2);
  lua_setmetatable(L, 1);
  return 1;
}

void mw_open_prelude_kit(lua_State *L) {
  static const luaL_Reg kit[] = {{"setmetatable", kit_setmetatable}, {NULL, NULL}};
  luaL_newlib(L, kit);
}
