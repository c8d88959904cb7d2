// libedit behind plain C calls: its own are variadic, which Swift cannot call.
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct mw_editor mw_editor;

typedef enum {
  MW_LINE = 0,          // a line was entered
  MW_LINE_END,          // ^D on an empty line, the terminal is gone, or mw_editor_stop was called
  MW_LINE_INTERRUPTED,  // ^C: what was typed is thrown away
} mw_line_status;

// Answers Tab. `line` is UTF-8 of `count` bytes, `cursor` a byte offset. Calls mw_editor_replace and mw_editor_show.
typedef void (*mw_complete)(void *context, mw_editor *editor, const char *line, size_t count, size_t cursor);

// Takes standard input and output, which must be a terminal. NULL where it cannot be edited on.
mw_editor *mw_editor_open(void *context, mw_complete complete);
void mw_editor_close(mw_editor *editor);

// Reads one line; `text` has no newline, is valid UTF-8 and lives until the next call. `prompt` may hold escape
// sequences, each between two bytes of value 1.
mw_line_status mw_editor_read(mw_editor *editor, const char *prompt, const char **text, size_t *count);

// Puts a line at the end of the history that the arrows and ^R look through.
void mw_editor_remember(mw_editor *editor, const char *line);

// Whether lines of a paste wait to be read.
bool mw_editor_has_pasted(const mw_editor *editor);
void mw_editor_forget_pasted(mw_editor *editor);

// Ends the read that waits, from any thread.
void mw_editor_stop(mw_editor *editor);

// While completing: takes `back` characters before the cursor away and puts a text there.
void mw_editor_replace(mw_editor *editor, int back, const char *text);
// While completing: prints lines below and draws the prompt again below them.
void mw_editor_show(mw_editor *editor, const char *text);
