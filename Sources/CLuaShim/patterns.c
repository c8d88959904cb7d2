#define _GNU_SOURCE
// Lua patterns (§6.4.1 of the manual) with a clock in them.
//
// A pattern can take time exponential in its own length, inside one C function where Lua's hook never runs. This
// matcher is a backtracking one like Lua's and answers the same, but looks at the deadline while it works.
#include <ctype.h>
#include <string.h>

#include "internal.h"

enum { MAX_CAPTURES = 32, MAX_DEPTH = 200, OPEN = -1, POSITION = -2, STEPS_PER_LOOK = 1024 };

typedef struct {
  lua_State *L;
  const char *subject, *subject_end, *pattern_end;
  int depth;       // of recursion left
  unsigned steps;  // until the next look at the clock
  int count;       // of captures
  struct {
    const char *start;
    ptrdiff_t length;  // or OPEN, POSITION
  } captures[MAX_CAPTURES];
} matcher;

static const char *match(matcher *m, const char *s, const char *p);

static void step(matcher *m) {
  if (--m->steps == 0) {
    m->steps = STEPS_PER_LOOK;
    mw_check(m->L);
  }
}

// What a scan costs that looks at this many bytes, which may be as many as the memory of the plugin holds.
static void charge(matcher *m, size_t bytes) {
  size_t steps = bytes / 8 + 1;
  if (m->steps > steps) {
    m->steps -= (unsigned)steps;
  } else {
    m->steps = STEPS_PER_LOOK;
    mw_check(m->L);
  }
}

static void begin(matcher *m, lua_State *L, const char *subject, size_t length,
                  const char *pattern_end) {
  m->L = L;
  m->subject = subject;
  m->subject_end = subject + length;
  m->pattern_end = pattern_end;
  m->steps = STEPS_PER_LOOK;
}

static void restart(matcher *m) {
  m->count = 0;
  m->depth = MAX_DEPTH;
}

// The end of the single character class that starts at p.
static const char *class_end(matcher *m, const char *p) {
  const char *start = p;
  char c = *p++;
  if (c == '%') {
    if (p == m->pattern_end) luaL_error(m->L, "malformed pattern (ends with '%%')");
    return p + 1;
  }
  if (c == '[') {
    if (p < m->pattern_end && *p == '^') p++;
    do {  // the first character may be ']' itself
      if (p == m->pattern_end) luaL_error(m->L, "malformed pattern (missing ']')");
      c = *p++;
      if (c == '%') {
        if (p == m->pattern_end) luaL_error(m->L, "malformed pattern (missing ']')");
        p++;
      }
    } while (p == m->pattern_end || *p != ']');
    charge(m, (size_t)(p - start));  // asked again at every place where the pattern is tried
    return p + 1;
  }
  return p;
}

static bool in_named_class(int c, int name) {
  bool in;
  switch (tolower(name)) {
    case 'a': in = isalpha(c); break;
    case 'c': in = iscntrl(c); break;
    case 'd': in = isdigit(c); break;
    case 'g': in = isgraph(c); break;
    case 'l': in = islower(c); break;
    case 'p': in = ispunct(c); break;
    case 's': in = isspace(c); break;
    case 'u': in = isupper(c); break;
    case 'w': in = isalnum(c); break;
    case 'x': in = isxdigit(c); break;
    case 'z': in = c == 0; break;  // not in the manual any more, still in Lua
    default: return name == c;
  }
  return isupper(name) ? !in : in;
}

// `last` is the closing bracket of the set that starts at p.
static bool in_set(matcher *m, int c, const char *p, const char *last) {
  bool found = true;
  if (p[1] == '^') {
    found = false;
    p++;
  }
  while (++p < last) {
    step(m);
    if (*p == '%') {
      p++;
      if (in_named_class(c, (unsigned char)*p)) return found;
    } else if (p[1] == '-' && p + 2 < last) {
      p += 2;
      if ((unsigned char)p[-2] <= c && c <= (unsigned char)*p) return found;
    } else if ((unsigned char)*p == c) {
      return found;
    }
  }
  return !found;
}

static bool single(matcher *m, const char *s, const char *p, const char *end) {
  if (s >= m->subject_end) return false;
  int c = (unsigned char)*s;
  switch (*p) {
    case '.': return true;
    case '%': return in_named_class(c, (unsigned char)p[1]);
    case '[': return in_set(m, c, p, end - 1);
    default: return (unsigned char)*p == c;
  }
}

