// The string library: what is linear stays stock, the rest is bounded; patterns are in strings_match.c.
#include <ctype.h>

#include "internal.h"

// Upvalue 1: the stock function; passes all arguments on.
static int call_stock(lua_State *L) {
  lua_pushvalue(L, lua_upvalueindex(1));
  lua_insert(L, 1);
  lua_call(L, lua_gettop(L) - 1, LUA_MULTRET);
  clua_stop_if_asked(L);
  return lua_gettop(L);
}

// string.rep: each copy doubles what is there.
static int string_rep(lua_State *L) {
  size_t length, separator_length;
  const char *text = luaL_checklstring(L, 1, &length);
  lua_Integer count = luaL_checkinteger(L, 2);
  const char *separator = luaL_optlstring(L, 3, "", &separator_length);
  size_t limit = clua_engine_of(L)->max_string, unit = length + separator_length;
  if (count <= 0 || unit == 0) {
    lua_pushliteral(L, "");
    return 1;
  }
  if (unit > limit || (lua_Unsigned)count > limit / unit) return luaL_error(L, "resulting string too large");
  size_t total = unit * (size_t)count - separator_length;
  clua_charge(L, total / CLUA_BYTES_PER_WORK);
  luaL_Buffer b;
  char *bytes = luaL_buffinitsize(L, &b, total + separator_length);
  memcpy(bytes, text, length);
  memcpy(bytes + length, separator, separator_length);
  for (size_t filled = unit; filled < total;) {
    size_t part = filled < total + separator_length - filled ? filled : total + separator_length - filled;
    memcpy(bytes + filled, bytes, part);
    filled += part;
  }
  luaL_pushresultsize(&b, total);
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
    if (type == LUA_TSTRING) clua_charge(L, lua_rawlen(L, argument) / CLUA_BYTES_PER_WORK);
    if (*f != 's' || type == LUA_TNONE || type == LUA_TSTRING || type == LUA_TNUMBER) continue;
    clua_text_of(L, argument, NULL);
    lua_replace(L, argument);
  }
  return call_stock(L);
}

// For pack, packsize and unpack. "c2000000000" loops for minutes without returning to the VM.
static int with_format(lua_State *L) {
  size_t limit = clua_engine_of(L)->max_string, length;
  const char *f = luaL_checklstring(L, 1, &length);
  clua_charge(L, length);
  for (; *f; f++) {
    size_t number = 0;
    while (isdigit((unsigned char)*f) && number <= limit) number = number * 10 + (size_t)(*f++ - '0');
    if (number > limit) return luaL_argerror(L, 1, "invalid format: size too large");
    if (*f == 0) break;
  }
  return call_stock(L);
}

// Strings keep the metatable of the stock library (arithmetic on "10"), sealed and with our functions as methods.
static void seal_metatable(lua_State *L, int library) {
  lua_pushliteral(L, "");
  lua_getmetatable(L, -1);
  lua_pushvalue(L, library);
  lua_setfield(L, -2, "__index");
  lua_pushboolean(L, 0);
  lua_setfield(L, -2, "__metatable");
  lua_pop(L, 2);
}

void clua_open_strings(lua_State *L) {
  const luaL_Reg wrapped[] = {{"format", string_format}, {"pack", with_format}, {"packsize", with_format},
                              {"unpack", with_format},   {NULL, NULL}};
  luaL_requiref(L, "string", luaopen_string, 0);
  lua_pushnil(L);
  lua_setfield(L, -2, "dump");
  for (const luaL_Reg *r = wrapped; r->name; r++) {
    lua_getfield(L, -1, r->name);
    lua_pushcclosure(L, r->func, 1);
    lua_setfield(L, -2, r->name);
  }
  lua_pushcfunction(L, string_rep);
  lua_setfield(L, -2, "rep");
  clua_open_matching(L);
  seal_metatable(L, lua_gettop(L));
  lua_setfield(L, -2, "string");
}
