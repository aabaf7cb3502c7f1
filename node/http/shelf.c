/* One table of entries (roots and places) by the keyed hash of their key, all in one list by their last
 * use; a file is counted by the places that name it and by the answers that send it, and goes with the last
 * of both. Files have pages of their own: what is given back goes to the system, however the heap lies. */
#include "node/http/shelf.h"

#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "replication/base/check.h"

enum {
    SLOTS = 4096,
    KEY_MAX = 4096,       /* longer ones are not kept */
    FILE_OVERHEAD = 4096, /* what a file takes beside its bytes: itself, and an answer with its headers */
};

struct file {
    struct shelf_file file; /* the first: a caller's pointer is ours */
    struct file *next;      /* in its slot */
    size_t mapped;
    unsigned places;
    unsigned answers; /* that live: one is ours, the others are under way */
    struct MHD_Response *answer;
    char *variant; /* of it */
};

enum kind { KIND_ROOT = 'r', KIND_PLACE = 'p' };

/* Of a root or a place; one block of memory with its key. */
struct entry {
    struct entry *next; /* in its slot */
    struct entry *newer, *older;
    uint64_t tag; /* hash of the key */
    uint64_t generation;
    uint64_t asked_ms;
    int64_t course, expires_ms; /* of a root */
    struct file *file;          /* of a place */
    size_t key_size;
    uint8_t key[];
};

struct shelf {
    uint8_t
        secret[crypto_shorthash_KEYBYTES]; /* paths come from strangers: they must not choose their slots */
    size_t size, size_max;
    struct entry *newest, *oldest;
    struct entry *entries[SLOTS];
    struct file *files[SLOTS];
};

struct key {
    uint64_t tag;
    size_t size;
    uint8_t data[KEY_MAX];
};

struct shelf *shelf_new(size_t size_max)
{
    struct shelf *shelf = calloc(1, sizeof *shelf);

    CHECK(shelf && size_max > 0);
    shelf->size_max = size_max;
    crypto_shorthash_keygen(shelf->secret);
    return shelf;
}

size_t shelf_size(const struct shelf *shelf)
{
    return shelf->size;
}

/* --- files --- */

static struct file **file_slot(struct shelf *shelf, const struct hash *hash)
{
    uint64_t slot;

    memcpy(&slot, hash->b, sizeof slot);
    return &shelf->files[slot % SLOTS];
}

static size_t file_cost(const struct file *file)
{
    return file->mapped + FILE_OVERHEAD;
}

static void file_free_unheld(struct file *file)
{
    if (file->places == 0 && file->answers == 0) {
        if (file->mapped > 0) {
            munmap((void *)(uintptr_t)file->file.data, file->mapped);
        }
        free(file);
    }
}

/* The last byte of an answer was sent, or its connection is gone. */
static void on_answer_end(void *ctx)
{
    struct file *file = ctx;

    CHECK(file->answers > 0);
    file->answers--;
    file_free_unheld(file);
}

static void answer_drop(struct file *file)
{
    struct MHD_Response *answer = file->answer;

    free(file->variant);
    file->variant = NULL;
    file->answer = NULL;
    if (answer) {
        MHD_destroy_response(answer);
    }
}

/* One place less names it. */
static void file_leave(struct shelf *shelf, struct file *file)
{
    struct file **link = file_slot(shelf, &file->file.hash);

    CHECK(file->places > 0);
    if (--file->places > 0) {
        return;
    }
    while (*link != file) {
        link = &(*link)->next;
    }
    *link = file->next;
    shelf->size -= file_cost(file);
    file->places++; /* while its answer goes */
    answer_drop(file);
    file->places--;
    file_free_unheld(file);
}

struct shelf_file *shelf_find_file(struct shelf *shelf, const struct hash *hash, const char *media_type)
{
    struct file *file = *file_slot(shelf, hash);

    while (file && !(hash_equal(&file->file.hash, hash) && strcmp(file->file.media_type, media_type) == 0)) {
        file = file->next;
    }
    return file ? &file->file : NULL;
}

