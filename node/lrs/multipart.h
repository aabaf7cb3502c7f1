/* multipart.h: multipart/mixed (RFC 2046 section 5.1) as statements with attachments travel in it, both ways.
 */
#ifndef QANAT_NODE_LRS_MULTIPART_H
#define QANAT_NODE_LRS_MULTIPART_H

#include "replication/base/bytes.h"
#include "replication/base/status.h"

enum {
    MULTIPART_PARTS_MAX = 256,    /* attachments of one request, and the statements */
    MULTIPART_HEADERS_MAX = 8192, /* bytes of one part's headers */
    MULTIPART_BOUNDARY_MAX = 70,  /* RFC 2046 */
};

/* Everything is borrowed from the input. Absent headers are empty. */
struct multipart_part {
    struct bytes media_type; /* Content-Type */
    struct bytes encoding;   /* Content-Transfer-Encoding */
    struct bytes hash;       /* X-Experience-API-Hash */
    struct bytes body;
};

struct multipart {
    struct multipart_part parts[MULTIPART_PARTS_MAX];
    size_t count;
};

/* The boundary of a Content-Type header; false when there is none, or none that may be. */
bool multipart_boundary(const char *content_type, char out[MULTIPART_BOUNDARY_MAX + 1]);

/* S_INVALID with a report; S_TOO_LARGE with too many parts. */
enum status multipart_parse(struct bytes body, const char *boundary, struct multipart *multipart,
                            struct report *report);

/* Appends one part; `hash` may be NULL. Then multipart_end(). */
void multipart_add(struct buffer *out, const char *boundary, struct bytes media_type, const char *hash,
                   struct bytes body);
void multipart_end(struct buffer *out, const char *boundary);

#endif
