#include "node/store/stream/intake.h"

#include "node/store/stream/heard.h"
#include "node/store/stream/roster.h"
#include "node/store/stream/rotation_vain.h"
#include "replication/trust/roster_end.h"

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

/* Cells wait for their turn, and parts take seconds: their writer may have been put out of the federation since its rights were looked at. What that leaves is
 * what is held here; what goes beyond it would be dropped, whole, and nobody else may have it. S_STALE then. */
static enum status writer_check(const struct intake *intake, struct db *db, const struct stream_id *stream)
{
    struct certificate certificate;
    struct roster *roster;

    if (stream->topic == TOPIC_ROSTER || !stream_find(db, stream, &certificate) || roster_load(db, intake->federation, &roster, NULL) != S_OK) {
        return db_status(db);
    }
    roster_settle(roster);
    bool must_drop = roster_must_drop(roster, &certificate.head);
    roster_free(roster);
    return must_drop ? S_STALE : S_OK;
}

enum status intake_apply(const struct intake *intake, struct db *db, const struct stream_id *stream,
                         struct bytes body)
{
    enum status status = stream_apply_body(db, &intake->federation->id, stream, body);

    if (status == S_OK && intake->is_late) {
        status = writer_check(intake, db, stream);
    }
    return status == S_OK ? intake_end(intake, db, stream) : status;
}

enum status intake_part(const struct intake *intake, struct db *db, const struct stream_id *stream, struct delta *delta, bool *is_whole_out)
{
    enum status status = delta_part(delta, db, is_whole_out);

    if (status == S_OK && *is_whole_out) {
        status = writer_check(intake, db, stream);
    }
    return status == S_OK && *is_whole_out ? intake_end(intake, db, stream) : status;
}

bool intake_is_void(enum status status)
{
    return status == S_BAD_DIGEST || status == S_INVALID;
}
