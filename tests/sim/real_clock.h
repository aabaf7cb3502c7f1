/* real_clock.h: what the real store takes from the machine, under the simulator: its clock, and the
 * incarnations it draws (real_store.c). */
#ifndef QANAT_TESTS_SIM_REAL_CLOCK_H
#define QANAT_TESTS_SIM_REAL_CLOCK_H

#include "replication/stream/stream.h"

/* What engine_wall_ms() says from now on. */
void real_clock_set(uint64_t now_ms);

/* What own_renew() draws next; NULL: what chance gives. */
void real_draw_next(const struct id *incarnation);

/* On which machine the store runs, from now on. */
void real_machine_set(const struct id *machine);

#endif
