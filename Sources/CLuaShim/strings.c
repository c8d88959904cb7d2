// The string library without what reaches outside (dump), shows addresses (%p) or is not wanted here (pack, unpack).
//
// What is linear in its text needs no clock: memory bounds it. The pattern functions are in patterns.c.
#include <ctype.h>
#include <float.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>

#include "internal.h"

static int repeat(lua_State *L) {
  size_t length, between;
  const char *s = luaL_checklstring(L, 1, &length);
  lua_Integer n = luaL_checkinteger(L, 2);
  const char *separator = luaL_optlstring(L, 3, "", &between);
  // Nothing times 2^62 is still nothing, and must not be counted out.
  if (n <= 0 || length + between == 0) {
    lua_pushliteral(L, "");
    return 1;
  }
  if (length + between < length || length + between > (size_t)LLONG_MAX / (size_t)n)
    return luaL_error(L, "resulting string too large");
  luaL_Buffer b;
  size_t total = (size_t)n * length + (size_t)(n - 1) * between;
  char *to = luaL_buffinitsize(L, &b, total);
  for (lua_Integer i = 0; i < n; i++) {
    if ((i & 1023) == 0) mw_check(L);
    memcpy(to, s, length);
    to += length;
    if (i + 1 < n) {
      memcpy(to, separator, between);
      to += between;
    }
  }
  luaL_pushresultsize(&b, total);
  return 1;
}

// One conversion of a format: flags, width, precision, at most two digits each.
typedef struct {
  char text[32];
  char conversion;
} item;

static const char *parse(lua_State *L, const char *at, const char *end, item *out) {
  const char *start = at;
  while (at < end && *at && strchr("-+ #0", *at)) at++;
  if (at - start >= 6) luaL_error(L, "invalid format (repeated flags)");
  for (int i = 0; i < 2 && at < end && isdigit((unsigned char)*at); i++) at++;
  if (at < end && *at == '.') {
    at++;
    for (int i = 0; i < 2 && at < end && isdigit((unsigned char)*at); i++) at++;
  }
  if (at < end && isdigit((unsigned char)*at))
    luaL_error(L, "invalid format (width or precision too long)");
  size_t length = (size_t)(at - start);
  out->text[0] = '%';
  memcpy(out->text + 1, start, length);
  out->text[length + 1] = '\0';
  out->conversion = at < end ? *at : '\0';
  return at + 1;
}

// The item with the conversion that C has for our type. Flags that C leaves undefined there are refused.
static const char *completed(lua_State *L, item *i, const char *modifier, const char *flags) {
  size_t length = strlen(i->text);
  for (const char *at = i->text + 1; *at && strchr("-+ #0", *at); at++)
    if (!strchr(flags, *at)) luaL_error(L, "invalid conversion '%s%c' to 'format'", i->text, i->conversion);
  snprintf(i->text + length, sizeof i->text - length, "%s%c", modifier, i->conversion);
  return i->text;
}

static void add_quoted(lua_State *L, luaL_Buffer *b, int argument) {
  size_t length;
  switch (lua_type(L, argument)) {
    case LUA_TSTRING: {
      const char *s = lua_tolstring(L, argument, &length);
      luaL_addchar(b, '"');
      for (size_t i = 0; i < length; i++) {
        unsigned char c = (unsigned char)s[i];
        if (c == '"' || c == '\\' || c == '\n') {
          luaL_addchar(b, '\\');
          luaL_addchar(b, (char)c);
        } else if (iscntrl(c)) {
          char code[8];
          bool digit = i + 1 < length && isdigit((unsigned char)s[i + 1]);
          snprintf(code, sizeof code, digit ? "\\%03d" : "\\%d", c);
          luaL_addstring(b, code);
        } else {
          luaL_addchar(b, (char)c);
        }
      }
      luaL_addchar(b, '"');
      return;
    }
    case LUA_TNUMBER: {
      char text[64];
      double x = lua_tonumber(L, argument);
      if (lua_isinteger(L, argument)) {
        long long n = lua_tointeger(L, argument);
        snprintf(text, sizeof text, n == LLONG_MIN ? "0x%llx" : "%lld", n);
      } else if (x != x) {
        snprintf(text, sizeof text, "(0/0)");
      } else if (x > DBL_MAX || x < -DBL_MAX) {
        snprintf(text, sizeof text, x > 0 ? "1e9999" : "-1e9999");
      } else {
        snprintf(text, sizeof text, "%a", x);
      }
      luaL_addstring(b, text);
      return;
    }
    case LUA_TNIL:
    case LUA_TBOOLEAN:
      mw_push_text_of(L, argument);
      luaL_addvalue(b);
      return;
    default: luaL_error(L, "bad argument #%d to 'format' (value has no literal form)", argument);
  }
}

