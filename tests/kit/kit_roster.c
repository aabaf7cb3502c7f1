#include "tests/kit/kit_roster.h"

#include <stdio.h>
#include <stdlib.h>

#include "tests/kit/federation.h"

struct roster *kit_roster_new(const struct kit_member *nodes, size_t count, struct id *ids_out)
{
    struct federation *federation = malloc(sizeof *federation);
    struct buffer statement;
    struct report report;

    buffer_init(&statement);
    federation_make(federation, 1);
    struct roster *roster = roster_new(&federation->id, federation->authority.sign_public);
    for (size_t i = 0; i < count; i++) {
        struct roster_node node = federation_node(federation, (int)i, nodes[i].parent, nodes[i].kind);
        snprintf(node.name, sizeof node.name, "%s", nodes[i].name);
        snprintf(node.country, sizeof node.country, "%s", nodes[i].country);
        snprintf(node.region, sizeof node.region, "%s", nodes[i].region);
        consent_sign(&federation->id, &node, federation->nodes[i].sign_secret);
        federation_admit(federation, &node, nodes[i].parent, &statement);
        report_clear(&report);
        if (roster_add(roster, buffer_bytes(&statement), &report) != S_OK) {
            fprintf(stderr, "# %s\n", report.text);
            abort();
        }
        ids_out[i] = node.node;
    }
    buffer_release(&statement);
    free(federation);
    return roster;
}
