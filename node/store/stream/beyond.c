#include "node/store/stream/beyond.h"

#include <string.h>

#include "node/store/stream/proved.h"
#include "node/store/stream/quarantine.h"
#include "replication/base/check.h"
#include "replication/stream/fork.h"
#include "replication/trust/roster_beyond.h"
#include "replication/trust/roster_keys.h"

enum noted_kind { NOTED_STATEMENT, NOTED_WORD };

void beyond_init(struct beyond *beyond)
{
    buffer_init(&beyond->noted);
    beyond->at = 0;
}

void beyond_release(struct beyond *beyond)
{
    buffer_release(&beyond->noted);
}

static void part_append(struct buffer *out, struct bytes part)
{
    buffer_append_varint(out, part.size);
    buffer_append(out, part.data, part.size);
}

static struct bytes part_take(struct bytes *in)
{
    struct bytes part;
    uint64_t size;
    bool is_taken = bytes_take_varint(in, &size) && bytes_take(in, (size_t)size, &part);

    CHECK(is_taken);
    return part;
}

void beyond_note_statement(struct beyond *beyond, struct bytes statement)
{
    if (beyond->noted.size < BEYOND_SIZE_MAX) {
        buffer_append_u8(&beyond->noted, NOTED_STATEMENT);
        part_append(&beyond->noted, statement);
    }
}

void beyond_note_word(struct beyond *beyond, const struct id *federation, const struct id *writer, const struct cell *cell, bool is_told)
{
    struct buffer word;
    struct id node;
    bool is_settle;

    if (!fork_key_parse(cell->key, &node, &is_settle) && !quarantine_is_key(cell->key)) {
        return;
    }
    buffer_init(&word);
    buffer_append_u8(&word, NOTED_WORD);
    part_append(&word, bytes_of(writer->b, sizeof writer->b));
    part_append(&word, cell->key);
    part_append(&word, cell->value);
    if (proved_find(federation, buffer_bytes(&word)) == PROVED_UNKNOWN) {
        proved_put(federation, buffer_bytes(&word), true);
        if (!is_told && beyond->noted.size < BEYOND_SIZE_MAX) {
            buffer_append(&beyond->noted, word.data, word.size);
        }
    }
    buffer_release(&word);
}

/* A proof that nobody can believe, whatever else comes. What a later version proves is another kind. */
static bool is_false_proof(const struct roster *roster, const struct id *node, struct bytes value)
{
    struct bytes proof;
    struct fork fork;
    hlc stamp;

    if (!cell_value_get_register(value, &stamp, &proof) || proof.size == 0 || (proof.data[0] != FORK_SAME_SEQ && proof.data[0] != FORK_TURNS)) {
        return false;
    }
    if (fork_decode(proof, &fork) != S_OK) {
        return true;
    }
    struct id about = fork_node(&fork);
    bool is_false = !id_equal(&about, node);
    for (unsigned i = 0; i < (fork.kind == FORK_SAME_SEQ ? 2 : FORK_CERTIFICATES_MAX); i++) {
        is_false = is_false || roster_certificate_check(roster, &fork.certificates[i], true) == S_BAD_SIGNATURE;
    }
    return is_false;
}

static bool is_word_beyond(const struct roster *roster, struct bytes *rest, struct id *who_out)
{
    struct bytes writer = part_take(rest), key = part_take(rest), value = part_take(rest);
    struct id node;
    bool is_settle;

    CHECK(writer.size == sizeof who_out->b);
    memcpy(who_out->b, writer.data, sizeof who_out->b);
    if (fork_key_parse(key, &node, &is_settle)) {
        return is_settle ? roster_is_beyond_node(roster, who_out, &node) : is_false_proof(roster, &node, value);
    }
    return quarantine_key_parse(key, &node) && roster_is_beyond_node(roster, who_out, &node);
}

bool beyond_next(struct beyond *beyond, const struct roster *roster, struct id *who_out)
{
    while (beyond->at < beyond->noted.size) {
        struct bytes rest = bytes_of(beyond->noted.data + beyond->at + 1, beyond->noted.size - beyond->at - 1);
        bool is_beyond = beyond->noted.data[beyond->at] == NOTED_WORD ? is_word_beyond(roster, &rest, who_out)
                                                                       : roster_is_beyond(roster, part_take(&rest), who_out);
        beyond->at = beyond->noted.size - rest.size;
        if (is_beyond) {
            return true;
        }
    }
    return false;
}