static void add_text(lua_State *L, luaL_Buffer *b, int argument, item *i) {
  size_t length;
  mw_push_text_of(L, argument);
  const char *s = lua_tolstring(L, -1, &length);
  if (i->text[1] == '\0') {
    luaL_addvalue(b);
    return;
  }
  if (strlen(s) != length)
    luaL_error(L, "bad argument #%d to 'format' (string contains zeros)", argument);
  completed(L, i, "", "-");
  if (!strchr(i->text, '.') && length >= 100) {
    luaL_addvalue(b);  // no width reaches it
    return;
  }
  // Without a precision the text is shorter than 100, with one at most 99 of it are shown.
  char shown[256];
  int n = snprintf(shown, sizeof shown, i->text, s);
  lua_pop(L, 1);
  luaL_addlstring(b, shown, (size_t)n);
}

static int format(lua_State *L) {
  size_t length;
  int top = lua_gettop(L), argument = 1;
  const char *at = luaL_checklstring(L, 1, &length), *end = at + length;
  luaL_Buffer b;
  luaL_buffinit(L, &b);
  while (at < end) {
    if (*at != '%') {
      luaL_addchar(&b, *at++);
      continue;
    }
    if (++at < end && *at == '%') {
      luaL_addchar(&b, *at++);
      continue;
    }
    item i;
    char shown[512];  // "%99.99f" of 1e308 takes 409
    int n = 0;
    if (++argument > top) return luaL_error(L, "bad argument #%d to 'format' (no value)", argument);
    at = parse(L, at, end, &i);
    if (i.conversion == 'q') {
      if (i.text[1]) return luaL_error(L, "specifier '%%q' cannot have modifiers");
      add_quoted(L, &b, argument);
    } else if (i.conversion == 's') {
      add_text(L, &b, argument, &i);
    } else if (i.conversion == 'c' && !strchr(i.text, '.')) {
      n = snprintf(shown, sizeof shown, completed(L, &i, "", "-"),
                   (int)luaL_checkinteger(L, argument));
    } else if (i.conversion == 'd' || i.conversion == 'i') {
      n = snprintf(shown, sizeof shown, completed(L, &i, "ll", "-+0 "),
                   (long long)luaL_checkinteger(L, argument));
    } else if (i.conversion == 'u') {
      n = snprintf(shown, sizeof shown, completed(L, &i, "ll", "-0"),
                   (long long)luaL_checkinteger(L, argument));
    } else if (i.conversion == 'o' || i.conversion == 'x' || i.conversion == 'X') {
      n = snprintf(shown, sizeof shown, completed(L, &i, "ll", "-#0"),
                   (long long)luaL_checkinteger(L, argument));
    } else if (i.conversion && strchr("aAeEfgG", i.conversion)) {
      n = snprintf(shown, sizeof shown, completed(L, &i, "", "-+#0 "),
                   luaL_checknumber(L, argument));
    } else {
      return luaL_error(L, "invalid conversion '%s%c' to 'format'", i.text, i.conversion);
    }
    luaL_addlstring(&b, shown, (size_t)n);
  }
  luaL_pushresult(&b);
  return 1;
}

// Expects the base on top. The kept functions are linear in their text and touch nothing else.
void mw_open_strings(lua_State *L) {
  static const char *const kept[] = {"byte", "char", "len", "lower", "reverse", "sub", "upper", NULL};
  static const luaL_Reg own[] = {{"rep", repeat},     {"format", format}, {"find", mw_find},
                                 {"match", mw_match}, {"gmatch", mw_gmatch}, {"gsub", mw_gsub},
                                 {NULL, NULL}};
  lua_createtable(L, 0, 16);
  lua_pushcfunction(L, luaopen_string);
  lua_call(L, 0, 1);
  for (const char *const *name = kept; *name; name++) {
    lua_getfield(L, -1, *name);
    lua_setfield(L, -3, *name);
  }
  lua_pop(L, 1);
  luaL_setfuncs(L, own, 0);

  // Lua's library gave texts a metatable of its own; ours knows our functions, and no arithmetic on texts.
  lua_pushliteral(L, "");
  lua_createtable(L, 0, 2);
  lua_pushvalue(L, -3);
  lua_setfield(L, -2, "__index");
  lua_pushboolean(L, 0);
  lua_setfield(L, -2, "__metatable");
  lua_setmetatable(L, -2);
  lua_pop(L, 1);
  lua_setfield(L, -2, "string");
}
