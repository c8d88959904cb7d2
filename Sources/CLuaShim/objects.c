// Objects of the host whose fields are read one by one, so that calling a rule builds no table.
//
// Each has its own metatable, whose __index remembers the number of every field name that was found: the host hears
// a name once and numbers afterwards. The last few names are also known by where their text stands: it is held in the
// table of names, so no other value can stand there. An object answers only in a call that was given it.
//
// Where the host says where the columns of its rows stand, most reads never reach it.
#include "internal.h"

enum { RECENT = 16 };

typedef struct {
  void *object;
  const mw_row *row;
  uint64_t call;  // the last call that was given it
  mw_texts texts;
  struct {
    const void *name;
    int32_t field;
  } recent[RECENT];
} box;

static const char object_key = 0;  // its address marks our metatables

static box *checked(lua_State *L) {
  box *b = lua_touserdata(L, 1);
  if (!b || b->call != mw_of(L)->calls)
    luaL_error(L, "an object was kept from an earlier call; copy the fields that you need");
  return b;
}

static void push_scalar(lua_State *L, const mw_scalar *v) {
  switch (v->tag) {
    case 't': lua_pushboolean(L, 1); return;
    case 'f': lua_pushboolean(L, 0); return;
    case 'i': lua_pushinteger(L, v->integer); return;
    case 'd': lua_pushnumber(L, v->number); return;
    case 'u': mw_push_duration(L, v->integer); return;
    case 'w': mw_push_time(L, v->integer); return;
    case 's': lua_pushlstring(L, (const char *)v->text, v->count); return;
    default: lua_pushnil(L); return;
  }
}

// Whole numbers arrive as integers, so that Lua prints 12 and not 12.0.
static void push_double(lua_State *L, double x) {
  if (x >= -0x1p63 && x < 0x1p63 && (double)(int64_t)x == x)
    lua_pushinteger(L, (int64_t)x);
  else if (x == x)
    lua_pushnumber(L, x);
  else
    lua_pushnil(L);
}

static void push_field(lua_State *L, box *b, int32_t field) {
  const mw_row *r = b->row;
  if (r && field < r->count) {
    const mw_column *c = &r->columns[field];
    double x;
    uint32_t text;
    switch (c->kind) {
      case MW_NUMBER: push_double(L, ((const double *)c->base)[r->row]); return;
      case MW_TEXT:
      case MW_WORD:
        text = ((const uint32_t *)c->base)[r->row];
        if (text != 0)
          mw_push_text(L, &b->texts, r, text);
        else if (c->kind == MW_WORD)
          lua_pushliteral(L, "");
        else
          lua_pushnil(L);
        return;
      case MW_FLAG:
        x = ((const double *)c->base)[r->row];
        if (x != x)
          lua_pushnil(L);
        else
          lua_pushboolean(L, x != 0);
        return;
      case MW_MOMENT: mw_push_time(L, ((const int64_t *)c->base)[r->row]); return;
      case MW_ABSENT: lua_pushnil(L); return;
      case MW_ASK: break;
    }
  }
  mw_scalar value = {0};
  mw_of(L)->host.read_field(b->object, field, &value);
  push_scalar(L, &value);
}

// Upvalues: field name → number, and those of mw_push_text.
static int index_field(lua_State *L) {
  mw_state *s = mw_of(L);
  box *b = checked(L);
  const void *key = lua_topointer(L, 2);  // of a text, where Lua holds it
  size_t place = ((uintptr_t)key >> 5) % RECENT;
  if (key && b->recent[place].name == key) {
    push_field(L, b, b->recent[place].field);
    return 1;
  }
  lua_settop(L, 2);
  lua_pushvalue(L, 2);
  if (lua_rawget(L, lua_upvalueindex(1)) == LUA_TNUMBER) {
    // Short texts are one in a state. A long one may be another than the one that the table holds, and go away.
    if (lua_rawlen(L, 2) <= MW_SHORT_TEXT) {
      b->recent[place].name = key;
      b->recent[place].field = (int32_t)lua_tointeger(L, -1);
    }
    push_field(L, b, (int32_t)lua_tointeger(L, -1));
    return 1;
  }
  if (lua_type(L, 2) != LUA_TSTRING)
    return luaL_error(L, "a field has a name; it cannot be read by a %s", mw_type_name(L, 2));
  size_t length;
  const uint8_t *name = (const uint8_t *)lua_tolstring(L, 2, &length);
  // No field has such a name, and what the host makes of it could take long.
  int32_t field = length > MW_MAX_NAME ? -1 : s->host.find_field(b->object, name, length);
  if (field < 0) {
    s->reply.count = 0;
    s->host.unknown_field(s->host.context, b->object, name, length > MW_MAX_NAME ? MW_MAX_NAME : length);
    luaL_where(L, 1);
    lua_pushlstring(L, (const char *)s->reply.bytes, s->reply.count);
    lua_concat(L, 2);
    return lua_error(L);
  }
  lua_pushvalue(L, 2);
  lua_pushinteger(L, field);
  lua_rawset(L, lua_upvalueindex(1));
  push_field(L, b, field);
  return 1;
}

static int refuse_write(lua_State *L) {
  return luaL_error(L, "an object of the host cannot be changed");
}

static int object_text(lua_State *L) {
  lua_pushliteral(L, "object");
  return 1;
}

// Pushes nothing; the result is a registry reference.
int mw_new_object(lua_State *L, void *object, const mw_row *row) {
  box *b = lua_newuserdatauv(L, sizeof *b, 0);
  *b = (box){.object = object, .row = row};
  lua_createtable(L, 0, 6);
  lua_newtable(L);
  mw_texts_upvalues(L);
  lua_pushcclosure(L, index_field, 3);
  lua_setfield(L, -2, "__index");
  lua_pushcfunction(L, refuse_write);
  lua_setfield(L, -2, "__newindex");
  lua_pushcfunction(L, object_text);
  lua_setfield(L, -2, "__tostring");
  lua_pushliteral(L, "object");
  lua_setfield(L, -2, "__name");
  lua_pushboolean(L, 0);
  lua_setfield(L, -2, "__metatable");
  lua_pushboolean(L, 1);
  lua_rawsetp(L, -2, &object_key);
  lua_setmetatable(L, -2);
  return luaL_ref(L, LUA_REGISTRYINDEX);
}

bool mw_push_object(lua_State *L, int reference) {
  if (lua_rawgeti(L, LUA_REGISTRYINDEX, reference) != LUA_TUSERDATA) return false;
  box *b = lua_touserdata(L, -1);
  b->call = mw_of(L)->calls;
  return true;
}
