// libedit reads its characters from us, so that a new size, a note from another thread and a stop reach it between two
// of them; every other extension is a function bound to a key.
#include "CLineEditor.h"

#include <errno.h>
#include <fcntl.h>
#include <histedit.h>
#include <locale.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>
#include <wchar.h>
#include <wctype.h>

#define PASTE_BEGIN L"\033[200~"
#define PASTE_END L"\033[201~"
// PASTE_PATIENCE: milliseconds in which more of a paste comes, or its end was lost; Ctrl-C ends it before.
// FEWEST_ROWS: for how high libedit takes the screen at least; see set_rows().
enum { MOST_HISTORY = 5000, MOST_PASTE = 4 * 1024 * 1024, PASTE_PATIENCE = 60000, FEWEST_ROWS = 100 };

typedef struct wide_text {
  wchar_t *text;
  size_t length, size;
} wide_text;

struct cle_editor {
  EditLine *el;
  HistoryW *history;
  FILE *out;
  locale_t locale;
  int wake[2];
  int is_dumb;
  int rows;  // for how high libedit takes the screen; 0 for as high as it is
  cle_complete complete;
  void *context;
  wchar_t *prompt;
  wide_text queue;  // read before the keyboard
  size_t queue_next;
  wide_text rest;  // of what was pasted, behind the line ends that were returned
  size_t rest_next;
  int pushed;  // a byte to be read again; -1 for none
  int is_pasting, is_late;
  char *line;
  size_t line_length;
  int how;

  pthread_mutex_t lock;  // of what other threads touch
  char *notes;
  int is_reading;
  atomic_int is_stopped;
};

// The signal handler's way to the editor.
static atomic_int resize_wake = -1;
static atomic_int is_resized;
static struct sigaction earlier_action;

static void on_resize(int number) {
  (void)number;
  int saved = errno, wake = atomic_load(&resize_wake);
  atomic_store(&is_resized, 1);
  if (wake >= 0) {
    ssize_t ignored = write(wake, "", 1);
    (void)ignored;
  }
  errno = saved;
}

// texts

static int append(wide_text *to, const wchar_t *text, size_t length) {
  if (to->length + length + 1 > to->size) {
    size_t size = 2 * (to->length + length + 32);
    wchar_t *grown = realloc(to->text, size * sizeof *grown);
    if (grown == NULL) return 0;
    to->text = grown;
    to->size = size;
  }
  wmemcpy(to->text + to->length, text, length);
  to->length += length;
  to->text[to->length] = 0;
  return 1;
}

static int append_literal(wide_text *to, const wchar_t *text) { return append(to, text, wcslen(text)); }

static void discard(wide_text *text) {
  free(text->text);
  *text = (wide_text){0};
}

// Bytes that are no UTF-8 become U+FFFD. The caller frees it; NULL when memory runs out.
static wchar_t *wide(const char *text) {
  size_t length = strlen(text), n = 0;
  wchar_t *result = malloc((length + 1) * sizeof *result);
  if (result == NULL) return NULL;
  for (const unsigned char *p = (const unsigned char *)text; *p;) {
    int more = *p < 0x80 ? 0 : *p >= 0xC2 && *p < 0xE0 ? 1 : *p >= 0xE0 && *p < 0xF0 ? 2 : *p >= 0xF0 && *p < 0xF5 ? 3 : -1;
    wchar_t c = more <= 0 ? *p : *p & (0x3F >> more);
    p++;
    if (more < 0) c = 0xFFFD;
    for (; more > 0; more--, p++) {
      if ((*p & 0xC0) != 0x80) {
        c = 0xFFFD;
        break;
      }
      c = c << 6 | (*p & 0x3F);
    }
    result[n++] = c;
  }
  result[n] = 0;
  return result;
}

static size_t put_utf8(char *to, wchar_t c) {
  if (c < 0x80) {
    to[0] = (char)c;
    return 1;
  }
  int more = c < 0x800 ? 1 : c < 0x10000 ? 2 : 3;
  to[0] = (char)(0xFF00 >> (more + 1) | c >> 6 * more);
  for (int i = more; i > 0; i--) to[more - i + 1] = (char)(0x80 | (c >> 6 * (i - 1) & 0x3F));
  return (size_t)more + 1;
}

static char *narrow(const wchar_t *text, size_t count, size_t *length) {
  char *result = malloc(4 * count + 1);
  if (result == NULL) return NULL;
  *length = 0;
  for (size_t i = 0; i < count; i++) *length += put_utf8(result + *length, text[i]);
  result[*length] = 0;
  return result;
}

