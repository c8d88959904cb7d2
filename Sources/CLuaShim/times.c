// `duration` and `time`: 64-bit counts of microseconds that know what they are, so that 300 is not mistaken for
// 300 seconds. Arithmetic saturates nowhere: what does not fit is an error.
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "internal.h"

static const char duration_type[] = "duration", time_type[] = "time";

static void push(lua_State *L, int64_t microseconds, const char *type) {
  int64_t *value = lua_newuserdatauv(L, sizeof *value, 0);
  *value = microseconds;
  luaL_setmetatable(L, type);
}

void mw_push_duration(lua_State *L, int64_t us) { push(L, us, duration_type); }
void mw_push_time(lua_State *L, int64_t us) { push(L, us, time_type); }
const int64_t *mw_duration(lua_State *L, int i) { return luaL_testudata(L, i, duration_type); }
const int64_t *mw_time(lua_State *L, int i) { return luaL_testudata(L, i, time_type); }

static int too_large(lua_State *L) { return luaL_error(L, "a length of time beyond 292,000 years"); }

static int rounded(lua_State *L, double us, const char *type) {
  double whole = nearbyint(us);
  // 2^63 is a double, 2^63 - 1 is not; NaN fails both comparisons.
  if (!(whole >= -0x1p63 && whole < 0x1p63)) return too_large(L);
  push(L, (int64_t)whole, type);
  return 1;
}

static int mixed(lua_State *L, const char *verb, const char *advice) {
  const char *left = mw_type_name(L, 1), *right = mw_type_name(L, 2);
  return luaL_error(L, "cannot %s a %s and a %s%s", verb, left, right, advice);
}

static const char *unit_advice(lua_State *L) {
  bool bare = lua_type(L, 1) == LUA_TNUMBER || lua_type(L, 2) == LUA_TNUMBER;
  return bare ? ": give the number a unit, such as '5 * minute'" : "";
}

static int multiply(lua_State *L) {
  const int64_t *span = mw_duration(L, 1);
  int factor = span ? 2 : 1;
  if (!span) span = mw_duration(L, 2);
  if (!span || lua_type(L, factor) != LUA_TNUMBER) return mixed(L, "multiply", "");
  int64_t product;
  if (!lua_isinteger(L, factor))
    return rounded(L, (double)*span * lua_tonumber(L, factor), duration_type);
  if (__builtin_mul_overflow(*span, (int64_t)lua_tointeger(L, factor), &product)) return too_large(L);
  mw_push_duration(L, product);
  return 1;
}

static int divide(lua_State *L) {
  const int64_t *span = mw_duration(L, 1), *by = mw_duration(L, 2);
  if (span && by) {
    lua_pushnumber(L, (double)*span / (double)*by);
    return 1;
  }
  if (!span || lua_type(L, 2) != LUA_TNUMBER) return mixed(L, "divide", "");
  return rounded(L, (double)*span / lua_tonumber(L, 2), duration_type);
}

static int add(lua_State *L) {
  const int64_t *a = mw_duration(L, 1), *b = mw_duration(L, 2);
  const char *type = duration_type;
  if (a && !b && (b = mw_time(L, 2))) type = time_type;
  if (b && !a && (a = mw_time(L, 1))) type = time_type;
  int64_t sum;
  if (!a || !b) return mixed(L, "add", unit_advice(L));
  if (__builtin_add_overflow(*a, *b, &sum)) return too_large(L);
  push(L, sum, type);
  return 1;
}

static int subtract(lua_State *L) {
  const int64_t *a = mw_duration(L, 1), *b = mw_duration(L, 2);
  const char *type = duration_type;
  if (!a && (a = mw_time(L, 1))) {
    if (b)
      type = time_type;
    else
      b = mw_time(L, 2);
  }
  int64_t difference;
  if (!a || !b) return mixed(L, "subtract", unit_advice(L));
  if (__builtin_sub_overflow(*a, *b, &difference)) return too_large(L);
  push(L, difference, type);
  return 1;
}

static int negate(lua_State *L) {
  const int64_t *span = mw_duration(L, 1);
  int64_t negative;
  if (!span) return luaL_error(L, "cannot negate a time");
  if (__builtin_sub_overflow((int64_t)0, *span, &negative)) return too_large(L);
  mw_push_duration(L, negative);
  return 1;
}

static void compared(lua_State *L, int64_t *a, int64_t *b) {
  const int64_t *x = mw_duration(L, 1), *y = mw_duration(L, 2);
  if (!x && !y) x = mw_time(L, 1), y = mw_time(L, 2);
  if (!x || !y) mixed(L, "compare", unit_advice(L));
  *a = *x, *b = *y;
}

static int less(lua_State *L) {
  int64_t a, b;
  compared(L, &a, &b);
  lua_pushboolean(L, a < b);
  return 1;
}

