/* chunker.h: FastCDC content-defined chunking (Xia et al. 2016, 2020): cuts follow the content, so an
 * insertion moves only the cuts near it.
 *
 * Gear hash, normalised chunking level 2, CHUNK_SIZE_MIN/MEAN/MAX. The gear table is derived from a fixed
 * seed and is part of the format. */
#ifndef QANAT_PACKAGE_CHUNKER_H
#define QANAT_PACKAGE_CHUNKER_H

#include "replication/base/bytes.h"

/* Length of the first chunk of `data` (all of it when it is shorter than CHUNK_SIZE_MIN). Feed at least
 * CHUNK_SIZE_MAX bytes unless the input ends. */
size_t chunker_cut(struct bytes data);

#endif