static const char *balanced(matcher *m, const char *s, const char *p) {
  if (p + 1 >= m->pattern_end)
    luaL_error(m->L, "malformed pattern (missing arguments to '%%b')");
  if (s >= m->subject_end || *s != *p) return NULL;
  char open = *p, close = p[1];
  int depth = 1;
  while (++s < m->subject_end) {
    step(m);
    if (*s == close) {
      if (--depth == 0) return s + 1;
    } else if (*s == open) {
      depth++;
    }
  }
  return NULL;
}

static const char *greedy(matcher *m, const char *s, const char *p, const char *end) {
  ptrdiff_t i = 0;
  while (single(m, s + i, p, end)) {
    step(m);
    i++;
  }
  for (; i >= 0; i--) {
    step(m);
    const char *found = match(m, s + i, end + 1);
    if (found) return found;
  }
  return NULL;
}

static const char *lazy(matcher *m, const char *s, const char *p, const char *end) {
  for (;;) {
    step(m);
    const char *found = match(m, s, end + 1);
    if (found) return found;
    if (!single(m, s, p, end)) return NULL;
    s++;
  }
}

static const char *open_capture(matcher *m, const char *s, const char *p, ptrdiff_t what) {
  if (m->count >= MAX_CAPTURES) luaL_error(m->L, "too many captures");
  m->captures[m->count].start = s;
  m->captures[m->count].length = what;
  m->count++;
  const char *found = match(m, s, p);
  if (!found) m->count--;
  return found;
}

static const char *close_capture(matcher *m, const char *s, const char *p) {
  int i = m->count - 1;
  while (i >= 0 && m->captures[i].length != OPEN) i--;
  if (i < 0) {
    luaL_error(m->L, "invalid pattern capture");
    return NULL;
  }
  m->captures[i].length = s - m->captures[i].start;
  const char *found = match(m, s, p);
  if (!found) m->captures[i].length = OPEN;
  return found;
}

static const char *back_reference(matcher *m, const char *s, int digit) {
  int i = digit - '1';
  if (i < 0 || i >= m->count || m->captures[i].length == OPEN)
    luaL_error(m->L, "invalid capture index %%%d", i + 1);
  // The length of a position capture is -2: as a size it fits nowhere, and never matches.
  size_t length = (size_t)m->captures[i].length;
  if ((size_t)(m->subject_end - s) < length) return NULL;
  charge(m, length / 8);  // memcmp is quick
  if (memcmp(m->captures[i].start, s, length) != 0) return NULL;
  return s + length;
}

static const char *frontier(matcher *m, const char *s, const char **p) {
  *p += 2;
  if (*p == m->pattern_end || **p != '[')
    luaL_error(m->L, "missing '[' after '%%f' in pattern");
  const char *end = class_end(m, *p);
  int before = s == m->subject ? '\0' : (unsigned char)s[-1];
  int here = s == m->subject_end ? '\0' : (unsigned char)*s;
  if (in_set(m, before, *p, end - 1) || !in_set(m, here, *p, end - 1)) return NULL;
  *p = end;
  return s;
}

static const char *match_here(matcher *m, const char *s, const char *p) {
  while (p < m->pattern_end) {
    step(m);
    switch (*p) {
      case '(':
        return p + 1 < m->pattern_end && p[1] == ')' ? open_capture(m, s, p + 2, POSITION)
                                                     : open_capture(m, s, p + 1, OPEN);
      case ')': return close_capture(m, s, p + 1);
      case '$':
        if (p + 1 == m->pattern_end) return s == m->subject_end ? s : NULL;
        break;
      case '%': {
        if (p + 1 == m->pattern_end) break;  // class_end says what is wrong
        if (p[1] == 'b') {
          if (!(s = balanced(m, s, p + 2))) return NULL;
          p += 4;
          continue;
        }
        if (p[1] == 'f') {
          if (!(s = frontier(m, s, &p))) return NULL;
          continue;
        }
        if (isdigit((unsigned char)p[1])) {
          if (!(s = back_reference(m, s, (unsigned char)p[1]))) return NULL;
          p += 2;
          continue;
        }
        break;
      }
      default: break;
    }
    const char *end = class_end(m, p);
    char suffix = end < m->pattern_end ? *end : '\0';
    if (suffix == '*') return greedy(m, s, p, end);
    if (suffix == '-') return lazy(m, s, p, end);
    bool matches = single(m, s, p, end);
    if (suffix == '+') return matches ? greedy(m, s + 1, p, end) : NULL;
    if (suffix == '?') {
      if (matches) {
        const char *found = match(m, s + 1, end + 1);
        if (found) return found;
      }
      p = end + 1;
      continue;
    }
    if (!matches) return NULL;
    s++;
    p = end;
  }
  return s;
}

