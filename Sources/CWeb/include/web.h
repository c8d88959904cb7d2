// One HTTP request by libcurl, which is loaded when the first is made: nothing is linked, and its headers are not needed.
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

// Asked for every address before it is connected to; `count` is 4 or 16 bytes in network order.
typedef bool (*mw_allow)(void *context, const uint8_t *address, size_t count);

typedef struct {
  const char *url;             // http:// or https://, read and checked by the caller
  const char *const *headers;  // "Name: value"
  size_t header_count;
  const char *body;  // NULL for GET, else POST
  size_t body_count;
  long timeout_ms;  // for all of it, names included
  size_t most;      // bytes of the answer that are kept
  mw_allow allow;
  void *context;
} mw_request;

typedef struct {
  int code;     // 0 where there was an answer, -1 where libcurl is missing, else libcurl's own number
  long status;  // of HTTP; 0 without an answer
  long retry_after;  // seconds that the answer asks to wait; 0 where it does not
  bool was_sent;     // whether anything of the request left
  bool was_cut;      // the answer was longer than is kept
  uint8_t *body;
  size_t count;
  char error[256];
} mw_answer;

// Redirects are not followed, proxies and what the environment says of them are not used, certificates are checked.
void mw_perform(const mw_request *request, mw_answer *answer);
void mw_answer_free(mw_answer *answer);
