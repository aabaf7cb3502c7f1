/* format.h: the formats of texts in statements and parameters.
 *
 * IRIs are looked at as RFC 3987 requires of an absolute one (a scheme, and no character that may not stand
 * in any); language tags are well-formed by RFC 5646 section 2.1; timestamps are ISO 8601 with 1.0.3 and RFC
 * 3339 with 2.0; durations ISO 8601. */
#ifndef QANAT_NODE_LRS_FORMAT_H
#define QANAT_NODE_LRS_FORMAT_H

#include "node/lrs/lrs.h"

enum { FORMAT_TIME_SIZE = 25 }; /* "2026-11-28T03:24:16.000Z" with NUL */

bool format_is_iri(struct bytes text);

/* "mailto:" and one address with a local part and a domain. */
bool format_is_mailto(struct bytes text);

/* `digits` hexadecimal digits, no more. */
bool format_is_hex(struct bytes text, size_t digits);

/* The hexadecimal digest of one of SHA-224, SHA-256, SHA-384, SHA-512. */
bool format_is_sha2(struct bytes text);

bool format_is_language(struct bytes text);

/* type/subtype, with parameters or without. */
bool format_is_media_type(struct bytes text);

/* Milliseconds since 1970 in UTC; digits behind the milliseconds are cut off. A local time without zone
 * (1.0.3) counts as UTC. */
bool format_time_parse(struct bytes text, enum lrs_version version, int64_t *ms_out);
void format_time_write(int64_t ms, char out[FORMAT_TIME_SIZE]);

/* Milliseconds, where a year counts 365 days and a month 30. */
bool format_duration_parse(struct bytes text, int64_t *ms_out);

/* "PT1H2M3.04S". */
enum { FORMAT_DURATION_SIZE = 40 };
void format_duration_write(int64_t ms, char out[FORMAT_DURATION_SIZE]);

#endif
