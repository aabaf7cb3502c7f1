/* print.h: a credential as a certificate to print: one page A4, in its own language and direction, with a QR
 * code.
 *
 * Drawn by Pango and cairo: the one well-kept pair in Debian that does all of it, finding fonts (fontconfig),
 * shaping (HarfBuzz: Arabic joins, marks), both directions in one line, breaking lines, and embedding the
 * letters that were used into a PDF. The QR code (libqrencode) and the PDF's keywords hold the card (card.h),
 * so that paper and file are checked without a link. */
#ifndef QANAT_NODE_BADGE_PRINT_H
#define QANAT_NODE_BADGE_PRINT_H

#include "node/badge/issue.h"

/* Appends the PDF of a credential that `issuer` issued, given its document. `base_url` (or NULL: the option
 * public_url, if set) goes in front of the card in the code, so that a phone's camera opens the page.
 * S_NOT_FOUND with the text and the packages in the report when no font here has its letters: a certificate
 * that cannot be read is not made. Any thread. */
enum status print_pdf(const struct issuer *issuer, struct bytes document, const char *base_url,
                      struct buffer *out, struct report *report);

#endif