static int less_or_equal(lua_State *L) {
  int64_t a, b;
  compared(L, &a, &b);
  lua_pushboolean(L, a <= b);
  return 1;
}

// Lua asks this only for two userdata; a duration and a time are different things.
static int equal(lua_State *L) {
  const int64_t *a = mw_duration(L, 1), *b = mw_duration(L, 2);
  if (!a && !b) a = mw_time(L, 1), b = mw_time(L, 2);
  lua_pushboolean(L, a && b && *a == *b);
  return 1;
}

static int duration_text(lua_State *L) {
  static const struct {
    int64_t size;
    const char *name;
  } units[] = {{86400000000, "day"}, {3600000000, "hour"}, {60000000, "minute"}, {1000000, "second"}};
  const int64_t *span = mw_duration(L, 1);
  if (!span) return luaL_error(L, "not a duration");
  int64_t us = *span;
  if (us == 0) {
    lua_pushliteral(L, "0 seconds");
    return 1;
  }
  char text[64];
  for (size_t i = 0; i < sizeof units / sizeof *units; i++)
    if (us % units[i].size == 0) {
      int64_t n = us / units[i].size;
      snprintf(text, sizeof text, "%" PRId64 " %s%s", n, units[i].name, n == 1 ? "" : "s");
      lua_pushstring(L, text);
      return 1;
    }
  if (us % 1000 == 0)
    snprintf(text, sizeof text, "%" PRId64 " ms", us / 1000);
  else
    snprintf(text, sizeof text, "%" PRId64 " \xC2\xB5s", us);
  lua_pushstring(L, text);
  return 1;
}

// RFC 3339 in UTC, as the host prints a time. Howard Hinnant's civil_from_days.
static int time_text(lua_State *L) {
  const int64_t *time = mw_time(L, 1);
  if (!time) return luaL_error(L, "not a time");
  int64_t us = *time, day = us / 86400000000, in_day = us % 86400000000;
  if (in_day < 0) day--, in_day += 86400000000;
  int64_t z = day + 719468, era = (z >= 0 ? z : z - 146096) / 146097, doe = z - era * 146097;
  int64_t yoe = (doe - doe / 1460 + doe / 36524 - doe / 146096) / 365;
  int64_t doy = doe - (365 * yoe + yoe / 4 - yoe / 100), mp = (5 * doy + 2) / 153;
  int64_t month = mp < 10 ? mp + 3 : mp - 9, year = yoe + era * 400 + (month <= 2);
  int64_t s = in_day / 1000000, fraction = in_day % 1000000;
  char text[80];
  int n = snprintf(text, sizeof text,
                   "%04" PRId64 "-%02" PRId64 "-%02" PRId64 "T%02" PRId64 ":%02" PRId64 ":%02" PRId64,
                   year, month, doy - (153 * mp + 2) / 5 + 1, s / 3600, s / 60 % 60, s % 60);
  if (fraction % 1000 != 0)
    n += snprintf(text + n, sizeof text - (size_t)n, ".%06" PRId64, fraction);
  else if (fraction != 0)
    n += snprintf(text + n, sizeof text - (size_t)n, ".%03" PRId64, fraction / 1000);
  lua_pushlstring(L, text, (size_t)n);
  lua_pushliteral(L, "Z");
  lua_concat(L, 2);
  return 1;
}

static void open_type(lua_State *L, const char *type, const luaL_Reg *methods) {
  luaL_newmetatable(L, type);  // also sets __name, which Lua's own messages use
  luaL_setfuncs(L, methods, 0);
  lua_pushboolean(L, 0);
  lua_setfield(L, -2, "__metatable");
  lua_pop(L, 1);
}

// Expects the base table on top.
void mw_open_times(lua_State *L) {
  static const luaL_Reg durations[] = {
      {"__mul", multiply}, {"__div", divide}, {"__add", add},           {"__sub", subtract},
      {"__unm", negate},   {"__lt", less},    {"__le", less_or_equal}, {"__eq", equal},
      {"__tostring", duration_text},          {NULL, NULL}};
  static const luaL_Reg times[] = {{"__add", add},          {"__sub", subtract}, {"__lt", less},
                                   {"__le", less_or_equal}, {"__eq", equal},     {"__unm", negate},
                                   {"__mul", multiply},     {"__div", divide},
                                   {"__tostring", time_text}, {NULL, NULL}};
  static const struct {
    const char *name;
    int64_t size;
  } units[] = {{"ms", 1000},         {"second", 1000000},  {"minute", 60000000},
               {"hour", 3600000000}, {"day", 86400000000}, {"week", 604800000000}};
  open_type(L, duration_type, durations);
  open_type(L, time_type, times);
  for (size_t i = 0; i < sizeof units / sizeof *units; i++) {
    mw_push_duration(L, units[i].size);
    lua_setfield(L, -2, units[i].name);
  }
}
