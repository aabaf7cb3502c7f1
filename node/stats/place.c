#include "node/stats/place.h"

#include <stdio.h>
#include <string.h>

enum { DEPTH_MAX = 16 }; /* campuses above one another */

/* UN M49 sub-regions, with the Arab States and the halves of Europe as the alliance groups them. */
static const struct region {
    const char *name;
    const char *countries;
} regions[] = {
    {"East Asia", "CN HK JP KP KR MN MO TW"},
    {"Southeast Asia", "BN ID KH LA MM MY PH SG TH TL VN"},
    {"South Asia", "AF BD BT IN IR LK MV NP PK"},
    {"Central Asia", "KG KZ TJ TM UZ"},
    {"Arab States", "AE BH IQ JO KW LB OM PS QA SA SY YE"},
    {"Western Asia", "AM AZ CY GE IL TR"},
    {"North Africa", "DZ EG EH LY MA SD TN"},
    {"West Africa", "BF BJ CI CV GH GM GN GW LR ML MR NE NG SH SL SN TG"},
    {"Central Africa", "AO CD CF CG CM GA GQ ST TD"},
    {"East Africa", "BI DJ ER ET IO KE KM MG MU RE RW SC SO SS TF TZ UG YT"},
    {"Southern Africa", "BW LS MW MZ NA SZ ZA ZM ZW"},
    {"Western Europe", "AT BE CH DE FR LI LU MC NL"},
    {"Northern Europe", "AX DK EE FI FO GB GG IE IM IS JE LT LV NO SE SJ"},
    {"Southern Europe", "AD ES GI GR IT MT PT SM VA"},
    {"Central and Eastern Europe", "AL BA BG BY CZ HR HU MD ME MK PL RO RS RU SI SK UA XK"},
    {"North America", "BM CA GL PM US"},
    {"Central America", "BZ CR GT HN MX NI PA SV"},
    {"Caribbean", "AG AI AW BB BL BQ BS CU CW DM DO GD GP HT JM KN KY LC MF MQ MS PR SX TC TT VC VG VI"},
    {"South America", "AR BO BR BV CL CO EC FK GF GS GY PE PY SR UY VE"},
    {"Oceania", "AS AU CC CK CX FJ FM GU HM KI MH MP NC NF NR NU NZ PF PG PN PW SB TK TO TV UM VU WF WS"},
};

const char *region_of_country(const char *country)
{
    if (strlen(country) != 2) {
        return "";
    }
    for (size_t i = 0; i < sizeof regions / sizeof *regions; i++) {
        for (const char *at = regions[i].countries; *at; at += at[2] ? 3 : 2) {
            if (strncmp(at, country, 2) == 0) {
                return regions[i].name;
            }
        }
    }
    return "";
}

/* Fills country and region where they are still empty. */
static void place_fill(struct place *place, const struct roster_node *node)
{
    if (!place->country[0]) {
        memcpy(place->country, node->country, sizeof place->country);
    }
    if (!place->region[0]) {
        memcpy(place->region, node->region, sizeof place->region);
    }
}

void place_find(const struct roster *roster, const struct id *node, struct place *place_out)
{
    const struct roster_node *at = roster_standing(roster, node); /* figures of a lost machine count under whoever follows it */

    memset(place_out, 0, sizeof *place_out);
    if (!at) {
        char hex[ID_HEX_SIZE];
        id_hex(node, hex);
        snprintf(place_out->node, sizeof place_out->node, "%.12s", hex);
        snprintf(place_out->centre, sizeof place_out->centre, "%.12s", hex);
        return;
    }
    memcpy(place_out->node, at->name, sizeof place_out->node);
    place_fill(place_out, at);
    for (int depth = 0; at->kind == NODE_CAMPUS && depth < DEPTH_MAX; depth++) {
        const struct roster_node *above = roster_standing(roster, &at->parent);
        if (!above) {
            break;
        }
        at = above;
        place_fill(place_out, at);
    }
    memcpy(place_out->centre, at->name, sizeof place_out->centre);
    if (!place_out->region[0]) {
        snprintf(place_out->region, sizeof place_out->region, "%s", region_of_country(place_out->country));
    }
}
