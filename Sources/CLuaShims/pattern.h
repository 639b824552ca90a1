// A Lua pattern (manual 6.4.1) as a list of items. Patterns have no alternatives and no repeated groups, so an item
// needs at most one point to come back to: matching takes no recursion and a fixed amount of memory.
#pragma once
#include "internal.h"

enum { MAX_CAPTURES = 32, CAPTURE_POSITION = -1 };

typedef enum { REPEAT_ONE, REPEAT_STAR, REPEAT_PLUS, REPEAT_LAZY, REPEAT_OPTIONAL } clua_repeat;

typedef enum {
  ITEM_CHARACTER,  // .a
  ITEM_ANY,
  ITEM_SET,  // .set
  ITEM_OPEN,      // .a: capture
  ITEM_POSITION,  // .a: capture
  ITEM_CLOSE,     // .a: capture
  ITEM_BACK_REFERENCE,  // .a: capture
  ITEM_BALANCE,   // .a, .b
  ITEM_FRONTIER,  // .set
  ITEM_END,
  ITEM_MATCH,
} clua_item_kind;

typedef struct clua_item {
  uint8_t kind, repeat, a, b;
  uint32_t set;
} clua_item;

typedef struct clua_set {
  uint8_t bits[32];
} clua_set;

// Where an item can try again: the position it may start from next, and (greedy) the lowest one.
typedef struct clua_choice {
  const clua_item *item;
  const char *at, *low;
} clua_choice;

typedef struct clua_pattern {
  int captures, is_anchored;
  clua_item *items;
  clua_set *sets;
  clua_choice *choices;  // scratch of one match
} clua_pattern;

typedef struct clua_capture {
  const char *start;
  ptrdiff_t length;  // CAPTURE_POSITION: a position capture
} clua_capture;

typedef struct clua_matcher {
  lua_State *L;
  const clua_pattern *pattern;
  const char *subject, *end;
  size_t work;
  clua_capture captures[MAX_CAPTURES];
} clua_matcher;

// [-0, +1, e] the compiled pattern at `index`, anchored by what it pushes. `anchors`: whether "^" means something.
const clua_pattern *clua_compile_pattern(lua_State *L, int index, int anchors);
// [-0, +0, stop] The end of the match that starts at `at`, or NULL.
const char *clua_match_at(clua_matcher *m, const char *at);
// [-0, +0, stop] The first match from `*at` on; sets *at to its start. NULL when there is none.
const char *clua_match_from(clua_matcher *m, const char **at);
