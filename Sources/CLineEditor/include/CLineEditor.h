// A line editor on a terminal, over libedit. No type of libedit crosses this header.
//
// One per process, since there is one terminal: it hears of the terminal's new size by SIGWINCH. Unless a function says
// otherwise, one thread at a time may call it. Texts are UTF-8.
#pragma once
#include <stddef.h>

typedef struct cle_editor cle_editor;

// How a line ended.
enum {
  CLE_LINE = 0,     // by Return
  CLE_PASTED,       // by a line's end in the middle of what was pasted: the rest comes with the next read
  CLE_INTERRUPTED,  // by Ctrl-C
  CLE_END,          // by Ctrl-D in an empty line, or the terminal is gone
  CLE_STOPPED,      // by cle_stop
};

// What the tabulator key does: may call cle_replace and cle_list. `cursor` is in bytes. Must return.
typedef void (*cle_complete)(void *context, cle_editor *editor, const char *line, size_t length, size_t cursor);

// Reads from descriptor 0 and shows on descriptor 2. NULL when the terminal cannot be used.
cle_editor *cle_new(cle_complete complete, void *context);
void cle_free(cle_editor *editor);

// Shows the prompt and reads a line.
int cle_read(cle_editor *editor, const char *prompt);
// The line that was read last, without its end; valid until the next one.
const char *cle_line(const cle_editor *editor, size_t *length);
// Adds a line to what the arrow keys go through.
void cle_remember(cle_editor *editor, const char *line);
// Forgets all of them.
void cle_forget(cle_editor *editor);

// In a completion: puts a text in the place of so many characters before the cursor.
void cle_replace(cle_editor *editor, size_t characters, const char *text);
// In a completion: shows lines below the one that is edited, which comes again behind them.
void cle_list(cle_editor *editor, const char *text);

// Any thread: shows lines above the one that is edited; answers 0 and does nothing when none is.
int cle_note(cle_editor *editor, const char *text);
// Any thread: ends the read that is in progress, and every later one.
void cle_stop(cle_editor *editor);
