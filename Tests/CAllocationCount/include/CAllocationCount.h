#ifndef C_ALLOCATION_COUNT_H
#define C_ALLOCATION_COUNT_H

// How often the calling thread has asked for heap memory so far; -1 where a sanitizer owns the heap.
long allocation_count(void);

// The largest block that the calling thread has asked for since it called this last, in bytes; -1 where a sanitizer owns
// the heap.
long allocation_largest(void);

#endif
