// Looks at a call line by line: which lines of a plugin run, and what its variables hold before each of them. A hook of Lua
// does this at the price of a call into the host for every line, so that it is switched on for single calls only.
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "internal.h"

// Of a variable that is a table, so deep and so many of its values are shown; of a text, so many bytes. Tables that hold one
// another cost a plugin nothing and may name millions of values: all of a line have so many bytes together.
enum { DEPTH = 3, MEMBERS = 32, TEXT = 200, VARIABLES = 100, TABLES = 64 << 10 };

// What was put together is of no use where memory ran out on the way.
static _Thread_local bool is_broken;

static void put(mw_buffer *out, const void *bytes, size_t count) {
  if (!mw_append(out, bytes, count)) is_broken = true;
}

static void put_text(mw_buffer *out, const char *text, size_t length) {
  uint32_t count = (uint32_t)length;
  put(out, "s", 1);
  put(out, &count, 4);
  put(out, text, count);
}

static void put_cut(mw_buffer *out, const char *text, size_t length) {
  // Back to where a character begins, so that no half of one crosses.
  if (length > TEXT)
    for (length = TEXT; length > TEXT - 4 && ((uint8_t)text[length] & 0xC0) == 0x80;) length--;
  put_text(out, text, length);
}

static void put_eight(mw_buffer *out, char tag, const void *eight) {
  put(out, &tag, 1);
  put(out, eight, 8);
}

static void put_value(lua_State *L, int index, mw_buffer *out, int depth);

// Raw, without metamethods: what a plugin has in its tables is not to run here.
static void put_table(lua_State *L, int index, mw_buffer *out, int depth) {
  if (depth == DEPTH || out->count > TABLES || !lua_checkstack(L, 6)) {
    put_text(out, "{\xE2\x80\xA6}", 5);
    return;
  }
  put(out, "T", 1);
  size_t at = out->count;
  uint32_t header[2] = {0, 0};
  put(out, header, 8);
  lua_pushnil(L);
  while (lua_next(L, index)) {
    if (header[1] == MEMBERS || out->count > TABLES) {
      put_text(out, "\xE2\x80\xA6", 3);
      put_text(out, "\xE2\x80\xA6", 3);
      header[1]++;
      lua_pop(L, 2);
      break;
    }
    char number[32];
    size_t length;
    const char *key = number;
    // A number that is a key is not turned into a text where it stands: that would confuse the walk.
    if (lua_isinteger(L, -2)) {
      length = (size_t)snprintf(number, sizeof number, "[%lld]", (long long)lua_tointeger(L, -2));
    } else if (lua_type(L, -2) == LUA_TNUMBER) {
      length = (size_t)snprintf(number, sizeof number, "[%.14g]", (double)lua_tonumber(L, -2));
    } else if (lua_type(L, -2) == LUA_TSTRING) {
      key = lua_tolstring(L, -2, &length);
    } else {
      key = mw_type_name(L, -2);
      length = strlen(key);
    }
    put_cut(out, key, length);
    put_value(L, lua_gettop(L), out, depth + 1);
    header[1]++;
    lua_pop(L, 1);
  }
  if (out->count >= at + 8) memcpy(out->bytes + at, header, 8);
}

static void put_value(lua_State *L, int index, mw_buffer *out, int depth) {
  size_t length;
  const char *text;
  const int64_t *moment;
  switch (lua_type(L, index)) {
    case LUA_TNIL: put(out, "n", 1); return;
    case LUA_TBOOLEAN: put(out, lua_toboolean(L, index) ? "t" : "f", 1); return;
    case LUA_TNUMBER:
      if (lua_isinteger(L, index)) {
        int64_t n = lua_tointeger(L, index);
        put_eight(out, 'i', &n);
      } else {
        double x = lua_tonumber(L, index);
        if (x - x == 0)
          put_eight(out, 'd', &x);
        else
          put_text(out, x != x ? "not a number" : x > 0 ? "infinite" : "-infinite", x != x ? 12 : x > 0 ? 8 : 9);
      }
      return;
    case LUA_TSTRING:
      text = lua_tolstring(L, index, &length);
      put_cut(out, text, length);
      return;
    case LUA_TTABLE: put_table(L, index, out, depth); return;
    default:
      if ((moment = mw_duration(L, index))) {
        put_eight(out, 'u', moment);
      } else if ((moment = mw_time(L, index))) {
        put_eight(out, 'w', moment);
      } else {
        text = mw_type_name(L, index);
        put_text(out, text, strlen(text));
      }
  }
}

static void put_variable(lua_State *L, mw_buffer *out, const char *place, const char *name) {
  put_text(out, place, 5);
  put_cut(out, name, strlen(name));
  put_value(L, lua_gettop(L), out, 0);
  lua_pop(L, 1);
}

// Puts together what is in sight, and tells of it.
static void tell(lua_State *L, mw_state *s, lua_Debug *frame) {
  mw_buffer seen = {0};
  is_broken = false;
  const char *name;
  int shown = 0;
  for (int n = 1; shown < VARIABLES && (name = lua_getlocal(L, frame, n)); n++) {
    if (name[0] == '(') {
      lua_pop(L, 1);  // Lua's own: a counter of a loop, what a call is about to be given
    } else {
      put_variable(L, &seen, "local", name);
      shown++;
    }
  }
  lua_getinfo(L, "f", frame);
  int function = lua_gettop(L);
  for (int n = 1; shown < VARIABLES && (name = lua_getupvalue(L, function, n)); n++) {
    if (strcmp(name, "_ENV") == 0) {
      lua_pop(L, 1);
    } else {
      put_variable(L, &seen, "outer", name);
      shown++;
    }
  }
  lua_pop(L, 1);
  if (!is_broken) s->told(s->host.context, frame->currentline, seen.bytes, seen.count);
  free(seen.bytes);
}

static void line(lua_State *L, lua_Debug *frame) {
  mw_state *s = mw_of(L);
  // What is to end ends, as without this.
  mw_check(L);
  if (!s->told || !lua_getinfo(L, "Sl", frame) || !mw_is_plugin(L, frame) || !lua_checkstack(L, 10)) return;
  mw_pause pause = mw_stand(s);
  mw_interest interest = s->wanted(s->host.context, frame->currentline);
  if (interest == MW_LOOK) tell(L, s, frame);
  mw_go_on(s, &pause);
  if (interest == MW_ENOUGH) mw_leave_lines(s);
}

void mw_follow_lines(mw_state *s) { lua_sethook(s->L, line, LUA_MASKLINE, 0); }

void mw_tell_lines(mw_state *s, mw_wanted wanted, mw_line told) {
  s->wanted = wanted;
  s->told = told;
}
