// Texts of the host that Lua has been given before, by their numbers.
//
// The texts of a stream are few beside its events: users, devices, outcomes. Given by number, one that Lua still has is
// neither hashed nor made again. The host numbers texts in order of appearance, so the low bits of a number are a place
// that few share. A state of which nobody asks texts holds none. The room doubles while texts miss each other, but not
// where even a few hundred places hit almost nothing: there each event has its own texts.
#include <string.h>

#include "internal.h"

enum { FIRST_ROOM = 64, SOME_ROOM = 256, MOST_ROOM = 2048, LONGEST = 64, BYTES_EACH = 96, SHARE = 8 };

// Upvalues of the function that runs, which mw_texts_upvalues made.
#define VALUES lua_upvalueindex(2)
#define NUMBERS lua_upvalueindex(3)

void mw_texts_upvalues(lua_State *L) {
  lua_pushnil(L);
  lua_pushnil(L);
}

// More room, within a part of the memory that the state may have.
static void grow(lua_State *L, mw_texts *t) {
  mw_state *s = mw_of(L);
  uint32_t room = t->room ? t->room * 2 : FIRST_ROOM;
  bool helps = t->room < SOME_ROOM || t->hit > t->missed / 32;
  t->missed = t->hit = 0;
  if (!helps || room > MOST_ROOM || s->memory + (size_t)room * BYTES_EACH > s->limits.memory / SHARE) return;
  lua_createtable(L, (int)room, 0);
  uint32_t *numbers = lua_newuserdatauv(L, room * sizeof *numbers, 0);
  memset(numbers, 0, room * sizeof *numbers);
  lua_replace(L, NUMBERS);
  lua_replace(L, VALUES);
  t->numbers = numbers;
  t->room = room;
}

void mw_push_text(lua_State *L, mw_texts *t, const mw_row *row, uint32_t number) {
  if (t->edition != row->edition) {
    t->edition = row->edition;
    if (t->room) memset(t->numbers, 0, t->room * sizeof *t->numbers);
  }
  uint32_t place = number & (t->room - 1);
  if (t->room && t->numbers[place] == number) {
    t->hit++;
    lua_rawgeti(L, VALUES, place + 1);
    return;
  }
  const mw_text *text = &row->texts[number >> row->text_bits][number & ((1u << row->text_bits) - 1)];
  lua_pushlstring(L, (const char *)text->bytes, (size_t)text->count);
  if (text->count > LONGEST) return;
  if (++t->missed > t->room * 4) {
    grow(L, t);
    place = number & (t->room - 1);
  }
  if (!t->room) return;
  lua_pushvalue(L, -1);
  lua_rawseti(L, VALUES, place + 1);
  t->numbers[place] = number;
}
