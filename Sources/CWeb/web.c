// libcurl's interface has been binary compatible since 2006 (soname 4): numbers and structures below are those of its
// curl.h. It is loaded by hand so that the program builds and starts where there is none.
#define _GNU_SOURCE
#include "web.h"

#include <dlfcn.h>
#include <netinet/in.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum {
  OPT_POST = 47,
  OPT_FOLLOWLOCATION = 52,
  OPT_POSTFIELDSIZE = 60,
  OPT_FORBID_REUSE = 75,
  OPT_HTTP_VERSION = 84,
  OPT_NOSIGNAL = 99,
  OPT_TIMEOUT_MS = 155,
  OPT_PROTOCOLS = 181,
  OPT_WRITEDATA = 10001,
  OPT_URL = 10002,
  OPT_PROXY = 10004,
  OPT_ERRORBUFFER = 10010,
  OPT_POSTFIELDS = 10015,
  OPT_HTTPHEADER = 10023,
  OPT_OPENSOCKETDATA = 10164,
  OPT_WRITEFUNCTION = 20011,
  OPT_OPENSOCKETFUNCTION = 20163,
  INFO_RESPONSE_CODE = 0x200002,
  INFO_REQUEST_SIZE = 0x20000C,
  INFO_RETRY_AFTER = 0x600039,
  GLOBAL_ALL = 3,
  HTTP_1_1 = 2,
  HTTP_AND_HTTPS = 3,
  WRITE_ERROR = 23,
  BAD_SOCKET = -1,
};

struct curl_address {
  int family;
  int type;
  int protocol;
  unsigned int count;
  struct sockaddr address;
};

static struct {
  void *(*open)(void);
  int (*set)(void *, int, ...);
  int (*perform)(void *);
  int (*info)(void *, int, ...);
  void (*close)(void *);
  void *(*append)(void *, const char *);
  void (*free_list)(void *);
  const char *(*words)(int);
} curl;
static bool is_loaded;
static pthread_once_t once = PTHREAD_ONCE_INIT;

static void load(void) {
  const char *names[] = {"libcurl.so.4", "libcurl-gnutls.so.4"};
  void *library = NULL;
  for (size_t i = 0; i < 2 && library == NULL; i++) library = dlopen(names[i], RTLD_NOW | RTLD_LOCAL);
  if (library == NULL) return;
  int (*begin)(long) = (int (*)(long))dlsym(library, "curl_global_init");
  curl.open = (void *(*)(void))dlsym(library, "curl_easy_init");
  curl.set = (int (*)(void *, int, ...))dlsym(library, "curl_easy_setopt");
  curl.perform = (int (*)(void *))dlsym(library, "curl_easy_perform");
  curl.info = (int (*)(void *, int, ...))dlsym(library, "curl_easy_getinfo");
  curl.close = (void (*)(void *))dlsym(library, "curl_easy_cleanup");
  curl.append = (void *(*)(void *, const char *))dlsym(library, "curl_slist_append");
  curl.free_list = (void (*)(void *))dlsym(library, "curl_slist_free_all");
  curl.words = (const char *(*)(int))dlsym(library, "curl_easy_strerror");
  is_loaded = begin && curl.open && curl.set && curl.perform && curl.info && curl.close && curl.append &&
              curl.free_list && curl.words && begin(GLOBAL_ALL) == 0;
}

struct keeping {
  mw_answer *answer;
  size_t most;
};

static size_t keep(char *bytes, size_t one, size_t count, void *context) {
  struct keeping *kept = context;
  mw_answer *answer = kept->answer;
  size_t room = kept->most - answer->count, taken = count * one < room ? count * one : room;
  if (taken > 0) {
    uint8_t *grown = realloc(answer->body, answer->count + taken);
    if (grown == NULL) return 0;
    memcpy(grown + answer->count, bytes, taken);
    answer->body = grown;
    answer->count += taken;
  }
  if (taken < count * one) answer->was_cut = true;
  return taken;
}

