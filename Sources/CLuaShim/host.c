// Host functions, and the sealing of the base.
#include <string.h>

#include "internal.h"

// Upvalues: id, waits. Swift returns before anything is raised, so no jump crosses it.
int mw_host_function(lua_State *L) {
  mw_state *s = mw_of(L);
  int arguments = lua_gettop(L);
  int32_t id = (int32_t)lua_tointeger(L, lua_upvalueindex(1));
  s->in.count = s->reply.count = 0;
  mw_begin_value(s);
  for (int i = 1; i <= arguments; i++) mw_encode(L, i, &s->in);
  bool waits = lua_toboolean(L, lua_upvalueindex(2));
  mw_pause pause = {0};
  if (waits) pause = mw_stand(s);
  // The functions among the arguments now belong to the host, which releases them.
  s->fresh.count = 0;
  int32_t refused = s->host.call(s->host.context, id, s->in.bytes, s->in.count);
  if (waits) mw_go_on(s, &pause);
  mw_check(L);
  if (atomic_load_explicit(&s->interrupted, memory_order_relaxed)) mw_raise_deadline(L);
  if (refused) {
    luaL_where(L, 1);
    lua_pushlstring(L, (const char *)s->reply.bytes, s->reply.count);
    lua_concat(L, 2);
    s->fault = MW_HOST;
    return lua_error(L);
  }
  mw_decode(L, s->reply.bytes, s->reply.bytes + s->reply.count);
  return 1;
}

// Expects the base, then a value, on top; stores the value under a dotted path and pops it.
void mw_place(lua_State *L, const char *path) {
  int value = lua_gettop(L);
  lua_pushvalue(L, value - 1);
  for (const char *dot; (dot = strchr(path, '.')); path = dot + 1) {
    lua_pushlstring(L, path, (size_t)(dot - path));
    lua_pushvalue(L, -1);
    if (lua_rawget(L, -3) != LUA_TTABLE) {
      lua_pop(L, 1);
      lua_newtable(L);
      lua_pushvalue(L, -2);
      lua_pushvalue(L, -2);
      lua_rawset(L, -5);
    }
    lua_replace(L, -3);
    lua_pop(L, 1);
  }
  lua_pushstring(L, path);
  lua_pushvalue(L, value);
  lua_rawset(L, -3);
  lua_settop(L, value - 1);
}

// __index of what is sealed, asked for a key that is not there. Upvalues: the table, its path.
static int unknown_name(lua_State *L) {
  mw_state *s = mw_of(L);
  size_t length;
  if (lua_type(L, 2) != LUA_TSTRING)
    return luaL_error(L, "a name is text; there is none for a %s", mw_type_name(L, 2));
  s->in.count = s->reply.count = 0;
  const char *text = lua_tolstring(L, lua_upvalueindex(2), &length);
  mw_encode_text(L, &s->in, text, length);
  text = lua_tolstring(L, 2, &length);
  mw_encode_text(L, &s->in, text, length < MW_MAX_NAME ? length : MW_MAX_NAME);
  lua_pushnil(L);
  while (lua_next(L, lua_upvalueindex(1))) {
    if (lua_type(L, -2) == LUA_TSTRING) {
      text = lua_tolstring(L, -2, &length);
      mw_encode_text(L, &s->in, text, length);
    }
    lua_pop(L, 1);
  }
  s->host.unknown_name(s->host.context, s->in.bytes, s->in.count);
  luaL_where(L, 1);
  lua_pushlstring(L, (const char *)s->reply.bytes, s->reply.count);
  lua_concat(L, 2);
  return lua_error(L);
}

// __newindex of what is sealed. Upvalue: its path, empty for the globals.
static int refuse_assignment(lua_State *L) {
  const char *path = lua_tostring(L, lua_upvalueindex(1));
  const char *key = lua_type(L, 2) == LUA_TSTRING ? lua_tostring(L, 2) : mw_type_name(L, 2);
  if (*path) return luaL_error(L, "'%s.%s' cannot be set: '%s' is sealed", path, key, path);
  return luaL_error(L, "'%s' is not a local variable; write 'local %s = ...'", key, key);
}

static int call_traced(lua_State *L) {
  lua_pushvalue(L, lua_upvalueindex(1));
  lua_insert(L, 1);
  lua_call(L, lua_gettop(L) - 1, LUA_MULTRET);
  return lua_gettop(L);
}

// Replaces the function on top by one that does the same. `return rule { … }` is a tail call, and a tail call to a Lua
// function drops the frame of the plugin, with the line that every message needs; one to a C function keeps it.
void mw_trace(lua_State *L) {
  if (lua_isfunction(L, -1) && !lua_iscfunction(L, -1)) lua_pushcclosure(L, call_traced, 1);
}

// Replaces the table on top by an empty one that reads from it and refuses every write.
static void seal(lua_State *L, const char *path) {
  int real = lua_gettop(L);
  luaL_checkstack(L, 12, NULL);
  // The tables inside first. Assigning to an existing key does not disturb lua_next.
  lua_pushnil(L);
  while (lua_next(L, real)) {
    bool plain = lua_type(L, -1) == LUA_TTABLE && lua_type(L, -2) == LUA_TSTRING;
    if (plain && lua_getmetatable(L, -1)) {
      lua_pop(L, 1);
      plain = false;  // our prelude gave it a behaviour of its own
    }
    if (plain) {
      const char *name = *path ? lua_pushfstring(L, "%s.%s", path, lua_tostring(L, -2))
                               : lua_pushstring(L, lua_tostring(L, -2));
      lua_pushvalue(L, -2);
      seal(L, name);
      lua_remove(L, -2);
      lua_pushvalue(L, -3);
      lua_insert(L, -2);
      lua_rawset(L, real);
    }
    if (lua_isfunction(L, -1)) {
      mw_trace(L);
      lua_pushvalue(L, -2);
      lua_insert(L, -2);
      lua_rawset(L, real);
    } else {
      lua_pop(L, 1);
    }
  }
  lua_createtable(L, 0, 2);
  lua_pushvalue(L, real);
  lua_pushstring(L, path);
  lua_pushcclosure(L, unknown_name, 2);
  lua_setfield(L, -2, "__index");
  lua_pushstring(L, path);
  lua_pushcclosure(L, refuse_assignment, 1);
  lua_setfield(L, -2, "__newindex");
  lua_setmetatable(L, real);

  lua_newtable(L);
  lua_createtable(L, 0, 3);
  lua_pushvalue(L, real);
  lua_setfield(L, -2, "__index");
  lua_pushstring(L, path);
  lua_pushcclosure(L, refuse_assignment, 1);
  lua_setfield(L, -2, "__newindex");
  lua_pushboolean(L, 0);
  lua_setfield(L, -2, "__metatable");
  lua_setmetatable(L, -2);
  lua_replace(L, real);
}

// Expects the base on top; replaces it by the environment of the plugin.
void mw_seal_base(lua_State *L) { seal(L, ""); }

// Expects the sealed base on top; replaces it by a table of its own that reads what it lacks from there.
void mw_open_environment(lua_State *L) {
  lua_newtable(L);
  lua_createtable(L, 0, 2);
  lua_pushvalue(L, -3);
  lua_setfield(L, -2, "__index");
  lua_pushboolean(L, 0);
  lua_setfield(L, -2, "__metatable");
  lua_setmetatable(L, -2);
  lua_remove(L, -2);
}
