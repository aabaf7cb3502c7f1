/* Writing a bundle: everything is hashed on its way to a draft of the file that was asked for. */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#include "node/bundle/file.h"
#include "node/bundle/minisign.h"
#include "replication/base/check.h"
#include "replication/base/limits.h"

/* What to do about it. EFBIG: the file system of the stick takes no larger files; EINVAL: not that name. */
static const char *write_remedy(int error)
{
    return error == EFBIG                      ? "; the stick's file system takes no larger files: say --max 4G or --volume 4G"
           : error_is_no_space(error)         ? "; --max SIZE writes what fits, and the rest goes with another trip"
           : error == EINVAL                   ? "; sticks take no name with \\ / : * ? \" < > |"
                                               : "";
}

static enum status write_error(const struct bundle_out *out, struct report *report)
{
    int error = errno;
    enum status status = error_is_no_space(error) ? S_NO_SPACE : error == EBUSY ? S_BUSY : S_IO;

    return report_set(report, status, "\"%s\" cannot be written: %s%s", out->draft.path, strerror(error), write_remedy(error));
}

enum { BUNDLE_MODE = 0644 }; /* nothing in it is for its maker's eyes alone, and on the other machine another user reads it */

static enum status out_write(struct bundle_out *out, const void *data, size_t size, struct report *report)
{
    errno = EIO;
    if (fwrite(data, 1, size, out->file) != size) {
        return write_error(out, report);
    }
    out->size += size;
    crypto_generichash_update(&out->minisign_hash, data, size);
    return S_OK;
}

static enum status out_write_hashed(struct bundle_out *out, const void *data, size_t size,
                                    struct report *report)
{
    crypto_generichash_update(&out->hash, data, size);
    return out_write(out, data, size, report);
}

enum status bundle_out_open(struct bundle_out *out, const char *path, const struct bundle_head *head,
                            struct report *report)
{
    uint8_t bytes[BUNDLE_HEAD_SIZE];

    memset(out, 0, sizeof *out);
    if (!draft_open(&out->draft, path)) {
        return errno == ENAMETOOLONG ? report_set(report, S_TOO_LARGE, "the path \"%.64s...\" is too long", path) : write_error(out, report);
    }
    out->file = draft_stream(&out->draft);
    if (!out->file) {
        enum status status = write_error(out, report);
        draft_close(&out->draft);
        return status;
    }
    crypto_generichash_init(&out->hash, NULL, 0, sizeof(struct hash));
    crypto_generichash_init(&out->minisign_hash, NULL, 0, MINISIGN_HASH_SIZE);
    bundle_head_encode(head, bytes);
    enum status status = out_write_hashed(out, bytes, sizeof bytes, report);
    if (status != S_OK) {
        bundle_out_abort(out);
    }
    return status;
}

/* The head of a part: its kind and length. */
static enum status out_part_head(struct bundle_out *out, enum bundle_part kind, size_t size,
                                 struct report *report)
{
    const uint8_t bytes[] = {(uint8_t)kind, (uint8_t)size, (uint8_t)(size >> 8), (uint8_t)(size >> 16)};

    return out_write_hashed(out, bytes, sizeof bytes, report);
}

enum status bundle_out_part(struct bundle_out *out, enum bundle_part kind, struct bytes part,
                            struct report *report)
{
    CHECK(part.size > 0 && part.size <= BUNDLE_PART_SIZE_MAX);
    enum status status = out_part_head(out, kind, part.size, report);

    return status == S_OK ? out_write_hashed(out, part.data, part.size, report) : status;
}

enum status bundle_out_frame(struct bundle_out *out, struct bytes frame, struct report *report)
{
    CHECK(frame.size <= FRAME_SIZE_MAX);
    return bundle_out_part(out, BUNDLE_FRAME, frame, report);
}

