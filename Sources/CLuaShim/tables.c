// The table library, raw and with a clock. Tables of a plugin have no metatables, and sealed ones may not be changed.
#include <limits.h>

#include "internal.h"

static void check_plain(lua_State *L, int index) {
  luaL_checktype(L, index, LUA_TTABLE);
  if (lua_getmetatable(L, index)) luaL_error(L, "a table of the host cannot be changed");
}

// A border may be anywhere up to 2^62 in a table made for it, so loops over it look at the clock.
static lua_Integer length(lua_State *L, int index) { return (lua_Integer)lua_rawlen(L, index); }

static void look(lua_State *L, lua_Integer i) {
  if ((i & 255) == 0) mw_check(L);
}

static int insert(lua_State *L) {
  check_plain(L, 1);
  // The border of a table made for it is at the largest integer, and what follows wraps around as in Lua.
  lua_Integer e = (lua_Integer)((lua_Unsigned)length(L, 1) + 1u), at;
  switch (lua_gettop(L)) {
    case 2: at = e; break;
    case 3:
      at = luaL_checkinteger(L, 2);
      luaL_argcheck(L, (lua_Unsigned)at - 1u < (lua_Unsigned)e, 2, "position out of bounds");
      for (lua_Integer i = e; i > at; i--) {
        look(L, i);
        lua_rawgeti(L, 1, i - 1);
        lua_rawseti(L, 1, i);
      }
      break;
    default: return luaL_error(L, "wrong number of arguments to 'insert'");
  }
  lua_rawseti(L, 1, at);
  return 0;
}

static int remove_one(lua_State *L) {
  check_plain(L, 1);
  lua_Integer size = length(L, 1), at = luaL_optinteger(L, 2, size);
  if (at != size)
    luaL_argcheck(L, (lua_Unsigned)at - 1u <= (lua_Unsigned)size, 2, "position out of bounds");
  lua_rawgeti(L, 1, at);
  for (; at < size; at++) {
    look(L, at);
    lua_rawgeti(L, 1, at + 1);
    lua_rawseti(L, 1, at);
  }
  lua_pushnil(L);
  lua_rawseti(L, 1, at);
  return 1;
}

static int move(lua_State *L) {
  lua_Integer f = luaL_checkinteger(L, 2), e = luaL_checkinteger(L, 3), t = luaL_checkinteger(L, 4);
  int to = lua_isnoneornil(L, 5) ? 1 : 5;
  luaL_checktype(L, 1, LUA_TTABLE);
  check_plain(L, to);
  if (e >= f) {
    luaL_argcheck(L, f > 0 || e < LLONG_MAX + f, 3, "too many elements to move");
    lua_Integer n = e - f + 1;
    luaL_argcheck(L, t <= LLONG_MAX - n + 1, 4, "destination wrap around");
    bool up = t > e || t <= f || (to != 1 && !lua_rawequal(L, 1, to));
    for (lua_Integer k = 0; k < n; k++) {
      lua_Integer i = up ? k : n - 1 - k;
      look(L, k);
      lua_rawgeti(L, 1, f + i);
      lua_rawseti(L, to, t + i);
    }
  }
  lua_pushvalue(L, to);
  return 1;
}

static int concat(lua_State *L) {
  size_t between;
  luaL_checktype(L, 1, LUA_TTABLE);
  const char *separator = luaL_optlstring(L, 2, "", &between);
  lua_Integer i = luaL_optinteger(L, 3, 1), last = luaL_optinteger(L, 4, length(L, 1));
  luaL_Buffer b;
  luaL_buffinit(L, &b);
  for (; i <= last; i++) {
    look(L, i);
    lua_rawgeti(L, 1, i);
    if (!lua_isstring(L, -1))
      return luaL_error(L, "invalid value (at index %I) in table for 'concat'", i);
    luaL_addvalue(&b);
    if (i == last) break;  // before i + 1 can overflow
    luaL_addlstring(&b, separator, between);
  }
  luaL_pushresult(&b);
  return 1;
}