// the screen

typedef struct place {
  int row, column;
} place;

static int columns_of_terminal(void) {
  struct winsize size;
  // As libedit counts: nothing fits on fewer than two.
  return ioctl(0, TIOCGWINSZ, &size) == 0 && size.ws_col > 1 ? size.ws_col : 80;
}

// Moves behind a text, in the way libedit lays it out.
static place behind(place at, const wchar_t *text, size_t count, int columns) {
  for (size_t i = 0; i < count; i++) {
    int width = text[i] == L'\t' ? 8 - at.column % 8 : iswcntrl((wint_t)text[i]) ? 2 : wcwidth(text[i]);
    if (width < 0) width = text[i] > 0xFFFF ? 8 : 7;  // shown as \U+12345
    if (at.column + width > columns) at = (place){at.row + 1, 0};
    at.column += width;
    if (at.column >= columns) at = (place){at.row + 1, 0};
  }
  return at;
}

static place cursor_of(cle_editor *e, place *end) {
  const LineInfoW *info = el_wline(e->el);
  int columns = columns_of_terminal();
  place start = behind((place){0, 0}, e->prompt, wcslen(e->prompt), columns);
  if (end) *end = behind(start, info->buffer, (size_t)(info->lastchar - info->buffer), columns);
  return behind(start, info->buffer, (size_t)(info->cursor - info->buffer), columns);
}

static void put_lines(cle_editor *e, const char *text) {
  for (const char *p = text; *p; p++) {
    if (*p == '\n') fputc('\r', e->out);
    fputc(*p, e->out);
  }
  if (*text && text[strlen(text) - 1] != '\n') fputs("\r\n", e->out);
}

static char *take_notes(cle_editor *e) {
  pthread_mutex_lock(&e->lock);
  char *notes = e->notes;
  e->notes = NULL;
  pthread_mutex_unlock(&e->lock);
  return notes;
}

static int rows_needed(cle_editor *e) {
  place end;
  cursor_of(e, &end);
  return end.row + 3;  // what is searched for in the history stands below the line
}

// Has libedit take the screen for one that the line fits on, however high it is: where libedit scrolls by itself, it
// writes beyond its picture of the screen once the cursor has moved (3.1, re_fastputc).
static void set_rows(cle_editor *e) {
  int needed = rows_needed(e);
  e->rows = needed > FEWEST_ROWS / 2 ? 2 * needed : FEWEST_ROWS;
  wchar_t rows[16];
  swprintf(rows, sizeof rows / sizeof *rows, L"%d", e->rows);
  el_wset(e->el, EL_SETTC, L"li", rows, NULL);
}

static void leave_line(cle_editor *e) {
  int row = cursor_of(e, NULL).row;
  if (e->is_dumb) {
    fputs("\r\n", e->out);
  } else {
    fputc('\r', e->out);
    if (row > 0) fprintf(e->out, "\033[%dA", row);
    fputs("\033[J", e->out);
  }
}

// Before every key. Each line begins with the terminal's own height: the prompt is shown then, and stays.
static void make_room(cle_editor *e) {
  if (e->rows == 0) return set_rows(e);
  if (rows_needed(e) <= e->rows) return;
  leave_line(e);
  fflush(e->out);
  set_rows(e);
  el_wset(e->el, EL_REFRESH);
}

// A new size and notes: the line that is edited goes off the screen and comes again below.
static void attend(cle_editor *e) {
  char bytes[64];
  while (read(e->wake[0], bytes, sizeof bytes) == sizeof bytes) continue;
  int was_resized = atomic_exchange(&is_resized, 0);
  char *notes = take_notes(e);
  if (!was_resized && notes == NULL) return;
  leave_line(e);
  if (notes) put_lines(e, notes);
  free(notes);
  fflush(e->out);
  if (was_resized) {
    el_resize(e->el);
    set_rows(e);
  }
  el_wset(e->el, EL_REFRESH);
}

// characters