static enum status trailer_write(struct bundle_out *out, const struct bundle_counts *counts,
                                 const uint8_t secret[SIGN_SECRET_SIZE], struct report *report)
{
    struct bundle_trailer trailer = {.counts = *counts};
    uint8_t bytes[BUNDLE_TRAILER_SIZE];
    enum status status = out_part_head(out, BUNDLE_FRAME, 0, report);

    bundle_counts_encode(counts, bytes);
    crypto_generichash_update(&out->hash, bytes, BUNDLE_COUNTED_SIZE);
    crypto_generichash_final(&out->hash, trailer.content.b, sizeof trailer.content.b);
    bundle_trailer_sign(&trailer, secret);
    bundle_trailer_encode(&trailer, bytes);
    return status == S_OK ? out_write(out, bytes, sizeof bytes, report) : status;
}

/* FILE.minisig: for anybody who wants to know who made the file, with minisign and without a node. A draft until the file has its name. */
static enum status signature_write(struct bundle_out *out, const struct bundle_counts *counts, const struct bundle_signer *signer, struct draft *draft,
                                   struct report *report)
{
    char path[DIR_PATH_MAX + 16], comment[MINISIGN_COMMENT_MAX + 1], text[MINISIGN_TEXT_MAX];
    const char *name = strrchr(out->draft.path, '/');
    uint8_t hash[MINISIGN_HASH_SIZE];

    crypto_generichash_final(&out->minisign_hash, hash, sizeof hash);
    snprintf(comment, sizeof comment, "qanat bundle %.200s, volume %llu, made by %.200s",
             name ? name + 1 : out->draft.path, (unsigned long long)counts->volume, signer->name);
    utf8_disarm_line(comment); /* a file's name may hold anything */
    minisign_signature(&signer->identity->node, signer->identity->sign_secret, hash, comment, text);
    snprintf(path, sizeof path, "%s.minisig", out->draft.path);
    FILE *file = draft_open(draft, path) ? draft_stream(draft) : NULL;
    bool is_written = file && fputs(text, file) >= 0 && fflush(file) == 0 && dir_set_mode(draft->fd, BUNDLE_MODE) && fsync(draft->fd) == 0;
    enum status status = is_written ? S_OK : write_error(out, report);
    if (file && fclose(file) != 0 && status == S_OK) {
        status = write_error(out, report);
    }
    return status;
}

enum { LOCK_LOOKS = 25, LOCK_LOOK_US = 20 * 1000 };

/* Two who write one name at once would leave the file of one beside the signature of the other: the folder is locked meanwhile, where it can be. Not for ever:
 * a script may hold that lock while it runs this. */
static int folder_lock(const char *path)
{
    int fd = dir_open_parent(path);

    for (int look = 0; fd >= 0 && look < LOCK_LOOKS && flock(fd, LOCK_EX | LOCK_NB) != 0 && errno == EWOULDBLOCK; look++) {
        (void)usleep(LOCK_LOOK_US);
    }
    return fd;
}

static bool publish(struct draft *bundle, struct draft *signature)
{
    int lock = folder_lock(bundle->path);
    bool is_there = draft_publish(bundle, true) && draft_publish(signature, true);
    int error = errno;

    if (lock >= 0) {
        close(lock);
    }
    errno = error;
    return is_there;
}

enum status bundle_out_finish(struct bundle_out *out, const struct bundle_counts *counts,
                              const struct bundle_signer *signer, struct report *report)
{
    struct draft signature = {.fd = -1};
    enum status status = trailer_write(out, counts, signer->identity->sign_secret, report);

    if (status == S_OK && (fflush(out->file) != 0 || fsync(fileno(out->file)) != 0)) {
        status = write_error(out, report);
    }
    if (fclose(out->file) != 0 && status == S_OK) {
        status = write_error(out, report);
    }
    out->file = NULL;
    if (status == S_OK && !dir_set_mode(out->draft.fd, BUNDLE_MODE)) {
        status = write_error(out, report);
    }
    if (status == S_OK) {
        status = signature_write(out, counts, signer, &signature, report);
    }
    if (status == S_OK && !publish(&out->draft, &signature)) {
        status = write_error(out, report);
    }
    draft_close(&signature);
    draft_close(&out->draft);
    return status;
}

void bundle_out_abort(struct bundle_out *out)
{
    if (out->file) {
        fclose(out->file);
        out->file = NULL;
        draft_close(&out->draft);
    }
}
