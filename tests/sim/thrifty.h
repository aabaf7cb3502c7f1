/* thrifty.h: zstd at its quickest. Half of a seed's time went into good compression of frames that nobody pays for. */
#ifndef QANAT_TESTS_SIM_THRIFTY_H
#define QANAT_TESTS_SIM_THRIFTY_H

#include <stdbool.h>

/* Levels are as the core asks for them: seeds that were found so are repeated so. */
extern bool thrifty_is_off;

#endif