// The next byte of the keyboard; -1 at its end and when the editor is stopped.
static int next_byte(cle_editor *e) {
  if (e->pushed >= 0) {
    int byte = e->pushed;
    e->pushed = -1;
    return byte;
  }
  for (;;) {
    struct pollfd sources[2] = {{.fd = 0, .events = POLLIN}, {.fd = e->wake[0], .events = POLLIN}};
    int ready = poll(sources, 2, e->is_pasting ? PASTE_PATIENCE : -1);
    if (ready < 0) {
      if (errno == EINTR) continue;
      return -1;
    }
    if (ready == 0) {
      e->is_late = 1;
      return -1;
    }
    if (sources[1].revents) attend(e);
    if (atomic_load(&e->is_stopped)) {
      e->how = CLE_STOPPED;
      return -1;
    }
    if (!sources[0].revents) continue;
    unsigned char byte;
    ssize_t count = read(0, &byte, 1);
    if (count == 1) return byte;
    if (count < 0 && (errno == EINTR || errno == EAGAIN)) continue;
    e->how = CLE_END;
    return -1;
  }
}

static cle_editor *editor_of(EditLine *el) {
  void *editor = NULL;
  el_wget(el, EL_CLIENTDATA, &editor);
  return editor;
}

static int next_character(EditLine *el, wchar_t *character) {
  cle_editor *e = editor_of(el);
  if (!e->is_pasting) make_room(e);
  if (e->queue_next < e->queue.length) {
    *character = e->queue.text[e->queue_next++];
    if (e->queue_next == e->queue.length) e->queue.length = e->queue_next = 0;
    return 1;
  }
  int byte = next_byte(e);
  if (byte < 0) return 0;
  int more = byte < 0x80 ? 0 : byte >= 0xC2 && byte < 0xE0 ? 1 : byte >= 0xE0 && byte < 0xF0 ? 2 : byte >= 0xF0 && byte < 0xF5 ? 3 : -1;
  *character = more < 0 ? 0xFFFD : more == 0 ? byte : byte & (0x3F >> more);
  for (; more > 0; more--) {
    byte = next_byte(e);
    if (byte < 0) return 0;
    if ((byte & 0xC0) != 0x80) {
      // It is no part of the broken character, but a key of its own.
      e->pushed = byte;
      *character = 0xFFFD;
      return 1;
    }
    *character = *character << 6 | (byte & 0x3F);
  }
  return 1;
}

// keys

// Return, as if it were typed: libedit then leaves the line in order.
static unsigned char end_line(cle_editor *e, int how) {
  if (!append_literal(&e->queue, L"\n")) return CC_ERROR;
  e->how = how;
  return CC_REFRESH;
}

static unsigned char on_interrupt(EditLine *el, wint_t key) {
  (void)key;
  const LineInfoW *info = el_wline(el);
  el_cursor(el, (int)(info->lastchar - info->cursor));
  el_winsertstr(el, L"^C");
  return end_line(editor_of(el), CLE_INTERRUPTED);
}

static unsigned char on_end(EditLine *el, wint_t key) {
  (void)key;
  const LineInfoW *info = el_wline(el);
  if (info->lastchar == info->buffer) return end_line(editor_of(el), CLE_END);
  if (info->cursor == info->lastchar) return CC_NORM;
  el_cursor(el, 1);
  el_deletestr(el, 1);
  return CC_REFRESH;
}

enum { PASTE_TAKEN, PASTE_INTERRUPTED, PASTE_TOO_LONG, PASTE_LATE, PASTE_FAILED };

// What is pasted is text, whatever keys it is made of, but for Ctrl-C. Line ends are \n; other control characters are left
// out. Of a paste that was cut off nothing is taken: half of a program may do what the whole does not.
static int take_paste(cle_editor *e, wide_text *text) {
  const wchar_t *end = PASTE_END;
  size_t matched = 0;
  int is_too_long = 0;
  wchar_t c, last = 0;
  while (next_character(e->el, &c) == 1) {
    if (c == L'\003') {
      // What is there of the rest is no keys.
      tcflush(0, TCIFLUSH);
      return PASTE_INTERRUPTED;
    }
    if (c == end[matched]) {
      if (end[++matched] == 0) return is_too_long ? PASTE_TOO_LONG : PASTE_TAKEN;
      continue;
    }
    // The end's own characters begin with an escape, which is never kept.
    for (size_t i = 1; i < matched; i++)
      if (!append(text, end + i, 1)) return PASTE_FAILED;
    matched = c == end[0] ? 1 : 0;
    if (matched) continue;
    int is_second_half = c == L'\n' && last == L'\r';
    last = c;
    if (is_second_half) continue;
    if (c == L'\r') c = L'\n';
    if (iswcntrl((wint_t)c) && c != L'\n' && c != L'\t') continue;
    // The rest is read all the same: it is no keys.
    if (text->length >= MOST_PASTE) is_too_long = 1;
    else if (!append(text, &c, 1)) return PASTE_FAILED;
  }
  return e->is_late ? PASTE_LATE : PASTE_FAILED;
}

