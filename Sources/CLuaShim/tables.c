#include "internal.h"
void mw_open_tables(lua_State *L) {
  lua_pushcfunction(L, luaopen_table);
  lua_call(L, 0, 1);
  lua_setfield(L, -2, "table");
}
