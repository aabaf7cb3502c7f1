/* deflated.h: streams for the tests of deflate*.c, made by zlib, which knows nothing of ours. */
#ifndef QANAT_TESTS_REPLICATION_PACKAGE_DEFLATED_H
#define QANAT_TESTS_REPLICATION_PACKAGE_DEFLATED_H

#include "replication/package/deflate.h"
#include "tests/kit/kit.h"

enum deflated_kind { DEFLATED_PROSE, DEFLATED_NOISE, DEFLATED_ZEROS, DEFLATED_MIXED, DEFLATED_KINDS };

/* Appends `size` bytes of that kind. */
void deflated_content(struct buffer *out, enum deflated_kind kind, size_t size, uint64_t seed);

/* Appends the raw stream that zlib makes; `memory` is its memLevel. */
void deflated_make(struct buffer *out, struct bytes content, int level, int memory);

/* What a stream holds: content, and the list of its blocks. False when it is malformed. */
bool deflated_read(struct bytes stream, struct buffer *content, struct buffer *blocks, uint64_t *used_out);

#endif