static int read_paste(cle_editor *e, wide_text *text) {
  e->is_pasting = 1;
  e->is_late = 0;
  int how = take_paste(e, text);
  e->is_pasting = e->is_late = 0;
  return how;
}

// Keeps what comes behind a paste's first line for the next reads: all of it, or nothing.
static int keep_rest(cle_editor *e, const wchar_t *text, size_t length, const wchar_t *tail, size_t tail_length) {
  wide_text rest = {0};
  if (!append(&rest, text, length) || !append(&rest, tail, tail_length)) {
    discard(&rest);
    return 0;
  }
  discard(&e->rest);
  e->rest = rest;
  e->rest_next = 0;
  return 1;
}

static unsigned char on_paste(EditLine *el, wint_t key) {
  cle_editor *e = editor_of(el);
  wide_text pasted = {0};
  int how = read_paste(e, &pasted);
  if (how == PASTE_LATE) cle_note(e, "the end of what was pasted did not come: nothing of it was taken");
  if (how == PASTE_TOO_LONG) cle_note(e, "what was pasted is longer than 4 million characters: nothing of it was taken");
  if (how != PASTE_TAKEN || pasted.length == 0) {
    discard(&pasted);
    return how == PASTE_INTERRUPTED ? on_interrupt(el, key) : CC_NORM;
  }
  wchar_t *line_end = wmemchr(pasted.text, L'\n', pasted.length);
  if (line_end == NULL) {
    int is_inserted = el_winsertstr(el, pasted.text) == 0;
    discard(&pasted);
    return is_inserted ? CC_REFRESH : CC_ERROR;
  }
  // What stands behind the cursor comes behind the paste.
  const LineInfoW *info = el_wline(el);
  size_t tail = (size_t)(info->lastchar - info->cursor);
  size_t left = pasted.length - (size_t)(line_end + 1 - pasted.text);
  if (!keep_rest(e, line_end + 1, left, info->cursor, tail)) {
    discard(&pasted);
    return CC_ERROR;
  }
  *line_end = 0;
  // Before anything is taken away: a line that is too long stays as it was.
  int is_inserted = *pasted.text == 0 || el_winsertstr(el, pasted.text) == 0;
  discard(&pasted);
  if (!is_inserted) {
    discard(&e->rest);
    return CC_ERROR;
  }
  el_cursor(el, (int)tail);
  el_deletestr(el, (int)tail);
  unsigned char result = end_line(e, CLE_PASTED);
  if (result == CC_ERROR) discard(&e->rest);
  return result;
}

static unsigned char on_tabulator(EditLine *el, wint_t key) {
  (void)key;
  cle_editor *e = editor_of(el);
  const LineInfoW *info = el_wline(el);
  size_t before, length;
  char *head = narrow(info->buffer, (size_t)(info->cursor - info->buffer), &before);
  char *line = narrow(info->buffer, (size_t)(info->lastchar - info->buffer), &length);
  if (head && line) e->complete(e->context, e, line, length, before);
  free(head);
  free(line);
  return CC_REFRESH;
}

void cle_replace(cle_editor *e, size_t characters, const char *text) {
  wchar_t *insertion = wide(text);
  if (insertion == NULL) return;
  if (characters) el_deletestr(e->el, (int)characters);
  if (*insertion) el_winsertstr(e->el, insertion);
  free(insertion);
}

void cle_list(cle_editor *e, const char *text) {
  place end, cursor = cursor_of(e, &end);
  for (int row = cursor.row; row < end.row; row++) fputc('\n', e->out);
  fputs("\r\n", e->out);
  put_lines(e, text);
  fflush(e->out);
  el_wset(e->el, EL_REFRESH);
}

// the editor

static wchar_t *prompt_of(EditLine *el) { return editor_of(el)->prompt; }

