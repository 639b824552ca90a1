// load and require: text only.
#include "internal.h"

typedef struct text_reader {
  const char *next;
  size_t length;
} text_reader;

static const char *read_text(lua_State *L, void *data, size_t *size) {
  text_reader *r = data;
  (void)L;
  *size = r->length;
  r->length = 0;
  return *size ? r->next : NULL;
}

// [-0, +1, m] Compiles; skips a first line that starts with '#', keeping the line numbers. A status of Lua.
int clua_load_text(lua_State *L, const char *source, size_t length, const char *chunk) {
  if (length > 0 && source[0] == LUA_SIGNATURE[0]) {
    lua_pushfstring(L, "%s: bytecode is refused", chunk[0] == '=' || chunk[0] == '@' ? chunk + 1 : "chunk");
    return LUA_ERRSYNTAX;
  }
  if (length > MAX_CHUNK) {
    lua_pushfstring(L, "%s: chunk too large (at most %d bytes)", chunk[0] == '=' || chunk[0] == '@' ? chunk + 1 : "chunk",
                    MAX_CHUNK);
    return LUA_ERRSYNTAX;
  }
  text_reader reader = {source, length};
  if (length > 0 && source[0] == '#')
    while (reader.length > 0 && *reader.next != '\n') reader.next++, reader.length--;
  return lua_load(L, read_text, &reader, chunk, "t");
}

// The pieces a script's reader function returns. Stack: 1 the reader, 2 the piece that is being read.
typedef struct piece_reader {
  size_t total;
  int is_too_large;
} piece_reader;

static const char *read_piece(lua_State *L, void *data, size_t *size) {
  piece_reader *r = data;
  clua_stop_if_asked(L);
  luaL_checkstack(L, 4, "too many nested functions");
  lua_pushvalue(L, 1);
  lua_call(L, 0, 1);
  if (lua_isnil(L, -1)) {
    lua_pop(L, 1);
    *size = 0;
    return NULL;
  }
  if (!lua_isstring(L, -1)) luaL_error(L, "reader function must return a string");
  lua_replace(L, 2);
  const char *piece = lua_tolstring(L, 2, size);
  if (r->total == 0 && *size > 0 && piece[0] == LUA_SIGNATURE[0]) luaL_error(L, "bytecode is refused");
  r->total += *size;
  r->is_too_large = r->total > MAX_LOAD;
  if (!r->is_too_large) return piece;
  *size = 0;
  return NULL;
}

// load(chunk [, name [, mode [, env]]]); the mode is ignored.
static int base_load(lua_State *L) {
  size_t length;
  int has_environment = !lua_isnone(L, 4), status;
  const char *text = lua_tolstring(L, 1, &length);
  const char *name = luaL_optstring(L, 2, text ? text : "=(load)");
  if (strncmp(name, "=[", 2) == 0) name = "=(load)";  // the mark of preludes
  lua_settop(L, 4);
  lua_pushstring(L, name);
  name = lua_tostring(L, 5);
  if (text) {
    if (length > MAX_LOAD) return luaL_error(L, "chunk too large (at most %d bytes)", MAX_LOAD);
    status = clua_load_text(L, text, length, name);
  } else {
    luaL_checktype(L, 1, LUA_TFUNCTION);
    piece_reader reader = {0};
    status = lua_load(L, read_piece, &reader, name, "t");
    if (reader.is_too_large) return luaL_error(L, "chunk too large (at most %d bytes)", MAX_LOAD);
  }
  if (status == LUA_ERRMEM) clua_stop_reason(clua_engine_of(L), CLUA_STOP_MEMORY);
  clua_stop_if_asked(L);
  if (status != LUA_OK) {
    lua_pushnil(L);
    lua_insert(L, -2);
    return 2;
  }
  if (has_environment) {
    lua_pushvalue(L, 4);
    if (!lua_setupvalue(L, -2, 1)) lua_pop(L, 1);
  }
  return 1;
}

static int not_found(lua_State *L, const char *name) {
  luaL_Buffer b;
  lua_newtable(L);  // the names, sorted
  lua_rawgetp(L, LUA_REGISTRYINDEX, &clua_key_loaded);
  lua_pushnil(L);
  for (lua_Integer n = 1; lua_next(L, -2);) {
    lua_pop(L, 1);
    if (*lua_tostring(L, -1) == '[') continue;  // a prelude's own
    lua_pushvalue(L, -1);
    lua_rawseti(L, -4, n++);
  }
  lua_pop(L, 1);
  lua_rawgetp(L, LUA_REGISTRYINDEX, &clua_key_library);
  lua_getfield(L, -1, "table");
  lua_getfield(L, -1, "sort");
  lua_pushvalue(L, -4);
  lua_call(L, 1, 0);
  lua_pop(L, 2);
  int names = lua_gettop(L);
  luaL_buffinit(L, &b);
  for (lua_Integer n = 1; n <= (lua_Integer)lua_rawlen(L, names); n++) {
    if (n > 1) luaL_addstring(&b, ", ");
    lua_rawgeti(L, names, n);
    luaL_addvalue(&b);
  }
  luaL_pushresult(&b);
  const char *available = lua_tostring(L, -1);
  return luaL_error(L, "module '%s' not found (available: %s)", name, *available ? available : "none");
}

