// The table library (manual 6.6), every element counted as work: a false length or a C function as metamethod must not
// keep a loop from being stopped. pack and unpack are stock, bounded by the stack.
#include <limits.h>

#include "internal.h"

enum { CAN_READ = 1, CAN_WRITE = 2, HAS_LENGTH = 4 };

// Argument `index` must be a table or act as one. Answers whether access may be raw.
static int check_table(lua_State *L, int index, int needs) {
  int is_table = lua_type(L, index) == LUA_TTABLE;
  if (!lua_getmetatable(L, index)) {
    if (!is_table) luaL_checktype(L, index, LUA_TTABLE);
    return 1;
  }
  const char *const events[] = {"__index", "__newindex", "__len"};
  for (int i = 0; i < 3 && !is_table; i++) {
    if (!(needs & 1 << i)) continue;
    lua_pushstring(L, events[i]);
    if (lua_rawget(L, -2) == LUA_TNIL) luaL_checktype(L, index, LUA_TTABLE);
    lua_pop(L, 1);
  }
  lua_pop(L, 1);
  return 0;
}

static lua_Integer length_of(lua_State *L, int index, int is_raw) {
  return is_raw ? (lua_Integer)lua_rawlen(L, index) : luaL_len(L, index);
}

static void get(lua_State *L, int index, lua_Integer key, int is_raw) {
  if (is_raw) lua_rawgeti(L, index, key);
  else lua_geti(L, index, key);
}

static void set(lua_State *L, int index, lua_Integer key, int is_raw) {
  if (is_raw) lua_rawseti(L, index, key);
  else lua_seti(L, index, key);
}

static int table_insert(lua_State *L) {
  int is_raw = check_table(L, 1, CAN_READ | CAN_WRITE | HAS_LENGTH);
  lua_Integer end = (lua_Integer)((lua_Unsigned)length_of(L, 1, is_raw) + 1), position = end;
  switch (lua_gettop(L)) {
    case 2: break;
    case 3:
      position = luaL_checkinteger(L, 2);
      // Unsigned: a position below 1 is far above.
      luaL_argcheck(L, (lua_Unsigned)position - 1u < (lua_Unsigned)end, 2, "position out of bounds");
      for (lua_Integer i = end; i > position; i--) {
        clua_charge(L, 1);
        get(L, 1, i - 1, is_raw);
        set(L, 1, i, is_raw);
      }
      break;
    default: return luaL_error(L, "wrong number of arguments to 'insert'");
  }
  set(L, 1, position, is_raw);
  return 0;
}

static int table_remove(lua_State *L) {
  int is_raw = check_table(L, 1, CAN_READ | CAN_WRITE | HAS_LENGTH);
  lua_Integer size = length_of(L, 1, is_raw), position = luaL_optinteger(L, 2, size);
  if (position != size)
    luaL_argcheck(L, (lua_Unsigned)position - 1u <= (lua_Unsigned)size, 2, "position out of bounds");
  get(L, 1, position, is_raw);
  for (; position < size; position++) {
    clua_charge(L, 1);
    get(L, 1, position + 1, is_raw);
    set(L, 1, position, is_raw);
  }
  lua_pushnil(L);
  set(L, 1, position, is_raw);
  return 1;
}

static int table_move(lua_State *L) {
  lua_Integer first = luaL_checkinteger(L, 2), last = luaL_checkinteger(L, 3), to = luaL_checkinteger(L, 4);
  int target = lua_isnoneornil(L, 5) ? 1 : 5;
  int reads_raw = check_table(L, 1, CAN_READ), writes_raw = check_table(L, target, CAN_WRITE);
  if (last >= first) {
    luaL_argcheck(L, first > 0 || last < LUA_MAXINTEGER + first, 3, "too many elements to move");
    lua_Integer count = last - first + 1;
    luaL_argcheck(L, to <= LUA_MAXINTEGER - count + 1, 4, "destination wrap around");
    int is_upwards = to > last || to <= first || (target != 1 && !lua_compare(L, 1, target, LUA_OPEQ));
    for (lua_Integer i = 0; i < count; i++) {
      lua_Integer offset = is_upwards ? i : count - 1 - i;
      clua_charge(L, 1);
      get(L, 1, first + offset, reads_raw);
      set(L, target, to + offset, writes_raw);
    }
  }
  lua_pushvalue(L, target);
  return 1;
}

static void add_element(lua_State *L, luaL_Buffer *b, lua_Integer key, int is_raw) {
  get(L, 1, key, is_raw);
  if (!lua_isstring(L, -1))
    luaL_error(L, "invalid value (at index %I) in table for 'concat'", (LUAI_UACINT)key);
  clua_charge(L, 1 + lua_rawlen(L, -1) / CLUA_BYTES_PER_WORK);
  luaL_addvalue(b);
}

static int table_concat(lua_State *L) {
  int is_raw = check_table(L, 1, CAN_READ | HAS_LENGTH);
  size_t separator_length;
  const char *separator = luaL_optlstring(L, 2, "", &separator_length);
  lua_Integer first = luaL_optinteger(L, 3, 1);
  lua_Integer last = lua_isnoneornil(L, 4) ? length_of(L, 1, is_raw) : luaL_checkinteger(L, 4);
  luaL_Buffer b;
  luaL_buffinit(L, &b);
  for (; first < last; first++) {
    add_element(L, &b, first, is_raw);
    clua_charge(L, separator_length / CLUA_BYTES_PER_WORK);
    luaL_addlstring(&b, separator, separator_length);
  }
  if (first == last) add_element(L, &b, first, is_raw);
  luaL_pushresult(&b);
  return 1;
}

void clua_open_tables(lua_State *L) {
  const luaL_Reg own[] = {{"insert", table_insert}, {"remove", table_remove}, {"move", table_move},
                          {"concat", table_concat}, {"sort", clua_table_sort}, {NULL, NULL}};
  luaL_requiref(L, "table", luaopen_table, 0);
  luaL_setfuncs(L, own, 0);
  lua_setfield(L, -2, "table");
}
