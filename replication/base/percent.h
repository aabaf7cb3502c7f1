/* percent.h: percent-encoding (RFC 3986, section 2.1), written.
 *
 * What may stand plain differs by place: a value of a query, a segment of a path, a whole address. So the caller names those
 * characters; everything else, NUL and every byte of a character outside ASCII included, becomes "%XX" with capital digits. */
#ifndef QANAT_BASE_PERCENT_H
#define QANAT_BASE_PERCENT_H

#include "replication/base/bytes.h"

/* Plain in every place of an address (section 2.3). */
#define PERCENT_UNRESERVED "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~"

/* Appends "%XX" of one byte. */
void percent_append_byte(struct buffer *out, uint8_t byte);

/* Appends `text`, at most three times as long: what is among the ASCII characters of `plain` as it is, the rest encoded. A "%" in
 * `plain` is for texts that are encoded already: it stays where two hexadecimal digits follow it, and is encoded elsewhere. */
void percent_append(struct buffer *out, struct bytes text, const char *plain);

#endif
