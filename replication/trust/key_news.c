#include "replication/trust/key_news.h"

#include <string.h>

#include "replication/trust/roster_keys.h"
#include "replication/trust/statement.h"

void key_news_init(struct key_news *news)
{
    memset(news, 0, sizeof *news);
    buffer_init(&news->statements);
}

void key_news_clear(struct key_news *news)
{
    buffer_clear(&news->statements);
}

void key_news_release(struct key_news *news)
{
    buffer_release(&news->statements);
}

/* By its key (statement_cell_key()): what it really says is looked at when it is needed. */
static bool is_of_kind(const struct cell *cell, enum statement_kind kind)
{
    const char *word = statement_kind_word(kind);
    size_t size = strlen(word);

    return cell->key.size > size && memcmp(cell->key.data, word, size) == 0 && cell->key.data[size] == KEY_SEPARATOR;
}

/* A change of keys, or who may speak for the authority. */
static bool is_about_keys(const struct cell *cell)
{
    static const enum statement_kind kinds[] = {STATEMENT_REKEY, STATEMENT_GRANT, STATEMENT_CLOSE, STATEMENT_AUTHORITY, STATEMENT_COSIGN};
    bool is_one = false;

    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
        is_one = is_one || is_of_kind(cell, kinds[i]);
    }
    return is_one;
}

/* Up to where what was noted may grow for this one. Who granted a key may be known by the stream alone: then its admission shows that it may admit
 * somebody. A campus admits nobody, and of all others there may be so many that they leave room for what matters more. */
static size_t room_for(const struct cell *cell, struct bytes statement, const struct id *writer)
{
    struct statement claim;

    if (is_about_keys(cell)) {
        return KEY_NEWS_MAX;
    }
    if (!is_of_kind(cell, STATEMENT_ADMIT) || statement_claim(statement, &claim) != S_OK || claim.kind != STATEMENT_ADMIT) {
        return 0;
    }
    if (claim.admitted.kind == NODE_HUB || id_equal(&claim.node, writer)) {
        return KEY_NEWS_MAX;
    }
    return claim.admitted.kind == NODE_CAMPUS ? 0 : KEY_NEWS_PLACES_MAX;
}

/* The next one noted; false at the end. */
static bool news_next(struct bytes *rest, struct bytes *statement_out)
{
    uint32_t size;

    if (rest->size < sizeof size) {
        return false;
    }
    memcpy(&size, rest->data, sizeof size);
    *statement_out = bytes_of(rest->data + sizeof size, size);
    *rest = bytes_of(statement_out->data + size, rest->size - sizeof size - size);
    return true;
}

static bool is_noted(const struct key_news *news, struct bytes statement)
{
    struct bytes rest = buffer_bytes(&news->statements), noted;

    while (news_next(&rest, &noted)) {
        if (bytes_equal(noted, statement)) {
            return true;
        }
    }
    return false;
}

void key_news_note(struct key_news *news, const struct stream_id *stream, const struct cell *cells,
                   size_t count)
{
    struct bytes statement;
    hlc stamp;

    if (stream_id_compare(&news->stream, stream) != 0) {
        buffer_clear(&news->statements);
        news->stream = *stream;
    }
    for (size_t i = 0; i < count; i++) {
        if (!cell_value_get_register(cells[i].value, &stamp, &statement) || statement.size > STATEMENT_SIZE_MAX) {
            continue;
        }
        uint32_t size = (uint32_t)statement.size;
        if (news->statements.size + sizeof size + size > room_for(&cells[i], statement, &stream->node) || is_noted(news, statement)) {
            continue;
        }
        buffer_append(&news->statements, &size, sizeof size);
        buffer_append(&news->statements, statement.data, size);
    }
}

enum status key_news_check(const struct key_news *news, const struct roster *roster,
                           const struct certificate *certificate)
{
    enum status status = roster_certificate_check(roster, certificate, false);
    struct bytes rest = buffer_bytes(&news->statements), statement;

    if (status != S_BAD_SIGNATURE || rest.size == 0 ||
        stream_id_compare(&news->stream, &certificate->head.stream) != 0) {
        return status;
    }
    struct roster *with_news = roster_copy(roster);
    while (news_next(&rest, &statement)) {
        (void)roster_add(with_news, statement, NULL); /* one that does not hold counts for nothing */
    }
    status = roster_certificate_check(with_news, certificate, false);
    roster_free(with_news);
    return status;
}
