/* wording.h: what stands on a certificate, in the languages of the face: Arabic, Chinese, English, French,
 * Indonesian, Kazakh, Mongolian, Russian, Spanish.
 *
 * Chosen by the first part of a BCP 47 tag; English for every other language. */
#ifndef QANAT_NODE_BADGE_WORDING_H
#define QANAT_NODE_BADGE_WORDING_H

#include <stdbool.h>
#include <stdint.h>

enum wording {
    WORDING_TITLE,     /* Certificate of completion */
    WORDING_CERTIFIES, /* This is to certify that */
    WORDING_COMPLETED, /* has completed the course */
    WORDING_SCORE,     /* Score */
    WORDING_DATE,      /* Date of issue */
    WORDING_ISSUER,    /* Issued by */
    WORDING_UNTIL,     /* Valid until */
    WORDING_NUMBER,    /* Certificate number */
    WORDING_CHECK,     /* how to check it by the code */
    WORDING_CRITERIA,  /* what had to be done */
    WORDING_ATTESTED,  /* instead of it, where somebody decided by hand */
    WORDING_COUNT
};

enum { WORDING_DATE_SIZE = 96 };

/* A text in the language of `tag` (may be ""); never NULL. */
const char *wording_text(const char *tag, enum wording wording);

/* "5 October 2026", "2026年10月5日": the UTC day of `ms`. */
void wording_date(const char *tag, int64_t ms, char out[WORDING_DATE_SIZE]);

/* True for languages written from right to left. */
bool wording_is_rtl(const char *tag);

/* The tag itself when there are words in its language, else "en". */
const char *wording_language(const char *tag);

#endif
