#include "internal.h"
void mw_open_strings(lua_State *L) {
  lua_pushcfunction(L, luaopen_string);
  lua_call(L, 0, 1);
  lua_setfield(L, -2, "string");
}
