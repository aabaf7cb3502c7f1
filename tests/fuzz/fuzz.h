/* fuzz.h: what each target of this room gives: its name, and the function that libFuzzer and the replay call.
 *
 * A target aborts when a promise is broken (a crash, a leak and undefined behaviour are the sanitizers' to
 * find). It keeps no state between inputs. */
#ifndef QANAT_TESTS_FUZZ_FUZZ_H
#define QANAT_TESTS_FUZZ_FUZZ_H

#include <stddef.h>
#include <stdint.h>

/* The folder under tests/fuzz/corpus. */
extern const char fuzz_name[];

/* libFuzzer's own name for it. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#endif