// The end of the match of the pattern from p on at s, or NULL.
static const char *match(matcher *m, const char *s, const char *p) {
  if (m->depth-- == 0) luaL_error(m->L, "pattern too complex");
  const char *found = match_here(m, s, p);
  m->depth++;
  return found;
}

static void push_capture(matcher *m, int i, const char *s, const char *e) {
  if (i >= m->count) {
    if (i != 0) luaL_error(m->L, "invalid capture index %%%d", i + 1);
    lua_pushlstring(m->L, s, (size_t)(e - s));
    return;
  }
  if (m->captures[i].length == OPEN) luaL_error(m->L, "unfinished capture");
  if (m->captures[i].length == POSITION)
    lua_pushinteger(m->L, m->captures[i].start - m->subject + 1);
  else
    lua_pushlstring(m->L, m->captures[i].start, (size_t)m->captures[i].length);
}

// All captures, or the whole match where there are none and `s` is given.
static int push_captures(matcher *m, const char *s, const char *e) {
  int count = m->count == 0 && s ? 1 : m->count;
  luaL_checkstack(m->L, count, "too many captures");
  for (int i = 0; i < count; i++) push_capture(m, i, s, e);
  return count;
}

static size_t start_position(lua_State *L, int argument, size_t length) {
  lua_Integer i = luaL_optinteger(L, argument, 1);
  if (i > 0) return (size_t)i;
  if (i == 0 || i < -(lua_Integer)length) return 1;
  return length + (size_t)i + 1;
}

static int find_or_match(lua_State *L, bool find) {
  size_t length, pattern_length;
  const char *s = luaL_checklstring(L, 1, &length);
  const char *p = luaL_checklstring(L, 2, &pattern_length);
  size_t from = start_position(L, 3, length) - 1;
  if (from > length) {
    lua_pushnil(L);
    return 1;
  }
  bool plain = lua_toboolean(L, 4);
  if (find && !plain) {
    plain = true;
    for (size_t i = 0; i < pattern_length && plain; i++)
      plain = p[i] == '\0' || !strchr("^$*+?.([%-", p[i]);
  }
  if (find && plain) {
    // memmem takes linear time.
    const char *found =
        pattern_length == 0 ? s + from : memmem(s + from, length - from, p, pattern_length);
    if (!found) {
      lua_pushnil(L);
      return 1;
    }
    lua_pushinteger(L, found - s + 1);
    lua_pushinteger(L, found - s + (lua_Integer)pattern_length);
    return 2;
  }
  matcher m;
  bool anchored = pattern_length > 0 && *p == '^';
  begin(&m, L, s, length, p + pattern_length);
  const char *at = s + from;
  do {
    restart(&m);
    step(&m);
    const char *e = match(&m, at, p + anchored);
    if (!e) continue;
    if (!find) return push_captures(&m, at, e);
    lua_pushinteger(L, at - s + 1);
    lua_pushinteger(L, e - s);
    return push_captures(&m, NULL, NULL) + 2;
  } while (at++ < m.subject_end && !anchored);
  lua_pushnil(L);
  return 1;
}

int mw_find(lua_State *L) { return find_or_match(L, true); }
int mw_match(lua_State *L) { return find_or_match(L, false); }

// Upvalues: subject, pattern, where to go on, where the last match ended (0: none).
static int gmatch_step(lua_State *L) {
  size_t length, pattern_length;
  const char *s = lua_tolstring(L, lua_upvalueindex(1), &length);
  const char *p = lua_tolstring(L, lua_upvalueindex(2), &pattern_length);
  size_t from = (size_t)lua_tointeger(L, lua_upvalueindex(3));
  const char *last = s + lua_tointeger(L, lua_upvalueindex(4)) - 1;
  matcher m;
  begin(&m, L, s, length, p + pattern_length);
  for (; from <= length; from++) {
    restart(&m);
    step(&m);
    const char *e = match(&m, s + from, p);
    if (!e || e == last) continue;
    lua_pushinteger(L, e - s);
    lua_replace(L, lua_upvalueindex(3));
    lua_pushinteger(L, e - s + 1);
    lua_replace(L, lua_upvalueindex(4));
    return push_captures(&m, s + from, e);
  }
  return 0;
}

