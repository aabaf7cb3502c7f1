#include "node/http/language.h"

#include <stdlib.h>
#include <string.h>

#include "node/http/visitor.h"
#include "node/learn/account/signin.h"
#include "node/web/web.h"

enum { ACCEPTED_MAX = 64 }; /* entries of a header that are looked at */

/* The weight of one entry "ar-EG;q=0.8" in thousandths. */
static int weight_of(const char *entry, size_t size)
{
    const char *semicolon = memchr(entry, ';', size), *end = entry + size;
    int weight = 1000;

    if (semicolon) {
        const char *at = semicolon + 1 + strspn(semicolon + 1, " \t");
        if (end - at >= 3 && (at[0] == 'q' || at[0] == 'Q') && at[1] == '=') {
            weight = at[2] == '1' ? 1000 : 0;
            int place = 100;
            for (const char *digit = at + 4; at + 3 < end && at[3] == '.' && digit < end && place > 0 &&
                                             *digit >= '0' && *digit <= '9' && weight < 1000;
                 digit++) {
                weight += (*digit - '0') * place;
                place /= 10;
            }
        }
    }
    return weight;
}

const char *language_accepted(const char *header)
{
    const char *best = NULL;
    int best_weight = 0;

    for (int i = 0; *header && i < ACCEPTED_MAX; i++) {
        header += strspn(header, " \t,");
        const size_t size = strcspn(header, ",");
        const char *lang = web_language_find(header, strcspn(header, ",; \t"));
        const int weight = weight_of(header, size);
        if (lang && weight > best_weight) {
            best = lang;
            best_weight = weight;
        }
        header += size;
    }
    return best;
}

const char *language_choose(struct exchange *exchange)
{
    const char *asked = exchange_query(exchange, "lang");
    const char *header = exchange_header(exchange, "Accept-Language");
    const struct signin *signin = exchange_session(exchange);
    const char *lang = asked ? web_language_find(asked, strlen(asked)) : NULL;

    if (!lang && signin) {
        lang = web_language_find(signin->lang, strlen(signin->lang));
    }
    if (!lang && header) {
        lang = language_accepted(header);
    }
    return lang ? lang : "en";
}
