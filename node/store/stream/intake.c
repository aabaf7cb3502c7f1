#include "node/store/stream/intake.h"

enum status intake_apply(const struct intake *intake, struct db *db, const struct stream_id *stream,
                         struct bytes body)
{
    enum status status = stream_apply_body(db, &intake->federation, stream, body);

    if (status == S_OK && intake->moved && stream->topic != TOPIC_RESULTS) {
        status = intake->moved(intake->ctx, db, stream);
    }
    return status;
}

bool intake_is_void(enum status status)
{
    return status == S_BAD_DIGEST || status == S_INVALID;
}
