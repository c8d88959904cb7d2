// The terminal is read here byte by byte, not by libedit: so bytes that are no UTF-8 become a visible character, a change
// of the window's size is drawn at once, another thread can end the wait, and a paste of many lines is taken whole.
#define _GNU_SOURCE
#include "line_editor.h"

#include <errno.h>
#include <fcntl.h>
#include <histedit.h>
#include <locale.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>
#include <wchar.h>

enum { HISTORY = 2000, REPLACEMENT = 0xFFFD, LARGEST_PASTE = 16 << 20 };

struct mw_editor {
  EditLine *edit;
  History *history;
  void *context;
  mw_complete complete;
  const char *prompt;
  char *text;  // the line last read
  bool interrupted, stopped, redraw;

  // Bytes of a paste that no line was made of yet.
  char *pasted;
  size_t pasted_count, pasted_at;

  // One character that is being put together from bytes, and a byte that was read too far.
  int spare;
  struct winsize size;
};

// Woken by the window's size (w) and by whoever wants the read to end (q).
static int pipe_out = -1, pipe_in = -1;

static void resized(int number) {
  (void)number;
  int before = errno;
  if (write(pipe_in, "w", 1) < 0) {
  }
  errno = before;
}

static void follow_size(mw_editor *e) {
  struct winsize now;
  if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &now) != 0) return;
  if (now.ws_col == e->size.ws_col && now.ws_row == e->size.ws_row) return;
  e->size = now;
  el_resize(e->edit);
  el_set(e->edit, EL_REFRESH);
}

// The next byte of the terminal, or -1 at its end. `patience` in ms, -1 for ever; -2 where nothing came in that time.
static int next_byte(mw_editor *e, int patience) {
  if (e->spare >= 0) {
    int byte = e->spare;
    e->spare = -1;
    return byte;
  }
  for (;;) {
    struct pollfd both[2] = {{.fd = STDIN_FILENO, .events = POLLIN}, {.fd = pipe_out, .events = POLLIN}};
    int ready = poll(both, 2, patience);
    if (ready < 0 && errno != EINTR) return -1;
    if (ready == 0) return -2;
    if (ready > 0 && both[1].revents) {
      char why[16];
      ssize_t count = read(pipe_out, why, sizeof why);
      for (ssize_t i = 0; i < count; i++)
        if (why[i] == 'q') e->stopped = true;
      if (e->stopped) return -1;
      follow_size(e);
      continue;
    }
    if (ready > 0 && both[0].revents) {
      unsigned char byte;
      ssize_t count = read(STDIN_FILENO, &byte, 1);
      if (count == 1) return byte;
      if (count < 0 && (errno == EINTR || errno == EAGAIN)) continue;
      return -1;
    }
  }
}

// One character from bytes that may be anything: each byte that belongs to none is a replacement character.
static int next_character(EditLine *edit, wchar_t *out) {
  mw_editor *e;
  el_get(edit, EL_CLIENTDATA, &e);
  int first = next_byte(e, -1);
  if (first < 0) return 0;
  if (first < 0x80) {
    *out = first;
    return 1;
  }
  int more = first >= 0xF0 && first < 0xF5 ? 3 : first >= 0xE0 ? 2 : first >= 0xC2 ? 1 : 0;
  if (first >= 0xF5) more = 0;
  uint32_t scalar = (uint32_t)first & (0x3Fu >> more);
  *out = REPLACEMENT;
  if (more == 0) return 1;
  uint32_t least = more == 1 ? 0x80 : more == 2 ? 0x800 : 0x10000;
  for (int i = 0; i < more; i++) {
    int byte = next_byte(e, 100);
    if (byte < 0) return 1;
    if ((byte & 0xC0) != 0x80) {
      e->spare = byte;
      return 1;
    }
    scalar = scalar << 6 | ((uint32_t)byte & 0x3F);
  }
  // Control characters of Latin-1 move the cursor on some terminals.
  bool valid = scalar >= least && scalar <= 0x10FFFF && (scalar < 0xD800 || scalar > 0xDFFF) && scalar >= 0xA0;
  if (valid) *out = (wchar_t)scalar;
  return 1;
}

static char *show_prompt(EditLine *edit) {
  mw_editor *e;
  el_get(edit, EL_CLIENTDATA, &e);
  return (char *)e->prompt;
}

static unsigned char on_interrupt(EditLine *edit, int key) {
  (void)key;
  mw_editor *e;
  el_get(edit, EL_CLIENTDATA, &e);
  e->interrupted = true;
  return CC_EOF;
}

static unsigned char on_tab(EditLine *edit, int key) {
  (void)key;
  mw_editor *e;
  el_get(edit, EL_CLIENTDATA, &e);
  const LineInfo *line = el_line(edit);
  size_t count = (size_t)(line->lastchar - line->buffer);
  char *copy = strndup(line->buffer, count);
  if (!copy) return CC_ERROR;
  e->redraw = false;
  e->complete(e->context, e, copy, count, (size_t)(line->cursor - line->buffer));
  free(copy);
  return e->redraw ? CC_REDISPLAY : CC_REFRESH;
}