int mw_gmatch(lua_State *L) {
  size_t length;
  luaL_checklstring(L, 1, &length);
  luaL_checkstring(L, 2);
  size_t from = start_position(L, 3, length) - 1;
  if (from > length) from = length + 1;
  lua_settop(L, 2);
  lua_pushinteger(L, (lua_Integer)from);
  lua_pushinteger(L, 0);
  lua_pushcclosure(L, gmatch_step, 4);
  return 1;
}

static void add_template(matcher *m, luaL_Buffer *b, const char *s, const char *e) {
  size_t length;
  const char *news = lua_tolstring(m->L, 3, &length), *end = news + length, *percent;
  while ((percent = memchr(news, '%', (size_t)(end - news)))) {
    step(m);
    luaL_addlstring(b, news, (size_t)(percent - news));
    char c = percent + 1 < end ? percent[1] : '\0';
    if (c == '%') {
      luaL_addchar(b, '%');
    } else if (c == '0') {
      luaL_addlstring(b, s, (size_t)(e - s));
    } else if (isdigit((unsigned char)c)) {
      push_capture(m, c - '1', s, e);
      luaL_tolstring(m->L, -1, NULL);
      lua_remove(m->L, -2);
      luaL_addvalue(b);
    } else {
      luaL_error(m->L, "invalid use of '%%' in replacement string");
    }
    news = percent + 2;
  }
  luaL_addlstring(b, news, (size_t)(end - news));
}

// True where the replacement differs from what was there.
static bool add_replacement(matcher *m, luaL_Buffer *b, const char *s, const char *e) {
  lua_State *L = m->L;
  switch (lua_type(L, 3)) {
    case LUA_TFUNCTION: {
      lua_pushvalue(L, 3);
      lua_call(L, push_captures(m, s, e), 1);
      break;
    }
    case LUA_TTABLE:
      push_capture(m, 0, s, e);
      lua_gettable(L, 3);
      break;
    default: add_template(m, b, s, e); return true;
  }
  if (!lua_toboolean(L, -1)) {
    lua_pop(L, 1);
    luaL_addlstring(b, s, (size_t)(e - s));
    return false;
  }
  if (!lua_isstring(L, -1))
    luaL_error(L, "invalid replacement value (a %s)", mw_type_name(L, -1));
  luaL_addvalue(b);
  return true;
}

int mw_gsub(lua_State *L) {
  size_t length, pattern_length;
  const char *s = luaL_checklstring(L, 1, &length);
  const char *p = luaL_checklstring(L, 2, &pattern_length), *last = NULL;
  int type = lua_type(L, 3);
  if (type != LUA_TNUMBER && type != LUA_TSTRING && type != LUA_TFUNCTION && type != LUA_TTABLE)
    return luaL_error(L, "bad argument #3 to 'gsub' (string/function/table expected, got %s)",
                      type == LUA_TNONE ? "no value" : mw_type_name(L, 3));
  if (type == LUA_TNUMBER) lua_tostring(L, 3);
  lua_Integer most = luaL_optinteger(L, 4, (lua_Integer)length + 1), count = 0;
  bool anchored = pattern_length > 0 && *p == '^', changed = false;
  matcher m;
  luaL_Buffer b;
  begin(&m, L, s, length, p + pattern_length);
  luaL_buffinit(L, &b);
  while (count < most) {
    restart(&m);
    step(&m);
    const char *e = match(&m, s, p + anchored);
    if (e && e != last) {
      count++;
      changed |= add_replacement(&m, &b, s, e);
      s = last = e;
    } else if (s < m.subject_end) {
      luaL_addchar(&b, *s);
      s++;
    } else {
      break;
    }
    if (anchored) break;
  }
  if (!changed) {
    lua_pushvalue(L, 1);
  } else {
    luaL_addlstring(&b, s, (size_t)(m.subject_end - s));
    luaL_pushresult(&b);
  }
  lua_pushinteger(L, count);
  return 2;
}
