/* mirror.h: where contents can be had over HTTP beside the nodes themselves: how a mirror is named in the
 * roster.
 *
 * A mirror is any web server, cache, CDN or object store that answers GET PREFIX/HASH with the content whose
 * BLAKE2b-256 that is. A node names one in the register "mirror" 0x1f <first 16 bytes of the hash of the
 * prefix, hex> of its roster stream, whose certificate signs it; the content is the prefix, or empty once the
 * mirror is named no more. Nobody has to believe a mirror: what comes is checked against its name. Pure. */
#ifndef QANAT_TRUST_MIRROR_H
#define QANAT_TRUST_MIRROR_H

#include "replication/base/bytes.h"
#include "replication/base/status.h"

enum { MIRROR_URL_MAX = 400 };

/* Reads a prefix as people write it and gives it in its one form, with '/' at its end. Only http and https, a
 * host or an address in brackets, a port, a path; no user, no question mark, no "..". S_INVALID and
 * S_TOO_LARGE with the reason. */
enum status mirror_url_read(struct bytes text, char out[MIRROR_URL_MAX + 1], struct report *report);

/* True when its host is this machine by name or address: then alone loopback is where it may lead. */
bool mirror_url_is_local(const char *url);

/* The key of the cell that names `url`, a prefix in its one form. `out` is cleared first. */
void mirror_key(const char *url, struct buffer *out);

/* True for the key of a mirror. */
bool mirror_key_is(struct bytes key);

#endif
