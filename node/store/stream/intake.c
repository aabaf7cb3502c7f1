#include "node/store/stream/intake.h"

#include "node/store/stream/heard.h"
#include "node/store/stream/rotation_vain.h"

/* The stream has moved. */
static enum status intake_end(const struct intake *intake, struct db *db, const struct stream_id *stream)
{
    enum status status = heard_came_back(db, intake->federation, stream);

    if (status == S_OK) {
        status = rotation_vain_amend(db, intake->federation, stream);
    }
    if (status == S_OK && intake->moved && stream->topic != TOPIC_RESULTS) {
        status = intake->moved(intake->ctx, db, stream);
    }
    return status;
}

enum status intake_apply(const struct intake *intake, struct db *db, const struct stream_id *stream,
                         struct bytes body)
{
    enum status status = stream_apply_body(db, &intake->federation->id, stream, body);

    return status == S_OK ? intake_end(intake, db, stream) : status;
}

enum status intake_part(const struct intake *intake, struct db *db, const struct stream_id *stream, struct delta *delta, bool *is_whole_out)
{
    enum status status = delta_part(delta, db, is_whole_out);

    return status == S_OK && *is_whole_out ? intake_end(intake, db, stream) : status;
}

bool intake_is_void(enum status status)
{
    return status == S_BAD_DIGEST || status == S_INVALID;
}
