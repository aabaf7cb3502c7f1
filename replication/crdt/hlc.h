/* hlc.h: hybrid logical clock (Kulkarni et al. 2014), packed into 64 bits.
 *
 * The upper 48 bits are wall milliseconds since 1970, the lower 16 a counter. Clocks inform, they never
 * decide order between streams except for registers, where a tie goes to the larger node id. */
#ifndef QANAT_CRDT_HLC_H
#define QANAT_CRDT_HLC_H

#include <stdint.h>

typedef uint64_t hlc; /* the one typedef of the core: a number with a meaning */

/* The stamp for a local event at wall time `wall_ms`: greater than `last`, never behind the wall clock.
 * At the end of 48-bit time (the year 10889) it stands still. */
hlc hlc_tick(hlc last, uint64_t wall_ms);

/* The local clock after seeing `remote`. A remote stamp more than SKEW_MAX_MS ahead of `wall_ms` does not
 * move it. */
hlc hlc_observe(hlc last, hlc remote, uint64_t wall_ms);

uint64_t hlc_wall_ms(hlc stamp);

#endif
