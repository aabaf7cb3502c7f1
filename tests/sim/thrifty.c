/* The linker puts these before libzstd's own functions in the programs of the simulator (-Wl,--wrap). Whatever level a
 * node asks for it gets the first: the frames are sound ones (RFC 8878), decoded and checked as ever, and only their
 * sizes differ. Contexts are kept and cleared instead of made anew. How well is compressed, and with what limits, the
 * tests of `replication/wire` and `replication/package` see. One thread. */
#include "tests/sim/thrifty.h"

#include <zstd.h>

#include "replication/base/check.h"

enum { LEVEL = 1 };

bool thrifty_is_off;

static ZSTD_CCtx *spare_out;
static ZSTD_DCtx *spare_in;

ZSTD_CCtx *__real_ZSTD_createCCtx(void);
size_t __real_ZSTD_freeCCtx(ZSTD_CCtx *context);
size_t __real_ZSTD_CCtx_setParameter(ZSTD_CCtx *context, ZSTD_cParameter parameter, int value);
ZSTD_DCtx *__real_ZSTD_createDCtx(void);
size_t __real_ZSTD_freeDCtx(ZSTD_DCtx *context);
ZSTD_CCtx *__wrap_ZSTD_createCCtx(void);
size_t __wrap_ZSTD_freeCCtx(ZSTD_CCtx *context);
size_t __wrap_ZSTD_CCtx_setParameter(ZSTD_CCtx *context, ZSTD_cParameter parameter, int value);
ZSTD_DCtx *__wrap_ZSTD_createDCtx(void);
size_t __wrap_ZSTD_freeDCtx(ZSTD_DCtx *context);
size_t __wrap_ZSTD_decompress(void *out, size_t capacity, const void *in, size_t size);

ZSTD_CCtx *__wrap_ZSTD_createCCtx(void)
{
    ZSTD_CCtx *context = spare_out ? spare_out : __real_ZSTD_createCCtx();

    spare_out = NULL;
    return context;
}

size_t __wrap_ZSTD_freeCCtx(ZSTD_CCtx *context)
{
    if (spare_out || !context) {
        return __real_ZSTD_freeCCtx(context);
    }
    spare_out = context;
    return ZSTD_CCtx_reset(context, ZSTD_reset_session_and_parameters);
}

size_t __wrap_ZSTD_CCtx_setParameter(ZSTD_CCtx *context, ZSTD_cParameter parameter, int value)
{
    bool is_lowered = parameter == ZSTD_c_compressionLevel && !thrifty_is_off;

    return __real_ZSTD_CCtx_setParameter(context, parameter, is_lowered ? LEVEL : value);
}

ZSTD_DCtx *__wrap_ZSTD_createDCtx(void)
{
    ZSTD_DCtx *context = spare_in ? spare_in : __real_ZSTD_createDCtx();

    spare_in = NULL;
    return context;
}

size_t __wrap_ZSTD_freeDCtx(ZSTD_DCtx *context)
{
    if (spare_in || !context) {
        return __real_ZSTD_freeDCtx(context);
    }
    spare_in = context;
    return ZSTD_DCtx_reset(context, ZSTD_reset_session_and_parameters);
}

size_t __wrap_ZSTD_decompress(void *out, size_t capacity, const void *in, size_t size)
{
    ZSTD_DCtx *context = __wrap_ZSTD_createDCtx();

    CHECK(context);
    size_t got = ZSTD_decompressDCtx(context, out, capacity, in, size);
    __wrap_ZSTD_freeDCtx(context);
    return got;
}
