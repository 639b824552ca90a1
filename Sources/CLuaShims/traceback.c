// Where the script is, and how it came there: through coroutines, without the frames of preludes and C.
#include <stdio.h>

#include "internal.h"

enum { MAX_FRAMES = 20 };

// Preludes have chunk names "=[name]"; our own load keeps scripts from using such a name.
static int is_script(const lua_Debug *ar) {
  return ar->what[0] != 'C' && strncmp(ar->source, "=[", 2) != 0 && ar->currentline > 0;
}

int clua_script_frame(lua_State *L, int level, lua_Debug *ar) {
  for (; lua_getstack(L, level, ar); level++)
    if (lua_getinfo(L, "Sl", ar) && is_script(ar)) return 1;
  return 0;
}

void clua_push_where(lua_State *L, lua_State *from) {
  lua_Debug ar;
  if (clua_script_frame(from, 0, &ar)) lua_pushfstring(L, "%s:%d", ar.short_src, ar.currentline);
  else lua_pushnil(L);
}

static void add_frame(luaL_Buffer *b, const lua_Debug *ar, int is_first) {
  char line[2 * LUA_IDSIZE + 160];
  const char *start = is_first ? "" : "\n", *what = *ar->what == 'm' ? "main chunk" : "function";
  if (ar->name && *ar->namewhat)
    snprintf(line, sizeof line, "%s%s:%d: in %s '%.80s'", start, ar->short_src, ar->currentline, ar->namewhat,
             ar->name);
  else if (*ar->what == 'm')
    snprintf(line, sizeof line, "%s%s:%d: in %s", start, ar->short_src, ar->currentline, what);
  else
    snprintf(line, sizeof line, "%s%s:%d: in %s <%s:%d>", start, ar->short_src, ar->currentline, what, ar->short_src,
             ar->linedefined);
  luaL_addstring(b, line);
}

// Adds what fits of a coroutine's frames to those that are there; answers how many the script has in it.
static int add_frames(luaL_Buffer *b, lua_State *thread, int before) {
  lua_Debug ar;
  int count = 0;
  for (int level = 0; lua_getstack(thread, level, &ar); level++) {
    if (!lua_getinfo(thread, "Slnt", &ar) || !is_script(&ar)) continue;
    if (before + count < MAX_FRAMES) add_frame(b, &ar, before + count == 0);
    count++;
  }
  return count;
}

void clua_push_traceback(lua_State *L, lua_State *from) {
  luaL_Buffer b;
  luaL_checkstack(L, 10, NULL);
  luaL_buffinit(L, &b);
  int count = add_frames(&b, from, 0);
  for (const clua_resume_link *link = clua_engine_of(L)->resumes; link; link = link->outer)
    if (link->thread != from) count += add_frames(&b, link->thread, count);
  if (count > MAX_FRAMES) {
    char line[64];
    snprintf(line, sizeof line, "\n... %d more", count - MAX_FRAMES);
    luaL_addstring(&b, line);
  }
  luaL_pushresult(&b);
}

// An error that leaves a coroutine takes its frames with it: they are noted before they are gone. The note is kept
// while the same error goes on.

int clua_is_noted(lua_State *L, int value) {
  value = lua_absindex(L, value);
  int type = lua_rawgetp(L, LUA_REGISTRYINDEX, &clua_key_noted_error);
  int is_same = type != LUA_TNIL && lua_rawequal(L, -1, value);
  lua_pop(L, 1);
  return is_same;
}

void clua_note_error(lua_State *L, lua_State *thread) {
  luaL_checkstack(L, 12, NULL);
  if (lua_isnil(L, -1) || clua_is_noted(L, -1)) return;
  clua_push_traceback(L, thread);
  lua_rawsetp(L, LUA_REGISTRYINDEX, &clua_key_noted_traceback);
  clua_rename_noted(L, -1);
}

void clua_rename_noted(lua_State *L, int value) {
  lua_pushvalue(L, value);
  lua_rawsetp(L, LUA_REGISTRYINDEX, &clua_key_noted_error);
}