// ^Z: gives the terminal back and stops, as any program does.
static unsigned char on_suspend(EditLine *edit, int key) {
  (void)key;
  mw_editor *e;
  el_get(edit, EL_CLIENTDATA, &e);
  el_set(edit, EL_PREP_TERM, 0);
  if (write(STDOUT_FILENO, "\033[?2004l", 8) < 0) {
  }
  kill(0, SIGTSTP);
  if (write(STDOUT_FILENO, "\033[?2004h", 8) < 0) {
  }
  el_set(edit, EL_PREP_TERM, 1);
  follow_size(e);
  return CC_REDISPLAY;
}

// Copies text, with what is no UTF-8 as replacement characters, what would move the cursor left out, a tab as spaces and
// each end of a line as a newline. `out` holds four times as many bytes. Says whether there was a newline.
static bool clean(const char *bytes, size_t count, char *out, size_t *written) {
  bool lines = false;
  size_t at = 0;
  mbstate_t state = {0};
  for (size_t i = 0; i < count;) {
    unsigned char byte = (unsigned char)bytes[i];
    if (byte < 0x80) {
      i++;
      if (byte == '\r' || byte == '\n') {
        if (byte == '\n' && i > 1 && bytes[i - 2] == '\r') continue;
        out[at++] = '\n';
        lines = true;
      } else if (byte == '\t') {
        memset(out + at, ' ', 4);
        at += 4;
      } else if (byte >= 0x20 && byte != 0x7F) {
        out[at++] = (char)byte;
      }
      continue;
    }
    wchar_t wide;
    size_t length = mbrtowc(&wide, bytes + i, count - i, &state);
    if (length == 0 || length > 4 || wide < 0xA0) {
      memset(&state, 0, sizeof state);
      memcpy(out + at, "\xEF\xBF\xBD", 3);
      at += 3;
      i++;
    } else {
      memcpy(out + at, bytes + i, length);
      at += length;
      i += length;
    }
  }
  *written = at;
  return lines;
}

// Reads to the end of a paste; NULL where memory is short.
static char *read_paste(mw_editor *e, size_t *read_count) {
  static const char end[] = "\033[201~";
  const size_t tail = sizeof end - 1;
  size_t capacity = 4096, count = 0;
  char *bytes = malloc(capacity);
  while (bytes) {
    int byte = next_byte(e, 5000);
    if (byte < 0) break;
    if (count == capacity) {
      char *larger = capacity < LARGEST_PASTE ? realloc(bytes, capacity * 2) : NULL;
      if (!larger) break;
      bytes = larger;
      capacity *= 2;
    }
    bytes[count++] = (char)byte;
    if (count >= tail && memcmp(bytes + count - tail, end, tail) == 0) {
      count -= tail;
      break;
    }
  }
  *read_count = count;
  return bytes;
}

// The terminal says that a paste begins. Its bytes are text, whatever they would do if they were typed: no completion
// at a tab, no end at a ^D, no escape sequences. Several lines are read one after the other by mw_editor_read.
static unsigned char on_paste(EditLine *edit, int key) {
  (void)key;
  mw_editor *e;
  el_get(edit, EL_CLIENTDATA, &e);
  size_t count = 0, cleaned = 0;
  char *bytes = read_paste(e, &count);
  const LineInfo *line = el_line(edit);
  size_t before = (size_t)(line->cursor - line->buffer), after = (size_t)(line->lastchar - line->cursor);
  char *all = bytes ? malloc(before + count * 4 + after + 1) : NULL;
  if (!all) {
    free(bytes);
    return CC_ERROR;
  }
  memcpy(all, line->buffer, before);
  bool lines = clean(bytes, count, all + before, &cleaned);
  free(bytes);
  if (!lines) {
    all[before + cleaned] = 0;
    el_insertstr(edit, all + before);
    free(all);
    return CC_REFRESH;
  }
  memcpy(all + before + cleaned, line->cursor, after);
  free(e->pasted);
  e->pasted = all;
  e->pasted_count = before + cleaned + after;
  e->pasted_at = 0;
  return CC_EOF;
}

static void add(mw_editor *e, const char *name, const char *help, unsigned char (*body)(EditLine *, int),
                const char *keys) {
  el_set(e->edit, EL_ADDFN, name, help, body);
  el_set(e->edit, EL_BIND, keys, name, NULL);
}

