// table.sort (manual 6.6): quicksort with the median of three as pivot. Comparisons are counted as work; the pivot
// depends on nothing but the length, so that a run can be repeated.
#include <limits.h>

#include "internal.h"

enum { ARGUMENT_TABLE = 1, ARGUMENT_COMPARATOR = 2, SMALL = 100 };

static void load(lua_State *L, lua_Integer key) { lua_geti(L, ARGUMENT_TABLE, key); }
static void store(lua_State *L, lua_Integer key) { lua_seti(L, ARGUMENT_TABLE, key); }

// Whether the value at `a` comes before the one at `b`.
static int is_before(lua_State *L, int a, int b) {
  clua_charge(L, 1);
  if (lua_isnil(L, ARGUMENT_COMPARATOR)) return lua_compare(L, a, b, LUA_OPLT);
  int top = lua_gettop(L);
  a = lua_absindex(L, a);
  b = lua_absindex(L, b);
  lua_pushvalue(L, ARGUMENT_COMPARATOR);
  lua_pushvalue(L, a);
  lua_pushvalue(L, b);
  lua_call(L, 2, 1);
  int result = lua_toboolean(L, -1);
  lua_settop(L, top);
  return result;
}

// Swaps the elements i < j when they are in the wrong order.
static void order(lua_State *L, lua_Integer i, lua_Integer j) {
  load(L, i);
  load(L, j);
  if (is_before(L, -1, -2)) {
    store(L, i);
    store(L, j);
  } else {
    lua_pop(L, 2);
  }
}

static lua_Integer middle(lua_Integer low, lua_Integer high) {
  lua_Unsigned length = (lua_Unsigned)high - (lua_Unsigned)low;
  if (length < SMALL) return low + (lua_Integer)(length / 2);
  // Somewhere in the inner half: orders made to be bad for the middle are no worse than others.
  lua_Unsigned quarter = length / 4, mixed = length * 0x9E3779B97F4A7C15u >> 33;
  return low + (lua_Integer)(quarter + mixed % (2 * quarter));
}

// The pivot, P, is on the stack's top and at high - 1. Answers where it ends up; everything below is not after it.
static lua_Integer partition(lua_State *L, lua_Integer low, lua_Integer high) {
  lua_Integer i = low, j = high - 1;
  for (;;) {
    while (load(L, ++i), is_before(L, -1, -2)) {
      if (i == high - 1) luaL_error(L, "invalid order function for sorting");
      lua_pop(L, 1);
    }
    while (load(L, --j), is_before(L, -3, -1)) {
      if (j < i) luaL_error(L, "invalid order function for sorting");
      lua_pop(L, 1);
    }
    if (j < i) break;
    store(L, i);
    store(L, j);
  }
  lua_pop(L, 1);  // element j; element i goes where the pivot waited
  store(L, high - 1);
  store(L, i);
  return i;
}

static void sort(lua_State *L, lua_Integer low, lua_Integer high) {
  luaL_checkstack(L, 8, "array too big");
  while (low < high) {
    order(L, low, high);
    if (high - low == 1) return;
    lua_Integer pivot = middle(low, high);
    order(L, low, pivot);
    order(L, pivot, high);
    if (high - low == 2) return;
    load(L, pivot);
    lua_pushvalue(L, -1);
    load(L, high - 1);
    store(L, pivot);
    store(L, high - 1);
    pivot = partition(L, low, high);
    // The smaller part by recursion: its depth is at most the logarithm of the length.
    if (pivot - low < high - pivot) {
      sort(L, low, pivot - 1);
      low = pivot + 1;
    } else {
      sort(L, pivot + 1, high);
      high = pivot - 1;
    }
  }
}

int clua_table_sort(lua_State *L) {
  if (!lua_istable(L, ARGUMENT_TABLE) && luaL_getmetafield(L, ARGUMENT_TABLE, "__index") == LUA_TNIL)
    luaL_checktype(L, ARGUMENT_TABLE, LUA_TTABLE);
  lua_Integer length = luaL_len(L, ARGUMENT_TABLE);
  if (length < 2) return 0;
  luaL_argcheck(L, length < INT_MAX, ARGUMENT_TABLE, "array too big");
  if (!lua_isnoneornil(L, ARGUMENT_COMPARATOR)) luaL_checktype(L, ARGUMENT_COMPARATOR, LUA_TFUNCTION);
  lua_settop(L, 2);
  sort(L, 1, length);
  return 0;
}