/* A copy, its data in pages of its own. */
static struct file *file_new(const struct shelf_file *from)
{
    struct file *file = calloc(1, sizeof *file);
    size_t page = (size_t)sysconf(_SC_PAGESIZE);

    CHECK(file && (from->data != NULL) == (from->size <= SHELF_FILE_MAX));
    file->file = *from;
    if (from->data && from->size > 0) {
        size_t size = (size_t)from->size, mapped = (size + page - 1) / page * page;
        void *data = mmap(NULL, mapped, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
        if (data == MAP_FAILED) {
            free(file);
            return NULL;
        }
        memcpy(data, from->data, size);
        file->file.data = data;
        file->mapped = mapped;
    } else if (from->data) {
        file->file.data = (const uint8_t *)"";
    }
    return file;
}

struct MHD_Response *shelf_answer(const struct shelf_file *shown, const char *variant)
{
    const struct file *file = (const struct file *)shown;

    return file->answer && strcmp(file->variant, variant) == 0 ? file->answer : NULL;
}

struct MHD_Response *shelf_answer_new(struct shelf_file *shown, const char *variant)
{
    struct file *file = (struct file *)shown;
    struct MHD_Response *answer;

    CHECK(file->file.data && file->places > 0);
    answer = MHD_create_response_from_buffer_with_free_callback_cls(
        (size_t)file->file.size, (void *)(uintptr_t)file->file.data, on_answer_end, file);
    CHECK(answer);
    file->answers++;
    answer_drop(file);
    file->answer = answer;
    file->variant = strdup(variant);
    CHECK(file->variant);
    return answer;
}

/* --- roots and places --- */

static bool key_make(const struct shelf *shelf, enum kind kind, int64_t course, const char *text,
                     struct key *key_out)
{
    size_t size = strlen(text);

    if (size > KEY_MAX - 1 - sizeof course) {
        return false;
    }
    key_out->data[0] = (uint8_t)kind;
    memcpy(key_out->data + 1, &course, sizeof course);
    memcpy(key_out->data + 1 + sizeof course, text, size);
    key_out->size = 1 + sizeof course + size;
    crypto_shorthash((uint8_t *)&key_out->tag, key_out->data, key_out->size, shelf->secret);
    return true;
}

static size_t entry_cost(const struct entry *entry)
{
    return sizeof *entry + entry->key_size;
}

static void list_take(struct shelf *shelf, struct entry *entry)
{
    *(entry->newer ? &entry->newer->older : &shelf->newest) = entry->older;
    *(entry->older ? &entry->older->newer : &shelf->oldest) = entry->newer;
}

static void list_put(struct shelf *shelf, struct entry *entry)
{
    entry->newer = NULL;
    entry->older = shelf->newest;
    *(shelf->newest ? &shelf->newest->newer : &shelf->oldest) = entry;
    shelf->newest = entry;
}

static void entry_drop(struct shelf *shelf, struct entry *entry)
{
    struct entry **link = &shelf->entries[entry->tag % SLOTS];

    while (*link != entry) {
        link = &(*link)->next;
    }
    *link = entry->next;
    list_take(shelf, entry);
    shelf->size -= entry_cost(entry);
    if (entry->file) {
        file_leave(shelf, entry->file);
    }
    free(entry);
}

static struct entry *entry_find(struct shelf *shelf, const struct key *key)
{
    struct entry *entry = shelf->entries[key->tag % SLOTS];

    while (entry && !(entry->tag == key->tag && entry->key_size == key->size &&
                      memcmp(entry->key, key->data, key->size) == 0)) {
        entry = entry->next;
    }
    return entry;
}

/* What is believed now; it becomes the last that was asked for. */
static struct entry *entry_ask(struct shelf *shelf, const struct key *key, const struct shelf_now *now)
{
    struct entry *entry = entry_find(shelf, key);

