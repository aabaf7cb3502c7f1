/* density.h: does a content look as if it could not be compressed (film, sound, pictures, archives)? A guess
 * from a sample, for deciding what to spend time on; never for what is correct. */
#ifndef QANAT_PACKAGE_DENSITY_H
#define QANAT_PACKAGE_DENSITY_H

#include <stdbool.h>

#include "replication/base/bytes.h"

enum { DENSITY_FROM = 8 * 1024 }; /* smaller contents are never said to be dense */

bool density_is_high(struct bytes content);

#endif
