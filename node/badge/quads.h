/* quads.h: our credentials as canonical RDF: the N-Quads that RDFC-1.0 gives, without a JSON-LD processor.
 *
 * What JSON-LD would look up in the contexts https://www.w3.org/ns/credentials/v2 and
 * https://purl.imsglobal.org/spec/ob/v3p0/context-3.0.3.json is a table here: the terms that we write. The
 * canonical form of a graph is hard where many nodes have no name; of a document with at most one nameless
 * node it is that node called _:c14n0, and the lines sorted by bytes. */
#ifndef QANAT_NODE_BADGE_QUADS_H
#define QANAT_NODE_BADGE_QUADS_H

#include <jansson.h>

#include "replication/base/bytes.h"
#include "replication/base/status.h"

enum { QUADS_MAX = 256, QUADS_DEPTH_MAX = 8 };

/* Appends the canonical N-Quads of `document`, whose "@context" and "proof" are left out. S_VERSION for a
 * term or a type that is not in the table (a later version may know it), S_INVALID for a value of another
 * kind than its term has or for a second node without an id, S_TOO_LARGE over the limits. */
enum status quads_write(json_t *document, struct buffer *out);

#endif
