/* message_codec.h: the two directions of each message body; private to message*.c.
 *
 * encode: plain struct to protobuf bytes, appended to `body`. decode: `body` to plain struct, everything
 * checked, in `arena`. Both return S_TOO_LARGE over a maximum and S_INVALID outside the format. */
#ifndef QANAT_WIRE_MESSAGE_CODEC_H
#define QANAT_WIRE_MESSAGE_CODEC_H

#include "replication/wire/message.h"

typedef enum status message_body_encode(const struct message *message, struct buffer *body);
typedef enum status message_body_decode(struct bytes body, struct arena *arena, struct message *out);

/* message_session.c */
message_body_encode hello_encode, credit_encode, retry_encode, refuse_encode;
message_body_decode hello_decode, credit_decode, retry_decode, refuse_decode;

/* message_vector.c */
message_body_encode vector_message_encode, buckets_encode;
message_body_decode vector_message_decode, buckets_decode;

/* message_delta.c */
message_body_encode want_encode, held_encode, batch_body_encode;
message_body_decode want_decode, held_decode, batch_body_decode;

/* message_objects.c */
message_body_encode hashes_encode, offer_encode, pieces_encode;
message_body_decode hashes_decode, offer_decode, pieces_decode;

/* The column of names: whole in `objects`, or cut short in `names`, `count` of them (message_objects.c). */
size_t name_size(bool is_short);
bool names_take(struct bytes objects, struct bytes names, size_t count, struct bytes *column_out,
                bool *is_short_out);
void name_read(struct bytes column, size_t index, bool is_short, struct hash *name_out);

/* message_patches.c */
message_body_encode ask_from_encode, patches_encode;
message_body_decode ask_from_decode, patches_decode;

/* message_join.c */
message_body_encode join_encode, welcome_encode;
message_body_decode join_decode, welcome_decode;

#endif
