#ifndef MOONWATCH_CPREFETCH_H
#define MOONWATCH_CPREFETCH_H

/// Asks for the cache line at an address that will be read soon; does nothing else, whatever the address.
static inline void prefetch_for_reading(const void *address) { __builtin_prefetch(address, 0, 3); }

#endif
