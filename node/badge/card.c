#include "node/badge/card.h"

#include <sodium.h>
#include <string.h>

#include "replication/base/check.h"
#include "replication/base/field.h"

static const char card_prefix[] = "QANAT1.";
static const char card_domain[] = "qanat card 1"; /* signed with its NUL */

enum { CARD_PREFIX_SIZE = sizeof card_prefix - 1 };

enum card_field {
    CARD_ISSUER = 1,
    CARD_UUID = 2,
    CARD_PERSON = 3,
    CARD_TITLE = 4,
    CARD_COURSE = 5,
    CARD_LANG = 6,
    CARD_ISSUED_S = 7,
    CARD_EXPIRES_S = 8,
    CARD_SCORE = 9, /* hundredths and one */
};

/* `text` without what is over the limit, and without half a character at its end. */
static struct bytes text_cut(const char *text)
{
    size_t size = strlen(text);

    if (size > CARD_NAME_MAX) {
        size = CARD_NAME_MAX;
        while (size && ((uint8_t)text[size] & 0xc0) == 0x80) {
            size--;
        }
    }
    return bytes_of(text, size);
}

static void signed_make(struct bytes fields, struct buffer *out)
{
    buffer_append(out, card_domain, sizeof card_domain);
    buffer_append(out, fields.data, fields.size);
}

void card_write(const struct credential *credential, const struct identity *identity, struct buffer *out)
{
    uint8_t signature[SIGNATURE_SIZE];
    struct buffer fields, to_sign;

    buffer_init(&fields);
    buffer_init(&to_sign);
    field_append_bytes(&fields, CARD_ISSUER, bytes_of(identity->node.b, sizeof identity->node.b));
    field_append_bytes(&fields, CARD_UUID, bytes_of(credential->uuid.b, sizeof credential->uuid.b));
    field_append_bytes(&fields, CARD_PERSON, text_cut(credential->person));
    field_append_bytes(&fields, CARD_TITLE, text_cut(credential->title));
    field_append_bytes(&fields, CARD_COURSE, text_cut(credential->course));
    field_append_bytes(&fields, CARD_LANG, text_cut(credential->lang));
    field_append_number(&fields, CARD_ISSUED_S, (uint64_t)(credential->issued_ms / 1000));
    field_append_number(&fields, CARD_EXPIRES_S, (uint64_t)(credential->expires_ms / 1000));
    field_append_number(&fields, CARD_SCORE, (uint64_t)(credential->score + 1));
    signed_make(buffer_bytes(&fields), &to_sign);
    crypto_sign_detached(signature, NULL, to_sign.data, to_sign.size, identity->sign_secret);
    buffer_append(&fields, signature, sizeof signature);
    buffer_append(out, card_prefix, CARD_PREFIX_SIZE);
    base64url_encode(buffer_bytes(&fields), out);
    buffer_release(&fields);
    buffer_release(&to_sign);
}

static bool is_base64url(uint8_t c)
{
    return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '_';
}

struct bytes card_find(struct bytes text)
{
    const uint8_t *at = text.size ? memmem(text.data, text.size, card_prefix, CARD_PREFIX_SIZE) : NULL;

    if (!at) {
        return bytes_of(NULL, 0);
    }
    size_t room = text.size - (size_t)(at - text.data), size = CARD_PREFIX_SIZE;
    while (size < room && size < CARD_TEXT_MAX && is_base64url(at[size])) {
        size++;
    }
    return bytes_of(at, size);
}

/* The fields and the signature of a card; `out` holds both. */
static bool card_open(struct bytes card, struct buffer *out, struct bytes *fields_out,
                      const uint8_t **signature_out)
{
    if (card.size < CARD_PREFIX_SIZE || card.size > CARD_TEXT_MAX ||
        memcmp(card.data, card_prefix, CARD_PREFIX_SIZE) != 0 ||
        !base64url_decode(bytes_of(card.data + CARD_PREFIX_SIZE, card.size - CARD_PREFIX_SIZE), out) ||
        out->size <= SIGNATURE_SIZE) {
        return false;
    }
    *fields_out = bytes_of(out->data, out->size - SIGNATURE_SIZE);
    *signature_out = out->data + fields_out->size;
    return true;
}

/* A text of a field, into `arena`; "" for what is none. */
static const char *text_take(const struct field *field, struct arena *arena)
{
    struct bytes copy = {0};

    if (field->type == FIELD_BYTES && utf8_is_valid(field->bytes)) {
        copy = arena_copy(arena, field->bytes);
    }
    return copy.data ? (const char *)copy.data : "";
}

/* A time in seconds that can be written down; 0 for any other. */
static int64_t time_take(const struct field *field)
{
    return field->type == FIELD_VARINT && field->value <= 4102444799 ? (int64_t)field->value * 1000 : 0;
}

static void field_read(const struct field *field, struct arena *arena, struct credential *out,
                       struct id *issuer_out)
{
    switch (field->number) {
    case CARD_ISSUER:
        (void)field_get_raw(field, issuer_out->b, sizeof issuer_out->b);
        break;
    case CARD_UUID:
        (void)field_get_raw(field, out->uuid.b, sizeof out->uuid.b);
        break;
    case CARD_PERSON:
        out->person = text_take(field, arena);
        break;
    case CARD_TITLE:
        out->title = text_take(field, arena);
        break;
    case CARD_COURSE:
        out->course = text_take(field, arena);
        break;
    case CARD_LANG:
        out->lang = text_take(field, arena);
        break;
    case CARD_ISSUED_S:
        out->issued_ms = time_take(field);
        break;
    case CARD_EXPIRES_S:
        out->expires_ms = time_take(field);
        break;
    case CARD_SCORE:
        out->score =
            field->type == FIELD_VARINT && field->value <= 10001 ? (int64_t)field->value - 1 : SCORE_NONE;
        break;
    default: /* of a later version */
        break;
    }
}

enum status card_read(struct bytes card, struct arena *arena, struct credential *credential_out,
                      struct id *issuer_out)
{
    const uint8_t *signature;
    struct buffer bytes;
    struct bytes fields;
    struct field field;
    enum status status = S_OK;

    memset(credential_out, 0, sizeof *credential_out);
    memset(issuer_out, 0, sizeof *issuer_out);
    credential_out->person = credential_out->title = credential_out->course = credential_out->lang = "";
    credential_out->version = credential_out->issuer_name = credential_out->list = "";
    credential_out->score = SCORE_NONE;
    buffer_init(&bytes);
    if (!card_open(card, &bytes, &fields, &signature)) {
        status = S_INVALID;
    }
    while (status == S_OK && fields.size) {
        if (field_take(&fields, &field)) {
            field_read(&field, arena, credential_out, issuer_out);
        } else {
            status = S_INVALID;
        }
    }
    buffer_release(&bytes);
    return status;
}

bool card_check(struct bytes card, const uint8_t sign_public[SIGN_PUBLIC_SIZE])
{
    const uint8_t *signature;
    struct buffer bytes, to_sign;
    struct bytes fields;
    bool is_signed = false;

    buffer_init(&bytes);
    buffer_init(&to_sign);
    if (card_open(card, &bytes, &fields, &signature)) {
        signed_make(fields, &to_sign);
        is_signed = crypto_sign_verify_detached(signature, to_sign.data, to_sign.size, sign_public) == 0;
    }
    buffer_release(&bytes);
    buffer_release(&to_sign);
    return is_signed;
}
