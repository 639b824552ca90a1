// The string library: stock functions behind caps. (The pattern functions get their own matcher later.)
#include <ctype.h>
#include <stdio.h>

#include "internal.h"

enum { MAX_PATTERN = 4096, MAX_SUBJECT = 16 * 1024 * 1024 };

// Upvalue 1: the stock function; passes all arguments on.
static int call_stock(lua_State *L) {
  lua_pushvalue(L, lua_upvalueindex(1));
  lua_insert(L, 1);
  lua_call(L, lua_gettop(L) - 1, LUA_MULTRET);
  clua_stop_if_asked(L);
  return lua_gettop(L);
}

static int string_rep(lua_State *L) {
  size_t length, separator;
  luaL_checklstring(L, 1, &length);
  lua_Integer count = luaL_checkinteger(L, 2);
  luaL_optlstring(L, 3, "", &separator);
  size_t limit = clua_engine_of(L)->max_string, each = length + separator;
  if (count <= 0 || each == 0) {
    lua_pushliteral(L, "");
    return 1;
  }
  if (each > limit || (lua_Unsigned)count > limit / each) return luaL_error(L, "resulting string too large");
  return call_stock(L);
}

static int with_pattern(lua_State *L) {
  size_t subject, pattern;
  luaL_checklstring(L, 1, &subject);
  luaL_checklstring(L, 2, &pattern);
  luaL_argcheck(L, subject <= MAX_SUBJECT, 1, "string too large");
  luaL_argcheck(L, pattern <= MAX_PATTERN, 2, "pattern too large");
  return call_stock(L);
}

// A second call of an iterator that failed overflows the C stack up to 5.5.0. Upvalues: iterator, failed.
static int next_match(lua_State *L) {
  if (lua_toboolean(L, lua_upvalueindex(2))) return luaL_error(L, "the iterator has failed before");
  lua_pushboolean(L, 1);
  lua_replace(L, lua_upvalueindex(2));
  lua_settop(L, 0);
  lua_pushvalue(L, lua_upvalueindex(1));
  lua_call(L, 0, LUA_MULTRET);
  lua_pushboolean(L, 0);
  lua_replace(L, lua_upvalueindex(2));
  return lua_gettop(L);
}

static int string_gmatch(lua_State *L) {
  with_pattern(L);
  lua_settop(L, 1);
  lua_pushboolean(L, 0);
  lua_pushcclosure(L, next_match, 2);
  return 1;
}

// %s would show addresses: such arguments become text first. %p is refused.
static int string_format(lua_State *L) {
  int count = lua_gettop(L), argument = 1;
  for (const char *f = luaL_checkstring(L, 1); *f; f++) {
    if (*f != '%') continue;
    f++;
    if (*f == '%') continue;
    while (*f && (strchr("-+ #0.", *f) || isdigit((unsigned char)*f))) f++;
    if (*f == 0) break;
    if (*f == 'p') return luaL_error(L, "invalid conversion '%%p' to 'format'");
    argument++;
    int type = argument <= count ? lua_type(L, argument) : LUA_TNONE;
    if (*f != 's' || type == LUA_TNONE || type == LUA_TSTRING || type == LUA_TNUMBER) continue;
    clua_text_of(L, argument, NULL);
    lua_replace(L, argument);
  }
  return call_stock(L);
}

// "c2000000000" loops for minutes without returning to the VM.
static int string_pack(lua_State *L) {
  size_t limit = clua_engine_of(L)->max_string;
  for (const char *f = luaL_checkstring(L, 1); *f; f++) {
    size_t number = 0;
    while (isdigit((unsigned char)*f) && number <= limit) number = number * 10 + (size_t)(*f++ - '0');
    if (number > limit) return luaL_argerror(L, 1, "size too large");
    if (*f == 0) break;
  }
  return call_stock(L);
}

void clua_open_strings(lua_State *L) {
  const luaL_Reg capped[] = {{"rep", string_rep},       {"find", with_pattern}, {"match", with_pattern},
                             {"gsub", with_pattern},    {"gmatch", string_gmatch}, {"format", string_format},
                             {"pack", string_pack}, {NULL, NULL}};
  luaL_requiref(L, "string", luaopen_string, 0);
  lua_pushnil(L);
  lua_setfield(L, -2, "dump");
  for (const luaL_Reg *r = capped; r->name; r++) {
    lua_getfield(L, -1, r->name);
    lua_pushcclosure(L, r->func, 1);
    lua_setfield(L, -2, r->name);
  }
  lua_pushvalue(L, -1);
  lua_setfield(L, -3, "string");
  // Methods of strings are those of this private table, whatever a script does to its own.
  lua_pushliteral(L, "");
  lua_createtable(L, 0, 2);
  lua_pushvalue(L, -3);
  lua_setfield(L, -2, "__index");
  lua_pushboolean(L, 0);
  lua_setfield(L, -2, "__metatable");
  lua_setmetatable(L, -2);
  lua_pop(L, 2);
}
