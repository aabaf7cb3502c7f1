/* signature.h: signed statements: a JSON web signature (RFC 7515, compact) as an attachment. xAPI 1.0.3 part
 * 2 section 2.6, IEEE 9274.1.1 section 4.2.6.
 *
 * Looked at: the algorithm (RS256, RS384 or RS512), that the payload is a statement that says the same as the
 * one it came with, and, where the header brings a certificate (x5c), that its key made the signature. The
 * chain of certificates is not judged: whom to trust is the reader's affair. */
#ifndef QANAT_NODE_LRS_SIGNATURE_H
#define QANAT_NODE_LRS_SIGNATURE_H

#include "node/lrs/tree.h"

#define SIGNATURE_USAGE "http://adlnet.gov/expapi/attachments/signature"

/* `statement` has normal context activities, as the store keeps them. S_INVALID with a report. */
enum status signature_check(const struct tree *statement, struct bytes jws, struct arena *arena,
                            struct report *report);

#endif