// The name is resolved by now: what is looked at is what is connected to, whatever it resolves to a moment later.
static int open_socket(void *context, int purpose, struct curl_address *to) {
  const mw_request *request = context;
  (void)purpose;
  const uint8_t *bytes;
  size_t count;
  if (to->family == AF_INET) {
    bytes = (const uint8_t *)&((struct sockaddr_in *)&to->address)->sin_addr;
    count = 4;
  } else if (to->family == AF_INET6) {
    bytes = (const uint8_t *)&((struct sockaddr_in6 *)&to->address)->sin6_addr;
    count = 16;
  } else {
    return BAD_SOCKET;
  }
  if (!request->allow(request->context, bytes, count)) return BAD_SOCKET;
  return socket(to->family, to->type | SOCK_CLOEXEC, to->protocol);
}

void mw_perform(const mw_request *request, mw_answer *answer) {
  memset(answer, 0, sizeof *answer);
  pthread_once(&once, load);
  void *handle = is_loaded ? curl.open() : NULL;
  if (handle == NULL) {
    answer->code = -1;
    return;
  }
  struct keeping kept = {answer, request->most};
  void *headers = NULL;
  bool is_short = false;
  for (size_t i = 0; i < request->header_count; i++) {
    void *longer = curl.append(headers, request->headers[i]);
    if (longer == NULL) is_short = true;
    else headers = longer;
  }
  int bad = is_short;
  bad |= curl.set(handle, OPT_URL, request->url);
  bad |= curl.set(handle, OPT_PROTOCOLS, (long)HTTP_AND_HTTPS);
  bad |= curl.set(handle, OPT_FOLLOWLOCATION, 0L);
  bad |= curl.set(handle, OPT_PROXY, "");
  bad |= curl.set(handle, OPT_HTTP_VERSION, (long)HTTP_1_1);
  bad |= curl.set(handle, OPT_FORBID_REUSE, 1L);
  bad |= curl.set(handle, OPT_NOSIGNAL, 1L);
  bad |= curl.set(handle, OPT_TIMEOUT_MS, request->timeout_ms);
  bad |= curl.set(handle, OPT_HTTPHEADER, headers);
  bad |= curl.set(handle, OPT_ERRORBUFFER, answer->error);
  bad |= curl.set(handle, OPT_WRITEFUNCTION, keep);
  bad |= curl.set(handle, OPT_WRITEDATA, &kept);
  bad |= curl.set(handle, OPT_OPENSOCKETFUNCTION, open_socket);
  bad |= curl.set(handle, OPT_OPENSOCKETDATA, request);
  if (request->body != NULL) {
    bad |= curl.set(handle, OPT_POST, 1L);
    bad |= curl.set(handle, OPT_POSTFIELDSIZE, (long)request->body_count);
    bad |= curl.set(handle, OPT_POSTFIELDS, request->body);
  }
  if (bad) {
    // Better none than one without its guards.
    answer->code = -1;
  } else {
    answer->code = curl.perform(handle);
    if (answer->code == WRITE_ERROR && answer->was_cut) answer->code = 0;
    long sent = 0;
    int64_t wait = 0;
    curl.info(handle, INFO_RESPONSE_CODE, &answer->status);
    if (curl.info(handle, INFO_REQUEST_SIZE, &sent) == 0) answer->was_sent = sent > 0;
    if (curl.info(handle, INFO_RETRY_AFTER, &wait) == 0 && wait > 0)
      answer->retry_after = wait < 86400 ? (long)wait : 86400;
    if (answer->code != 0 && answer->error[0] == 0)
      snprintf(answer->error, sizeof answer->error, "%s", curl.words(answer->code));
  }
  curl.close(handle);
  curl.free_list(headers);
}

void mw_answer_free(mw_answer *answer) {
  free(answer->body);
  answer->body = NULL;
  answer->count = 0;
}
