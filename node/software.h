/* software.h: which version of this program runs here and at peers, as a number that fits a HELLO.
 *
 * major * 65536 + minor * 256 + patch; 0: a version that does not say. It informs people; nothing is decided by it: what a peer
 * understands is found out by what it says. */
#ifndef QANAT_NODE_SOFTWARE_H
#define QANAT_NODE_SOFTWARE_H

#include <stdint.h>

enum { SOFTWARE_TEXT_SIZE = 16 };

/* Of this program. */
uint32_t software_number(void);

/* Of "1.2.3"; 0 for anything else, and for parts above 255. */
uint32_t software_parse(const char *text);

/* "1.2.3"; "" for 0. */
void software_text(uint32_t number, char out[SOFTWARE_TEXT_SIZE]);

#endif
