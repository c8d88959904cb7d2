// Memory and time of a state.
//
// Time. One thread of the process looks every millisecond whether a call has passed its deadline, so that a call that
// behaves pays for no hook and reads no clock. What counts is processor time, from when the timer first saw the call, so
// to a millisecond: a thread that merely had to wait for its turn is not at fault. A call inside of a host function
// that waits has a deadline on the wall clock too, since what it uses is the outer call's. Then the timer sets `expired`, which library loops ask, and sends the call's own
// thread a signal whose handler arms the hook. lua_sethook walks the list of active frames, which only the running
// thread may do; from a signal handler on that thread it is what lua.c does for Ctrl-C. Armed, the hook raises at
// every instruction until the call ends, and the sandbox has no pcall that could swallow it.
#define _GNU_SOURCE
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "internal.h"

enum { TICK_NS = 1000000, IDLE_TICKS = 100 };

// ThreadSanitizer holds signals back until the thread calls something that it knows, which a loop in Lua never does. There
// a hook asks every thousand instructions instead, as it would everywhere if it did not halve Lua's speed.
#if defined(__has_feature)
#if __has_feature(thread_sanitizer)
#define MW_POLLS 1
#endif
#endif
#ifndef MW_POLLS
#define MW_POLLS 0
#endif

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t wake = PTHREAD_COND_INITIALIZER;
static pthread_once_t once = PTHREAD_ONCE_INIT;
static mw_state *watched;
static _Atomic bool asleep;
static void default_overrun(const char *name);
static mw_overrun overrun = default_overrun;
static int64_t grace = 1000000000;
static _Thread_local mw_state *volatile running;
static _Thread_local bool listening;

int64_t mw_now(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

// Processor time of the thread that asks.
int64_t mw_thread_now(void) {
  struct timespec used;
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &used);
  return (int64_t)used.tv_sec * 1000000000 + used.tv_nsec;
}

double mw_ns_per_tick = 1;

// How long a tick of the processor's counter is, from a millisecond of both clocks.
static void measure_tick(void) {
  int64_t begin = mw_now(), end = begin;
  uint64_t first = mw_ticks();
  while (end - begin < 1000000) end = mw_now();
  uint64_t last = mw_ticks();
  mw_ns_per_tick = last > first ? (double)(end - begin) / (double)(last - first) : 1;
}

static int alarm_signal(void) { return SIGRTMIN + 5; }

static void default_overrun(const char *name) {
  fprintf(stderr, "moonwatch: plugin '%s' does not end; stopping the process\n", name);
  abort();
}

void mw_on_overrun(mw_overrun handler, int64_t grace_nanoseconds) {
  pthread_mutex_lock(&lock);
  overrun = handler ? handler : default_overrun;
  grace = grace_nanoseconds;
  pthread_mutex_unlock(&lock);
}

static void past_deadline(lua_State *L, lua_Debug *frame) {
  (void)frame;
  mw_raise_deadline(L);
}

int mw_raise_deadline(lua_State *L) {
  mw_of(L)->fault = MW_DEADLINE;
  return luaL_error(L, "took too long");
}

static void poll(lua_State *L, lua_Debug *frame) {
  (void)frame;
  if (!atomic_load_explicit(&mw_of(L)->expired, memory_order_relaxed)) return;
  lua_sethook(L, past_deadline, LUA_MASKCALL | LUA_MASKRET | LUA_MASKCOUNT, 1);
  mw_raise_deadline(L);
}

// From the hook of a line: the rest of the call runs without.
void mw_leave_lines(mw_state *s) {
  lua_sethook(s->L, MW_POLLS ? poll : NULL, MW_POLLS ? LUA_MASKCOUNT : 0, MW_POLLS ? 1000 : 0);
  // The timer's signal may have come just before, and its hook be lost with the one of lines.
  mw_check(s->L);
}

