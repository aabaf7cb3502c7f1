/* patch.h: content told by what it shares with a base that both sides hold.
 *
 * A patch is one zstd frame (RFC 8878) made with the base as a raw prefix (ZSTD_CCtx_refPrefix), so that
 * matches may reach back into it. Both sizes are bounded, so no window passes 2^ZSTD_WINDOW_LOG_MAX. Who
 * decodes must know the exact size of the content, and checks its hash afterwards: a patch proves nothing. */
#ifndef QANAT_PACKAGE_PATCH_H
#define QANAT_PACKAGE_PATCH_H

#include "replication/base/bytes.h"
#include "replication/base/limits.h"
#include "replication/base/status.h"

enum {
    PATCH_BASE_MAX = 2 * 1024 * 1024,
    PATCH_CONTENT_MAX = 1024 * 1024,
};

/* How long to search: edits are worth it, most of all small ones; texts in a window of their like are many, and less is
 * made of them when a fast line waits for more; a near duplicate is found at once. */
enum patch_effort { PATCH_EDIT, PATCH_TEXT, PATCH_TEXT_HASTY, PATCH_DUPLICATE };

/* Writes the patch into `out`; its size, or 0 when it does not fit `capacity`. Both sizes must be within the
 * limits, and the two must not share memory. */
size_t patch_encode(struct bytes base, struct bytes content, enum patch_effort effort, uint8_t *out,
                    size_t capacity);

/* How much of the beginning of `content` makes a patch of about `capacity`, to some kilobytes: for a content
 * of which the whole does not fit. */
size_t patch_fit(struct bytes base, struct bytes content, enum patch_effort effort, size_t capacity);

/* Writes exactly `size` bytes into `out`. S_INVALID: not a patch that gives so many; S_TOO_LARGE: a limit. */
enum status patch_decode(struct bytes base, struct bytes patch, uint8_t *out, size_t size);

#endif
