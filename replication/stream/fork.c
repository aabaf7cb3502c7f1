#include "replication/stream/fork.h"

#include <string.h>

#include "replication/base/check.h"

static const char fork_name[] = "fork\x1f", settle_name[] = "settle\x1f";

static size_t certificate_count(enum fork_kind kind)
{
    return kind == FORK_SAME_SEQ ? 2 : 3;
}

static bool turns_are_shown(const struct stream_head *first, const struct stream_head *other,
                            const struct stream_head *again)
{
    return stream_id_compare(&first->stream, &again->stream) == 0 && id_equal(&first->stream.node, &other->stream.node) &&
           !id_equal(&first->stream.incarnation, &other->stream.incarnation) && first->seq < again->seq &&
           first->stamp < other->stamp && other->stamp < again->stamp;
}

bool fork_is_shown(const struct fork *fork)
{
    const struct certificate *certificates = fork->certificates;

    switch (fork->kind) {
    case FORK_SAME_SEQ:
        return certificate_is_fork(&certificates[0], &certificates[1]);
    case FORK_TURNS:
        return turns_are_shown(&certificates[0].head, &certificates[1].head, &certificates[2].head);
    }
    return false;
}

struct id fork_node(const struct fork *fork)
{
    return fork->certificates[0].head.stream.node;
}

hlc fork_stamp(const struct fork *fork)
{
    hlc stamp = 0;

    for (size_t i = 0; i < certificate_count(fork->kind); i++) {
        stamp = fork->certificates[i].head.stamp > stamp ? fork->certificates[i].head.stamp : stamp;
    }
    return stamp;
}

void fork_encode(const struct fork *fork, struct buffer *out)
{
    uint8_t id[STREAM_ID_SIZE], certificate[CERTIFICATE_SIZE];

    buffer_append_u8(out, (uint8_t)fork->kind);
    for (size_t i = 0; i < certificate_count(fork->kind); i++) {
        stream_id_encode(&fork->certificates[i].head.stream, id);
        certificate_encode(&fork->certificates[i], certificate);
        buffer_append(out, id, sizeof id);
        buffer_append(out, certificate, sizeof certificate);
    }
}

enum status fork_decode(struct bytes proof, struct fork *out)
{
    struct bytes rest = proof, kind, id, certificate;
    struct stream_id stream;

    memset(out, 0, sizeof *out);
    if (!bytes_take(&rest, 1, &kind) || (kind.data[0] != FORK_SAME_SEQ && kind.data[0] != FORK_TURNS)) {
        return S_INVALID;
    }
    out->kind = (enum fork_kind)kind.data[0];
    for (size_t i = 0; i < certificate_count(out->kind); i++) {
        if (!bytes_take(&rest, STREAM_ID_SIZE, &id) || !stream_id_decode(id.data, &stream) ||
            !bytes_take(&rest, CERTIFICATE_SIZE, &certificate) ||
            certificate_decode(certificate, &stream, &out->certificates[i]) != S_OK) {
            return S_INVALID;
        }
    }
    return rest.size == 0 && fork_is_shown(out) ? S_OK : S_INVALID;
}

enum status fork_verify(const struct fork *fork, const struct id *federation,
                        const uint8_t public_key[SIGN_PUBLIC_SIZE])
{
    enum status status = S_OK;

    for (size_t i = 0; i < certificate_count(fork->kind) && status == S_OK; i++) {
        status = certificate_verify(&fork->certificates[i], federation, public_key);
    }
    return status;
}

static void key_write(const char *name, const struct id *node, struct buffer *out)
{
    char hex[ID_HEX_SIZE];

    id_hex(node, hex);
    buffer_clear(out);
    buffer_append(out, name, strlen(name));
    buffer_append(out, hex, ID_HEX_SIZE - 1);
}

void fork_key(const struct id *node, struct buffer *out)
{
    key_write(fork_name, node, out);
}

void fork_settle_key(const struct id *node, struct buffer *out)
{
    key_write(settle_name, node, out);
}

bool fork_key_parse(struct bytes key, struct id *node_out, bool *is_settle_out)
{
    static const char *const names[] = {fork_name, settle_name};
    char hex[ID_HEX_SIZE] = "";

    for (size_t i = 0; i < 2; i++) {
        size_t head = strlen(names[i]);
        if (key.size == head + ID_HEX_SIZE - 1 && memcmp(key.data, names[i], head) == 0) {
            memcpy(hex, key.data + head, ID_HEX_SIZE - 1);
            *is_settle_out = i == 1;
            return hex_decode(hex, node_out->b, sizeof node_out->b);
        }
    }
    return false;
}
