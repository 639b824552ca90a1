// Matches compiled patterns. Every step counts as work, so that no limit waits for a match to end.
#include "pattern.h"

enum { STEPS_PER_CHARGE = 1024, BYTES_PER_STEP = 16 };

static void work(clua_matcher *m, size_t steps) {
  m->work += steps;
  if (m->work < STEPS_PER_CHARGE) return;
  size_t done = m->work;
  m->work = 0;
  clua_charge(m->L, done);
}

static int is_in_set(const clua_set *set, char character) {
  uint8_t c = (uint8_t)character;
  return set->bits[c >> 3] >> (c & 7) & 1;
}

static int is_one(const clua_matcher *m, const clua_item *item, const char *at) {
  if (at >= m->end) return 0;
  switch (item->kind) {
    case ITEM_CHARACTER: return (uint8_t)*at == item->a;
    case ITEM_ANY: return 1;
    default: return is_in_set(&m->pattern->sets[item->set], *at);
  }
}

// The end of the longest run of the item.
static const char *run_of(clua_matcher *m, const clua_item *item, const char *at) {
  const char *start = at, *end = m->end;
  switch (item->kind) {
    case ITEM_CHARACTER:
      while (at < end && (uint8_t)*at == item->a) at++;
      break;
    case ITEM_ANY: return end;
    default: {
      const clua_set *set = &m->pattern->sets[item->set];
      while (at < end && is_in_set(set, *at)) at++;
    }
  }
  work(m, (size_t)(at - start) / BYTES_PER_STEP);
  return at;
}

static const char *balanced(clua_matcher *m, const clua_item *item, const char *at) {
  if (at >= m->end || (uint8_t)*at != item->a) return NULL;
  const char *start = at;
  size_t depth = 1;
  for (at++; at < m->end; at++) {
    uint8_t c = (uint8_t)*at;
    if (c == item->b) {
      if (--depth == 0) break;
    } else if (c == item->a) {
      depth++;
    }
  }
  work(m, (size_t)(at - start) / BYTES_PER_STEP);
  return at < m->end ? at + 1 : NULL;
}

static const char *referenced(clua_matcher *m, const clua_item *item, const char *at) {
  const clua_capture *capture = &m->captures[item->a];
  if (capture->length < 0 || m->end - at < capture->length) return NULL;
  work(m, (size_t)capture->length / BYTES_PER_STEP);
  return memcmp(capture->start, at, (size_t)capture->length) == 0 ? at + capture->length : NULL;
}

static int is_frontier(const clua_matcher *m, const clua_item *item, const char *at) {
  const clua_set *set = &m->pattern->sets[item->set];
  char before = at == m->subject ? '\0' : at[-1], after = at == m->end ? '\0' : *at;
  return !is_in_set(set, before) && is_in_set(set, after);
}

// One item at `at`: where the next one goes on, or NULL. Leaves a choice where there is one.
static const char *take(clua_matcher *m, const clua_item *item, const char *at, clua_choice **top) {
  switch ((clua_item_kind)item->kind) {
    case ITEM_OPEN:
      m->captures[item->a].start = at;
      return at;
    case ITEM_POSITION:
      m->captures[item->a] = (clua_capture){at, CAPTURE_POSITION};
      return at;
    case ITEM_CLOSE:
      m->captures[item->a].length = at - m->captures[item->a].start;
      return at;
    case ITEM_BACK_REFERENCE: return referenced(m, item, at);
    case ITEM_BALANCE: return balanced(m, item, at);
    case ITEM_FRONTIER: return is_frontier(m, item, at) ? at : NULL;
    case ITEM_END: return at == m->end ? at : NULL;
    case ITEM_MATCH: return at;
    case ITEM_CHARACTER:
    case ITEM_ANY:
    case ITEM_SET: break;
  }
  const char *low = at;
  switch ((clua_repeat)item->repeat) {
    case REPEAT_ONE: return is_one(m, item, at) ? at + 1 : NULL;
    case REPEAT_OPTIONAL:
      if (!is_one(m, item, at)) return at;
      *(*top)++ = (clua_choice){item, at, at};
      return at + 1;
    case REPEAT_LAZY:
      *(*top)++ = (clua_choice){item, at, at};
      return at;
    case REPEAT_PLUS:
      if (!is_one(m, item, at)) return NULL;
      low = at + 1;
      break;
    case REPEAT_STAR: break;
  }
  at = run_of(m, item, low);
  if (at > low) *(*top)++ = (clua_choice){item, at, low};
  return at;
}

// The next try of the newest item that has one; its position, or NULL when nothing is left.
static const char *try_again(const clua_matcher *m, const clua_choice *bottom, clua_choice **top,
                             const clua_item **item) {
  while (*top > bottom) {
    clua_choice *choice = *top - 1;
    *item = choice->item;
    switch ((clua_repeat)choice->item->repeat) {
      case REPEAT_LAZY:
        if (is_one(m, choice->item, choice->at)) return ++choice->at;
        break;
      case REPEAT_OPTIONAL:
        --*top;
        return choice->at;
      default:
        if (--choice->at == choice->low) --*top;
        return choice->at;
    }
    --*top;
  }
  return NULL;
}

const char *clua_match_at(clua_matcher *m, const char *at) {
  clua_choice *bottom = m->pattern->choices, *top = bottom;
  const clua_item *item = m->pattern->items;
  for (;; item++) {
    work(m, 1);
    if (item->kind == ITEM_MATCH) return at;
    at = take(m, item, at, &top);
    if (at == NULL) at = try_again(m, bottom, &top, &item);
    if (at == NULL) return NULL;
  }
}

const char *clua_match_from(clua_matcher *m, const char **at) {
  const clua_item *first = m->pattern->items;
  int is_literal = first->kind == ITEM_CHARACTER && (first->repeat == REPEAT_ONE || first->repeat == REPEAT_PLUS);
  for (const char *start = *at; start <= m->end; start++) {
    if (is_literal && !m->pattern->is_anchored) {  // most positions can't match: skip to one that may
      const char *found = start < m->end ? memchr(start, first->a, (size_t)(m->end - start)) : NULL;
      work(m, (size_t)((found ? found : m->end) - start) / BYTES_PER_STEP);
      if (found == NULL) return NULL;
      start = found;
    }
    const char *end = clua_match_at(m, start);
    if (end) {
      *at = start;
      return end;
    }
    if (m->pattern->is_anchored) break;
  }
  return NULL;
}