    if (!entry || entry->generation != now->generation) {
        return NULL;
    }
    entry->asked_ms = now->at_ms;
    list_take(shelf, entry);
    list_put(shelf, entry);
    return entry;
}

/* The entry of that key as seen now, new or renewed. */
static struct entry *entry_put(struct shelf *shelf, const struct key *key, const struct shelf_now *now)
{
    struct entry *entry = entry_find(shelf, key);

    if (entry) {
        list_take(shelf, entry);
    } else {
        entry = calloc(1, sizeof *entry + key->size);
        CHECK(entry);
        entry->tag = key->tag;
        entry->key_size = key->size;
        memcpy(entry->key, key->data, key->size);
        entry->next = shelf->entries[key->tag % SLOTS];
        shelf->entries[key->tag % SLOTS] = entry;
        shelf->size += entry_cost(entry);
    }
    list_put(shelf, entry);
    entry->generation = now->generation;
    entry->asked_ms = now->at_ms;
    return entry;
}

/* Makes room, but not of what was put last. */
static void shelf_shrink(struct shelf *shelf)
{
    while (shelf->size > shelf->size_max && shelf->oldest != shelf->newest) {
        entry_drop(shelf, shelf->oldest);
    }
}

bool shelf_find_root(struct shelf *shelf, const char *root, const struct shelf_now *now, int64_t *course_out)
{
    struct key key;
    const struct entry *entry =
        key_make(shelf, KIND_ROOT, 0, root, &key) ? entry_ask(shelf, &key, now) : NULL;

    if (!entry || now->wall_ms >= entry->expires_ms) {
        return false;
    }
    *course_out = entry->course;
    return true;
}

void shelf_put_root(struct shelf *shelf, const char *root, const struct shelf_now *now, int64_t course,
                    int64_t expires_ms)
{
    struct key key;

    if (key_make(shelf, KIND_ROOT, 0, root, &key)) {
        struct entry *entry = entry_put(shelf, &key, now);
        entry->course = course;
        entry->expires_ms = expires_ms;
        shelf_shrink(shelf);
    }
}

struct shelf_file *shelf_find_place(struct shelf *shelf, int64_t course, const char *path,
                                    const struct shelf_now *now)
{
    struct key key;
    const struct entry *entry =
        key_make(shelf, KIND_PLACE, course, path, &key) ? entry_ask(shelf, &key, now) : NULL;

    return entry ? &entry->file->file : NULL;
}

void shelf_put_place(struct shelf *shelf, int64_t course, const char *path, const struct shelf_now *now,
                     struct shelf_file *shown)
{
    struct file *file = (struct file *)shown;
    struct key key;

    if (!key_make(shelf, KIND_PLACE, course, path, &key)) {
        return;
    }
    struct entry *entry = entry_put(shelf, &key, now);
    struct file *before = entry->file;
    file->places++;
    entry->file = file;
    if (before) {
        file_leave(shelf, before);
    }
    shelf_shrink(shelf);
}

struct shelf_file *shelf_add(struct shelf *shelf, int64_t course, const char *path,
                             const struct shelf_now *now, const struct shelf_file *from)
{
    struct key key;
    struct file *file = key_make(shelf, KIND_PLACE, course, path, &key) ? file_new(from) : NULL;

    if (!file) {
        return NULL;
    }
    struct file **slot = file_slot(shelf, &from->hash);
    file->next = *slot;
    *slot = file;
    shelf->size += file_cost(file);
    shelf_put_place(shelf, course, path, now, &file->file);
    return &file->file;
}

bool shelf_tidy(struct shelf *shelf, uint64_t now_ms)
{
    while (shelf->oldest && now_ms - shelf->oldest->asked_ms >= SHELF_IDLE_MS) {
        entry_drop(shelf, shelf->oldest);
    }
    return shelf->oldest != NULL;
}

void shelf_free(struct shelf *shelf)
{
    while (shelf && shelf->oldest) {
        entry_drop(shelf, shelf->oldest);
    }
    free(shelf);
}
