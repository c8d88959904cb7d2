#include "CAllocationCount.h"
#include <errno.h>
#include <stddef.h>

#if defined(__has_feature)
#if __has_feature(thread_sanitizer) || __has_feature(address_sanitizer)
#define HEAP_IS_TAKEN 1
#endif
#endif

#ifdef HEAP_IS_TAKEN
long allocation_count(void) { return -1; }
long allocation_largest(void) { return -1; }
#else

// glibc lets a program replace malloc as a whole and keeps its own under these names.
extern void *__libc_malloc(size_t);
extern void *__libc_calloc(size_t, size_t);
extern void *__libc_realloc(void *, size_t);
extern void *__libc_memalign(size_t, size_t);
extern void __libc_free(void *);

static __thread long count __attribute__((tls_model("initial-exec")));
static __thread size_t largest __attribute__((tls_model("initial-exec")));

static void note(size_t size) {
  count++;
  if (size > largest) largest = size;
}

long allocation_count(void) { return count; }

long allocation_largest(void) {
  size_t size = largest;
  largest = 0;
  return (long)size;
}

void *malloc(size_t size) { note(size); return __libc_malloc(size); }
void *calloc(size_t n, size_t size) { note(n * size); return __libc_calloc(n, size); }
void *realloc(void *old, size_t size) { note(size); return __libc_realloc(old, size); }
void *memalign(size_t alignment, size_t size) { note(size); return __libc_memalign(alignment, size); }
void *aligned_alloc(size_t alignment, size_t size) { note(size); return __libc_memalign(alignment, size); }
void free(void *old) { __libc_free(old); }

int posix_memalign(void **result, size_t alignment, size_t size) {
  note(size);
  void *block = __libc_memalign(alignment, size);
  if (!block) return ENOMEM;
  *result = block;
  return 0;
}
#endif