static void bind_keys(EditLine *el) {
  el_wset(el, EL_ADDFN, L"session-paste", L"Insert what is pasted", on_paste);
  el_wset(el, EL_ADDFN, L"session-interrupt", L"Drop the line", on_interrupt);
  el_wset(el, EL_ADDFN, L"session-end", L"Delete, or leave an empty line", on_end);
  el_wset(el, EL_ADDFN, L"session-complete", L"Complete the word", on_tabulator);
  const wchar_t *const keys[][2] = {
      {L"\033[200~", L"session-paste"},  {L"^C", L"session-interrupt"},   {L"^D", L"session-end"},
      {L"\t", L"session-complete"},      {L"^R", L"em-inc-search-prev"},  {L"^W", L"ed-delete-prev-word"},
      {L"^U", L"vi-kill-line-prev"},     {L"\033[H", L"ed-move-to-beg"},  {L"\033[F", L"ed-move-to-end"},
      {L"\033[1~", L"ed-move-to-beg"},   {L"\033[4~", L"ed-move-to-end"}, {L"\033[3~", L"ed-delete-next-char"},
      {L"\033[1;5C", L"em-next-word"},   {L"\033[1;5D", L"ed-prev-word"}, {L"^L", L"ed-clear-screen"},
  };
  for (size_t i = 0; i < sizeof keys / sizeof *keys; i++)
    el_wset(el, EL_BIND, keys[i][0], keys[i][1], NULL);
}

// Ctrl-C is a key while a line is edited, so that no signal can come between us and libedit.
static int set_up(cle_editor *e) {
  int screen = fcntl(2, F_DUPFD_CLOEXEC, 3);
  e->out = screen < 0 ? NULL : fdopen(screen, "w");
  if (e->out == NULL) return 0;
  const char *terminal = getenv("TERM");
  e->is_dumb = terminal == NULL || strcmp(terminal, "dumb") == 0;
  e->el = el_init_fd("apig-lua", stdin, e->out, e->out, 0, screen, screen);
  e->history = history_winit();
  if (e->el == NULL || e->history == NULL) return 0;
  HistEventW event;
  history_w(e->history, &event, H_SETSIZE, MOST_HISTORY);
  history_w(e->history, &event, H_SETUNIQUE, 1);
  el_wset(e->el, EL_CLIENTDATA, e);
  el_wset(e->el, EL_EDITOR, L"emacs");
  el_wset(e->el, EL_SIGNAL, 0);
  el_wset(e->el, EL_SETTY, L"-d", L"-isig", NULL);
  el_wset(e->el, EL_HIST, history_w, e->history);
  el_wset(e->el, EL_PROMPT, prompt_of);
  el_wset(e->el, EL_GETCFN, next_character);
  bind_keys(e->el);
  return 1;
}

cle_editor *cle_new(cle_complete complete, void *context) {
  cle_editor *e = calloc(1, sizeof *e);
  if (e == NULL) return NULL;
  e->complete = complete;
  e->context = context;
  e->prompt = wide("");
  e->pushed = -1;
  e->wake[0] = e->wake[1] = -1;
  pthread_mutex_init(&e->lock, NULL);
  // The thread's own locale: the process's stays what scripts are used to.
  e->locale = newlocale(LC_CTYPE_MASK, "", (locale_t)0);
  if (e->locale == (locale_t)0) e->locale = newlocale(LC_CTYPE_MASK, "C", (locale_t)0);
  locale_t outer = uselocale(e->locale);
  int is_ready = e->locale != (locale_t)0 && e->prompt && pipe2(e->wake, O_CLOEXEC | O_NONBLOCK) == 0 && set_up(e);
  uselocale(outer);
  if (!is_ready) {
    cle_free(e);
    return NULL;
  }
  atomic_store(&resize_wake, e->wake[1]);
  struct sigaction action = {.sa_handler = on_resize, .sa_flags = SA_RESTART};
  sigaction(SIGWINCH, &action, &earlier_action);
  return e;
}

void cle_free(cle_editor *e) {
  if (e == NULL) return;
  if (atomic_load(&resize_wake) == e->wake[1] && e->wake[1] >= 0) {
    sigaction(SIGWINCH, &earlier_action, NULL);
    atomic_store(&resize_wake, -1);
  }
  locale_t outer = uselocale(e->locale);
  if (e->el) el_end(e->el);
  if (e->history) history_wend(e->history);
  uselocale(outer);
  if (e->out) fclose(e->out);
  if (e->wake[0] >= 0) close(e->wake[0]);
  if (e->wake[1] >= 0) close(e->wake[1]);
  if (e->locale != (locale_t)0) freelocale(e->locale);
  pthread_mutex_destroy(&e->lock);
  discard(&e->queue);
  discard(&e->rest);
  free(e->prompt);
  free(e->line);
  free(e->notes);
  free(e);
}

static void show_bracketing(cle_editor *e, const char *sequence) {
  if (e->is_dumb) return;
  fputs(sequence, e->out);
  fflush(e->out);
}