mw_editor *mw_editor_open(void *context, mw_complete complete) {
  int both[2];
  if (!setlocale(LC_CTYPE, "C.UTF-8") || pipe2(both, O_CLOEXEC | O_NONBLOCK) != 0) return NULL;
  mw_editor *e = calloc(1, sizeof *e);
  if (!e) return NULL;
  pipe_out = both[0];
  pipe_in = both[1];
  e->context = context;
  e->complete = complete;
  e->prompt = "";
  e->spare = -1;
  e->edit = el_init("moonwatch", stdin, stdout, stderr);
  e->history = history_init();
  if (!e->edit || !e->history) {
    mw_editor_close(e);
    return NULL;
  }
  ioctl(STDOUT_FILENO, TIOCGWINSZ, &e->size);
  HistEvent event;
  history(e->history, &event, H_SETSIZE, HISTORY);
  history(e->history, &event, H_SETUNIQUE, 1);
  el_set(e->edit, EL_CLIENTDATA, e);
  el_set(e->edit, EL_EDITOR, "emacs");
  el_set(e->edit, EL_SIGNAL, 0);
  el_set(e->edit, EL_PROMPT_ESC, show_prompt, '\1');
  el_set(e->edit, EL_HIST, history, e->history);
  el_set(e->edit, EL_GETCFN, next_character);
  // ^C and ^Z come as characters while a line is edited; while an expression runs they are signals.
  el_set(e->edit, EL_SETTY, "-d", "-isig", NULL);
  add(e, "mw-interrupt", "throw the line away", on_interrupt, "^C");
  add(e, "mw-complete", "complete what stands before the cursor", on_tab, "^I");
  add(e, "mw-suspend", "stop the program", on_suspend, "^Z");
  add(e, "mw-paste", "take a paste", on_paste, "\\e[200~");
  el_set(e->edit, EL_BIND, "^R", "em-inc-search-prev", NULL);
  el_set(e->edit, EL_BIND, "^W", "ed-delete-prev-word", NULL);
  el_set(e->edit, EL_BIND, "\\e[1~", "ed-move-to-beg", NULL);
  el_set(e->edit, EL_BIND, "\\e[4~", "ed-move-to-end", NULL);
  el_set(e->edit, EL_BIND, "\\e[3~", "ed-delete-next-char", NULL);
  struct sigaction action = {.sa_handler = resized};
  sigemptyset(&action.sa_mask);
  sigaction(SIGWINCH, &action, NULL);
  return e;
}

void mw_editor_close(mw_editor *e) {
  signal(SIGWINCH, SIG_DFL);
  if (e->edit) el_end(e->edit);
  if (e->history) history_end(e->history);
  free(e->pasted);
  free(e->text);
  free(e);
}

static mw_line_status keep(mw_editor *e, const char *bytes, size_t length, const char **text, size_t *count) {
  free(e->text);
  e->text = strndup(bytes, length);
  *text = e->text ? e->text : "";
  *count = strlen(*text);
  return MW_LINE;
}

// The next line of a paste is shown as if it had been typed. What follows the last newline is left to be edited.
static bool next_pasted(mw_editor *e, const char *prompt, const char **text, size_t *count) {
  if (!e->pasted) return false;
  char *from = e->pasted + e->pasted_at, *newline = memchr(from, '\n', e->pasted_count - e->pasted_at);
  if (!newline) {
    e->pasted[e->pasted_count] = 0;
    if (*from) el_push(e->edit, from);
    mw_editor_forget_pasted(e);
    return false;
  }
  for (const char *at = prompt; *at; at++)
    if (*at != 1) fputc(*at, stdout);
  fwrite(from, 1, (size_t)(newline - from), stdout);
  fputc('\n', stdout);
  fflush(stdout);
  keep(e, from, (size_t)(newline - from), text, count);
  e->pasted_at = (size_t)(newline + 1 - e->pasted);
  return true;
}

mw_line_status mw_editor_read(mw_editor *e, const char *prompt, const char **text, size_t *count) {
  *text = "";
  *count = 0;
  if (next_pasted(e, prompt, text, count)) return MW_LINE;
  e->prompt = prompt;
  e->interrupted = false;
  follow_size(e);
  fputs("\033[?2004h", stdout);
  fflush(stdout);
  // libedit would do so only when it reads: what is typed just after the prompt is a character already, no signal.
  el_set(e->edit, EL_PREP_TERM, 1);
  int length = 0;
  const char *line = el_gets(e->edit, &length);
  // libedit writes through its own buffer; the terminal is to hear this after it.
  fputs("\033[?2004l", stdout);
  if (!line && e->interrupted) fputs("^C\n", stdout);
  if (!line && e->pasted) fputs("\r\033[K", stdout);
  fflush(stdout);
  if (line && length > 0) {
    bool whole = line[length - 1] == '\n';
    return keep(e, line, (size_t)length - (whole ? 1 : 0), text, count);
  }
  if (e->interrupted) return MW_LINE_INTERRUPTED;
  if (next_pasted(e, prompt, text, count)) return MW_LINE;
  return MW_LINE_END;
}

void mw_editor_remember(mw_editor *e, const char *line) {
  HistEvent event;
  history(e->history, &event, H_ENTER, line);
}

bool mw_editor_has_pasted(const mw_editor *e) { return e->pasted != NULL; }

void mw_editor_forget_pasted(mw_editor *e) {
  free(e->pasted);
  e->pasted = NULL;
  e->pasted_count = e->pasted_at = 0;
}

void mw_editor_stop(mw_editor *e) {
  (void)e;
  if (write(pipe_in, "q", 1) < 0) {
  }
}

void mw_editor_replace(mw_editor *e, int back, const char *text) {
  if (back > 0) el_deletestr(e->edit, back);
  el_insertstr(e->edit, text);
}

void mw_editor_show(mw_editor *e, const char *text) {
  fprintf(stdout, "\n%s", text);
  fflush(stdout);
  e->redraw = true;
}