static void arm(int number, siginfo_t *info, void *context) {
  (void)number, (void)context;
  // The signal may come late: only a state that still runs on this thread is touched.
  for (mw_state *s = running; s; s = s->outer)
    if (s == info->si_value.sival_ptr && atomic_load(&s->expired))
      lua_sethook(s->L, past_deadline, LUA_MASKCALL | LUA_MASKRET | LUA_MASKCOUNT, 1);
}

// Processor time of the thread of a call, which a busy machine does not use up, without that of host functions that wait.
static int64_t processor_time(mw_state *s) {
  clockid_t clock;
  struct timespec used;
  if (pthread_getcpuclockid(s->thread, &clock) != 0 || clock_gettime(clock, &used) != 0) return 0;
  return (int64_t)used.tv_sec * 1000000000 + used.tv_nsec - atomic_load(&s->excused);
}

// True where the call is past its grace and nobody was told yet.
static bool look_at(mw_state *s, int64_t now) {
  if (atomic_load(&s->deadline) == 0) return false;
  atomic_store(&s->arming, true);  // the call waits for us before it ends, so its thread and state live on
  int64_t deadline = atomic_load(&s->deadline);
  uint64_t generation = atomic_load(&s->generation);
  bool late = false;
  if (deadline == 0) {
    // It ended just now.
  } else if (atomic_load(&s->interrupted)) {
    if (!atomic_exchange(&s->expired, true) && !MW_POLLS) {
      union sigval value = {.sival_ptr = s};
      pthread_sigqueue(s->thread, alarm_signal(), value);
    }
  } else if (s->seen != generation) {
    s->seen = generation;
    s->processor_start = processor_time(s);
  } else if (now >= deadline) {
    int64_t used = processor_time(s) - s->processor_start;
    if (used + TICK_NS >= atomic_load(&s->limit) && !atomic_exchange(&s->expired, true) && !MW_POLLS) {
      union sigval value = {.sival_ptr = s};
      pthread_sigqueue(s->thread, alarm_signal(), value);
    }
    late = used > atomic_load(&s->limit) + grace && s->reported != generation;
    if (late) s->reported = generation;
  }
  atomic_store(&s->arming, false);
  return late;
}

static void *tick(void *unused) {
  (void)unused;
  int idle = 0;
  for (;;) {
    pthread_mutex_lock(&lock);
    if (idle >= IDLE_TICKS) {
      // A caller stores its deadline and then reads `asleep`; we store `asleep` and then read the deadlines.
      atomic_store(&asleep, true);
      bool busy = false;
      for (mw_state *s = watched; s; s = s->next) busy |= atomic_load(&s->deadline) != 0;
      while (!busy && atomic_load(&asleep)) pthread_cond_wait(&wake, &lock);
      atomic_store(&asleep, false);
      idle = 0;
    }
    int64_t now = mw_now();
    char name[256] = "";
    bool late = false;
    idle++;
    for (mw_state *s = watched; s; s = s->next) {
      if (atomic_load_explicit(&s->deadline, memory_order_relaxed) != 0) idle = 0;
      if (!late && look_at(s, now)) {
        late = true;
        snprintf(name, sizeof name, "%s", s->name);
      }
    }
    mw_overrun handler = overrun;
    pthread_mutex_unlock(&lock);
    if (late) handler(name);
    nanosleep(&(struct timespec){.tv_nsec = TICK_NS}, NULL);
  }
  return NULL;
}

static void begin(void) {
  struct sigaction action = {.sa_sigaction = arm, .sa_flags = SA_SIGINFO | SA_RESTART};
  sigemptyset(&action.sa_mask);
  sigset_t all, before;
  sigfillset(&all);
  pthread_t timer;
  // The timer takes no signal: those of the process belong to the host.
  pthread_sigmask(SIG_SETMASK, &all, &before);
  if (sigaction(alarm_signal(), &action, NULL) != 0 || pthread_create(&timer, NULL, tick, NULL) != 0) {
    fprintf(stderr, "moonwatch: the timer of plugins cannot start\n");
    abort();
  }
  pthread_detach(timer);
  pthread_sigmask(SIG_SETMASK, &before, NULL);
  measure_tick();
}