static void set_reading(cle_editor *e, int is_reading) {
  pthread_mutex_lock(&e->lock);
  e->is_reading = is_reading;
  pthread_mutex_unlock(&e->lock);
}

// A whole line of what was pasted: there is nothing to edit. 0 when there is none.
static int take_pasted_line(cle_editor *e) {
  if (e->rest.text == NULL) return 0;
  const wchar_t *line = e->rest.text + e->rest_next;
  const wchar_t *line_end = wmemchr(line, L'\n', e->rest.length - e->rest_next);
  if (line_end == NULL) return 0;
  free(e->line);
  e->line = narrow(line, (size_t)(line_end - line), &e->line_length);
  e->rest_next += (size_t)(line_end - line) + 1;
  size_t length;
  char *prompt = narrow(e->prompt, wcslen(e->prompt), &length);
  if (prompt && e->line) fprintf(e->out, "%s%s\r\n", prompt, e->line);
  fflush(e->out);
  free(prompt);
  return 1;
}

// The begun last line of what was pasted comes as if it were pasted now: it can be edited.
static void queue_rest(cle_editor *e) {
  size_t left = e->rest.length - e->rest_next;
  if (e->rest.text && left > 0
      && !(append_literal(&e->queue, PASTE_BEGIN) && append(&e->queue, e->rest.text + e->rest_next, left)
           && append_literal(&e->queue, PASTE_END)))
    e->queue.length = 0;
  discard(&e->rest);
  e->rest_next = 0;
}

static int read_line(cle_editor *e) {
  e->how = CLE_LINE;
  e->queue.length = e->queue_next = 0;
  e->line_length = 0;
  if (atomic_load(&e->is_stopped)) return CLE_STOPPED;
  if (take_pasted_line(e)) return e->line ? CLE_PASTED : CLE_END;
  queue_rest(e);
  int count = 0;
  set_reading(e, 1);
  show_bracketing(e, "\033[?2004h");
  // libedit does so only when the prompt is there: what came in between would be shown twice.
  el_wset(e->el, EL_PREP_TERM, 1);
  e->rows = 0;
  const wchar_t *line = el_wgets(e->el, &count);
  show_bracketing(e, "\033[?2004l");
  set_reading(e, 0);
  char *notes = take_notes(e);
  if (notes) put_lines(e, notes);
  fflush(e->out);
  free(notes);
  if ((e->how == CLE_LINE || e->how == CLE_PASTED) && (line == NULL || count <= 0)) e->how = CLE_END;
  if (e->how != CLE_LINE && e->how != CLE_PASTED) {
    discard(&e->rest);
    return e->how;
  }
  if (line[count - 1] == L'\n') count--;
  free(e->line);
  e->line = narrow(line, (size_t)count, &e->line_length);
  return e->line ? e->how : CLE_END;
}

int cle_read(cle_editor *e, const char *prompt) {
  wchar_t *text = wide(prompt);
  if (text == NULL) return CLE_END;
  free(e->prompt);
  e->prompt = text;
  locale_t outer = uselocale(e->locale);
  int how = read_line(e);
  uselocale(outer);
  return how;
}

const char *cle_line(const cle_editor *e, size_t *length) {
  *length = e->line_length;
  return e->line ? e->line : "";
}

void cle_remember(cle_editor *e, const char *line) {
  wchar_t *text = wide(line);
  if (text == NULL) return;
  HistEventW event;
  locale_t outer = uselocale(e->locale);
  history_w(e->history, &event, H_ENTER, text);
  uselocale(outer);
  free(text);
}

void cle_forget(cle_editor *e) {
  HistEventW event;
  history_w(e->history, &event, H_CLEAR);
}

static void wake(cle_editor *e) {
  ssize_t ignored = write(e->wake[1], "", 1);
  (void)ignored;
}

int cle_note(cle_editor *e, const char *text) {
  pthread_mutex_lock(&e->lock);
  int is_reading = e->is_reading;
  if (is_reading) {
    size_t before = e->notes ? strlen(e->notes) : 0, length = strlen(text);
    char *notes = realloc(e->notes, before + length + 2);
    if (notes) {
      memcpy(notes + before, text, length);
      if (length == 0 || text[length - 1] != '\n') notes[before + length++] = '\n';
      notes[before + length] = 0;
      e->notes = notes;
    }
  }
  pthread_mutex_unlock(&e->lock);
  if (is_reading) wake(e);
  return is_reading;
}

void cle_stop(cle_editor *e) {
  atomic_store(&e->is_stopped, 1);
  wake(e);
}
