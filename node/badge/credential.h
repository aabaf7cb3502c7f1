/* credential.h: an Open Badges 3.0 credential: from its facts to the signed document and back.
 *
 * One shape, closed: every node of the document but the person's identity has an id, so that its RDF form is
 * simple (quads.h). The issuer is the did:key of the node's signing key; that key stands in the federation's
 * roster, so that every node of the federation can say whose it is without asking anybody. */
#ifndef QANAT_NODE_BADGE_CREDENTIAL_H
#define QANAT_NODE_BADGE_CREDENTIAL_H

#include <jansson.h>

#include "node/badge/multibase.h"
#include "node/dir.h"

enum {
    CREDENTIAL_SIZE_MAX = 64 * 1024, /* a document that is read */
    CREDENTIAL_VALUES_MAX = 16384,   /* in it, as json_read() counts */
    CREDENTIAL_TEXT_MAX = 512,       /* one text in it */
    CREDENTIAL_LIST_MAX = 512,       /* the name of its status list */
    SCORE_NONE = -1,
};

/* What a credential says. Texts are borrowed; those read from a document from the document. */
struct credential {
    struct id uuid;
    struct id subject;  /* stands for the person; the same in all credentials of this node */
    const char *person; /* the name on it */
    const char *course, *lang, *version, *title;
    const char *issuer_name;
    uint8_t issuer[SIGN_PUBLIC_SIZE];
    int64_t issued_ms;
    int64_t expires_ms; /* 0: never */
    int64_t score;      /* hundredths of a point, or SCORE_NONE */
    bool is_attested;   /* somebody decided by hand: nothing is said of parts that were completed */
    const char *list;   /* URL or URN of the status list */
    int64_t list_index;
};

/* The signed document. S_INVALID for a text that is no UTF-8 or too long. */
enum status credential_document(const struct credential *credential, const struct identity *identity,
                                const struct federation *federation, json_t **document_out);

/* Parses the text of a document: S_INVALID (no JSON object, twice the same member), S_TOO_LARGE. */
enum status credential_parse(struct bytes text, json_t **document_out, struct report *report);

/* Reads what a document says, whether or not it is signed; S_INVALID names what is missing. */
enum status credential_read(json_t *document, struct credential *credential_out, struct report *report);

/* "91.5" from hundredths. */
void score_format(int64_t score, char out[16]);

#endif