void mw_watch(mw_state *s) {
  pthread_once(&once, begin);
  pthread_mutex_lock(&lock);
  s->next = watched;
  watched = s;
  pthread_mutex_unlock(&lock);
}

void mw_unwatch(mw_state *s) {
  pthread_mutex_lock(&lock);
  for (mw_state **at = &watched; *at; at = &(*at)->next)
    if (*at == s) {
      *at = s->next;
      break;
    }
  pthread_mutex_unlock(&lock);
}

void mw_start_clock(mw_state *s, int64_t deadline) {
  atomic_store(&s->deadline, deadline);
  if (atomic_load(&asleep)) {
    pthread_mutex_lock(&lock);
    atomic_store(&asleep, false);
    pthread_cond_signal(&wake);
    pthread_mutex_unlock(&lock);
  }
}

void mw_stop_clock(mw_state *s) {
  atomic_store(&s->deadline, 0);
  while (atomic_load(&s->arming)) {
  }
}

mw_pause mw_stand(mw_state *s) {
  mw_pause pause = {.deadline = atomic_load_explicit(&s->deadline, memory_order_relaxed)};
  if (pause.deadline == 0) return pause;
  mw_stop_clock(s);
  pause.start = mw_now();
  pause.used = mw_thread_now();
  pause.excused = atomic_load(&s->excused);
  return pause;
}

void mw_go_on(mw_state *s, const mw_pause *pause) {
  if (pause->deadline == 0) return;
  int64_t waited = mw_now() - pause->start;
  s->waited += waited;
  // Set, not added: what a wait inside of this one was excused is part of it.
  atomic_store(&s->excused, pause->excused + mw_thread_now() - pause->used);
  mw_start_clock(s, pause->deadline + waited);
}

// The thread of a call is fixed while it runs, and may be another for the next.
void mw_enter(mw_state *s, int64_t limit) {
  if (!listening) {
    // Dispatch and Swift start their threads with every signal blocked.
    sigset_t ours;
    sigemptyset(&ours);
    sigaddset(&ours, alarm_signal());
    pthread_sigmask(SIG_UNBLOCK, &ours, NULL);
    listening = true;
  }
  s->thread = pthread_self();
  s->outer = running;
  atomic_store_explicit(&s->generation, s->calls, memory_order_relaxed);
  atomic_store_explicit(&s->limit, limit, memory_order_relaxed);
  atomic_store_explicit(&s->expired, false, memory_order_relaxed);
  running = s;
  if (MW_POLLS) lua_sethook(s->L, poll, LUA_MASKCOUNT, 1000);
  if (s->told) mw_follow_lines(s);
}

void mw_interrupt(mw_state *s) { atomic_store(&s->interrupted, true); }
void mw_forget_interrupt(mw_state *s) { atomic_store(&s->interrupted, false); }
bool mw_interrupted(const mw_state *s) { return atomic_load(&s->interrupted); }

void mw_leave(mw_state *s) {
  running = s->outer;
  s->outer = NULL;
  if (MW_POLLS || s->told || atomic_load_explicit(&s->expired, memory_order_relaxed)) lua_sethook(s->L, NULL, 0, 0);
}

void *mw_allocate(void *context, void *block, size_t old, size_t new) {
  mw_state *s = context;
  if (!block) old = 0;  // then it is the type of the object, not a size
  if (new == 0) {
    free(block);
    s->memory -= old;
    return NULL;
  }
  if (new > old && (new - old > s->limits.memory || s->memory > s->limits.memory - (new - old))) {
    if (s->L && s->depth > 0) s->refused_line = mw_plugin_line(s->L, 0);
    return NULL;
  }
  void *moved = realloc(block, new);
  if (!moved) {
    if (new > old) return NULL;
    moved = block;  // Lua takes it for granted that shrinking succeeds
  }
  s->memory = s->memory - old + new;
  return moved;
}
