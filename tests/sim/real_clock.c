#include "tests/sim/real_clock.h"

#include <string.h>

#include "replication/crdt/hlc.h"

static struct id drawn;
static bool is_drawn;
static uint64_t wall_ms;
static struct id machine_now;

/* The linker puts these in the place of the real ones (tests/sim/local.mk). */
void __real_randombytes_buf(void *out, size_t size);
void __wrap_randombytes_buf(void *out, size_t size);
uint64_t __wrap_engine_wall_ms(void);
bool __wrap_past_is_left(hlc stamp, uint64_t now_ms);
void __wrap_machine_print(const char *data_dir, struct id *print_out);

void real_machine_set(const struct id *machine)
{
    machine_now = *machine;
}

void __wrap_machine_print(const char *data_dir, struct id *print_out)
{
    (void)data_dir;
    *print_out = machine_now;
}

void real_clock_set(uint64_t now_ms)
{
    wall_ms = now_ms;
}

void real_draw_next(const struct id *incarnation)
{
    is_drawn = incarnation != NULL;
    if (incarnation) {
        drawn = *incarnation;
    }
}

void __wrap_randombytes_buf(void *out, size_t size)
{
    if (is_drawn && size == sizeof drawn.b) {
        memcpy(out, drawn.b, sizeof drawn.b);
        is_drawn = false;
    } else {
        __real_randombytes_buf(out, size);
    }
}

uint64_t __wrap_engine_wall_ms(void)
{
    return wall_ms;
}

/* Clocks that jump would make a store draw an incarnation that the world does not know of (own_test has it).
 */
bool __wrap_past_is_left(hlc stamp, uint64_t now_ms)
{
    return stamp == 0 && now_ms == 0;
}