// [-0, +1, m] The modules that the run is loading, with the branches of the tasks that do; nil outside a run. They end
// with it: one that was stopped in the middle may be tried again.
static void push_loading(lua_State *L) {
  if (lua_rawgetp(L, LUA_REGISTRYINDEX, &clua_key_run) == LUA_TTABLE &&
      lua_rawgetp(L, -1, &clua_key_loaded) != LUA_TTABLE) {
    lua_pop(L, 1);
    lua_newtable(L);
    lua_pushvalue(L, -1);
    lua_rawsetp(L, -3, &clua_key_loaded);
  }
  if (lua_istable(L, -1)) lua_remove(L, -2);
}

// Notes that the running task loads a module; an error when it is being loaded.
static void begin_loading(lua_State *L, const char *name) {
  push_loading(L);
  if (lua_istable(L, -1)) {
    if (lua_getfield(L, -1, name) == LUA_TSTRING) {
      const char *loader = lua_tostring(L, -1), *branch = clua_branch(clua_engine_of(L));
      size_t length = strlen(loader);
      // What a task started, or called, belongs to it.
      if (strncmp(branch, loader, length) == 0 && (length == 0 || branch[length] == 0 || branch[length] == '/'))
        luaL_error(L, "module '%s' requires itself (a cycle)", name);
      luaL_error(L, "module '%s' is being loaded by another task: require it before the tasks begin", name);
    }
    lua_pushstring(L, clua_branch(clua_engine_of(L)));
    lua_setfield(L, -3, name);
    lua_pop(L, 1);
  }
  lua_pop(L, 1);
}

// [-0, +0, m]
static void end_loading(lua_State *L, const char *name) {
  push_loading(L);
  if (lua_istable(L, -1)) {
    lua_pushnil(L);
    lua_setfield(L, -2, name);
  }
  lua_pop(L, 1);
}

// Stack: 1 name; then the results. A module that fails may be tried again.
static int finish_require(lua_State *L, int status, lua_KContext context) {
  (void)context;
  if (status == LUA_ERRMEM) clua_stop_reason(clua_engine_of(L), CLUA_STOP_MEMORY);
  clua_stop_if_asked(L);
  end_loading(L, lua_tostring(L, 1));
  if (status != LUA_OK && status != LUA_YIELD) return lua_error(L);
  lua_rawgetp(L, LUA_REGISTRYINDEX, &clua_key_loaded);
  lua_pushvalue(L, 1);
  if (lua_isnil(L, -3)) lua_pushboolean(L, 1);
  else lua_pushvalue(L, -3);
  lua_rawset(L, -3);
  lua_pushvalue(L, 1);
  lua_rawget(L, -2);
  return 1;
}

// Stack: 1 name, 2 whether the prelude knows the module, 3 the module.
static int finish_finding(lua_State *L, int status, lua_KContext context) {
  (void)status;
  (void)context;
  if (!lua_toboolean(L, 2)) return not_found(L, lua_tostring(L, 1));
  lua_settop(L, 3);
  return 1;
}

// Asks the prelude that called host.finder.
static int find_elsewhere(lua_State *L) {
  lua_settop(L, 1);
  if (lua_rawgetp(L, LUA_REGISTRYINDEX, &clua_key_finder) != LUA_TFUNCTION) return not_found(L, lua_tostring(L, 1));
  lua_pushvalue(L, 1);
  lua_callk(L, 1, 2, 0, finish_finding);
  return finish_finding(L, LUA_OK, 0);
}

static int base_require(lua_State *L) {
  size_t length;
  const char *name = luaL_checklstring(L, 1, &length);
  if (length > 200) return luaL_error(L, "module name too long (at most 200 bytes)");
  lua_settop(L, 1);
  if (name[0] == '[') return not_found(L, name);  // a prelude's own
  lua_rawgetp(L, LUA_REGISTRYINDEX, &clua_key_loaded);
  lua_pushvalue(L, 1);
  if (lua_rawget(L, -2) != LUA_TNIL) return 1;
  lua_settop(L, 1);
  lua_pushvalue(L, 1);
  if (clua_ask_host(L, CLUA_MODULE_SOURCE, "require", 2) < 2) return find_elsewhere(L);
  // Stack: name, name, chunk name, source.
  size_t source_length;
  const char *chunk = luaL_checkstring(L, 3), *source = luaL_checklstring(L, 4, &source_length);
  chunk = lua_pushfstring(L, "=%s", strncmp(chunk, "[", 1) == 0 ? "(module)" : chunk);
  int status = clua_load_text(L, source, source_length, chunk);
  if (status == LUA_ERRMEM) clua_stop_reason(clua_engine_of(L), CLUA_STOP_MEMORY);
  clua_stop_if_asked(L);
  if (status != LUA_OK) return lua_error(L);
  if (!clua_count_lines_of(clua_engine_of(L), chunk + 1, source, source_length)) {
    clua_stop_reason(clua_engine_of(L), CLUA_STOP_MEMORY);
    clua_stop(L);
  }
  lua_replace(L, 2);
  lua_settop(L, 2);
  begin_loading(L, name);
  lua_pushvalue(L, 1);
  return finish_require(L, lua_pcallk(L, 1, 1, 0, 0, finish_require), 0);
}

void clua_open_loader(lua_State *L) {
  const luaL_Reg functions[] = {{"load", base_load}, {"require", base_require}, {NULL, NULL}};
  luaL_setfuncs(L, functions, 0);
}
