/* range.h: the Range header of one request (RFC 9110 section 14.2): a single byte range; several are answered whole. */
#ifndef QANAT_NODE_HTTP_RANGE_H
#define QANAT_NODE_HTTP_RANGE_H

#include <stdint.h>

enum range_kind { RANGE_WHOLE, RANGE_PART, RANGE_OUTSIDE };

/* Reads `header` (NULL: none) for a content of `size` bytes. RANGE_PART fills first byte and length. */
enum range_kind range_parse(const char *header, uint64_t size, uint64_t *first_out, uint64_t *length_out);

#endif