static int pack(lua_State *L) {
  int n = lua_gettop(L);
  lua_createtable(L, n, 1);
  lua_insert(L, 1);
  for (int i = n; i >= 1; i--) lua_rawseti(L, 1, i);
  lua_pushinteger(L, n);
  lua_setfield(L, 1, "n");
  return 1;
}

static int unpack(lua_State *L) {
  luaL_checktype(L, 1, LUA_TTABLE);
  lua_Integer i = luaL_optinteger(L, 2, 1);
  lua_Integer e = lua_isnoneornil(L, 3) ? length(L, 1) : luaL_checkinteger(L, 3);
  if (i > e) return 0;
  lua_Unsigned n = (lua_Unsigned)e - (lua_Unsigned)i;
  if (n >= INT_MAX || !lua_checkstack(L, (int)++n))
    return luaL_error(L, "too many results to unpack");
  for (lua_Unsigned k = 0; k < n; k++) {
    look(L, (lua_Integer)k);
    lua_rawgeti(L, 1, (lua_Integer)((lua_Unsigned)i + k));
  }
  return (int)n;
}

// True where the value at `a` comes before the one at `b`, by the comparer at 2 or Lua's `<`.
static bool before(lua_State *L, int a, int b) {
  mw_check(L);  // every time: comparing two long texts is a step of its own
  if (lua_isnil(L, 2)) return lua_compare(L, a, b, LUA_OPLT);
  lua_pushvalue(L, 2);
  lua_pushvalue(L, a < 0 ? a - 1 : a);
  lua_pushvalue(L, b < 0 ? b - 2 : b);
  lua_call(L, 2, 1);
  bool less = lua_toboolean(L, -1);
  lua_pop(L, 1);
  return less;
}

// Moves the element at `root` down to where no child of it is larger. Heap positions count from 1, as the table's do.
static void sift(lua_State *L, lua_Integer root, lua_Integer count) {
  while (root * 2 <= count) {
    lua_Integer child = root * 2;
    lua_rawgeti(L, 1, root);
    lua_rawgeti(L, 1, child);
    if (child < count) {
      lua_rawgeti(L, 1, child + 1);
      if (before(L, -2, -1)) {
        child++;
        lua_remove(L, -2);
      } else {
        lua_pop(L, 1);
      }
    }
    if (!before(L, -2, -1)) {
      lua_pop(L, 2);
      return;
    }
    lua_rawseti(L, 1, root);
    lua_rawseti(L, 1, child);
    root = child;
  }
}

// Heapsort: n log n comparisons whatever the order and the comparer, and no position outside of the list is ever read,
// even where the comparer contradicts itself. Like Lua's, it is not stable.
static int sort(lua_State *L) {
  check_plain(L, 1);
  lua_Integer n = length(L, 1);
  luaL_argcheck(L, n < INT_MAX, 1, "array too big");
  if (!lua_isnoneornil(L, 2)) luaL_checktype(L, 2, LUA_TFUNCTION);
  lua_settop(L, 2);
  for (lua_Integer root = n / 2; root >= 1; root--) sift(L, root, n);
  for (lua_Integer last = n; last > 1; last--) {
    lua_rawgeti(L, 1, 1);
    lua_rawgeti(L, 1, last);
    lua_rawseti(L, 1, 1);
    lua_rawseti(L, 1, last);
    sift(L, 1, last - 1);
  }
  return 0;
}

// Expects the base on top.
void mw_open_tables(lua_State *L) {
  static const luaL_Reg own[] = {{"insert", insert}, {"remove", remove_one}, {"move", move},
                                 {"concat", concat}, {"pack", pack},         {"unpack", unpack},
                                 {"sort", sort},     {NULL, NULL}};
  luaL_newlib(L, own);
  lua_setfield(L, -2, "table");
}
