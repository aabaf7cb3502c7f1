/* statement_decode(): the input is a statement. Fields are read before the signature is checked: hostile ones
 * too. */
#include "tests/fuzz/fuzz.h"

#include "replication/base/check.h"
#include "replication/trust/statement.h"

const char fuzz_name[] = "statement";

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct statement statement, again;
    struct buffer key;

    if (statement_decode(bytes_of(data, size), &statement, NULL) == S_OK) {
        buffer_init(&key);
        CHECK(statement_cell_key(bytes_of(data, size), &key) == S_OK);
        CHECK(key.size <= CELL_KEY_MAX);
        buffer_release(&key);
        statement_read(bytes_of(data, size), &again);
        CHECK(hash_equal(&statement.hash, &again.hash));
    }
    return 0;
}
