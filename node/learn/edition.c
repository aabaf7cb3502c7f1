#include "node/learn/edition.h"

#include <string.h>

void edition_find(struct db *db, struct bytes course, struct bytes cohort, struct edition *edition_out)
{
    (void)db, (void)course, (void)cohort;
    memset(edition_out, 0, sizeof *edition_out);
}
