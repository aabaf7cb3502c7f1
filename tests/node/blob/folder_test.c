/* Temporary files of handles that live and of handles that are gone; the floor. */
#include <fcntl.h>
#include <linux/magic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "node/blob/folder.h"
#include "tests/kit/package.h"

static void what_a_crash_left_is_removed_and_what_lives_is_kept(void **state)
{
    struct kit_node node;
    struct blobs *second;
    char path[400];
    uint64_t number;
    int fd;

    (void)state;
    kit_node_open(&node);
    snprintf(path, sizeof path, "%s/tmp/blobs-0123456789abcdef", node.dir);
    assert_int_equal(mkdir(path, 0700), 0);
    snprintf(path, sizeof path, "%s/tmp/blobs-0123456789abcdef/5", node.dir);
    fd = open(path, O_CREAT | O_WRONLY, 0600);
    close(fd);
    fd = folder_create(node.blobs, &number); /* under way in the first handle */
    assert_true(fd >= 0);
    assert_int_equal(blobs_open(node.dir, node.store, &second, &node.report), S_OK);
    assert_int_not_equal(access(path, F_OK), 0);
    assert_int_equal(kit_count_files(node.dir, "tmp"), 1);
    folder_discard(node.blobs, number);
    close(fd);
    blobs_close(second);
    kit_node_close(&node);
}

/* A handle that was opened on a full disk has no folder for what it writes: it gets one as soon as there is room. */
static void what_could_not_be_made_at_first_is_made_when_it_is_needed(void **state)
{
    struct kit_node node;
    uint64_t number;
    char path[400];

    (void)state;
    kit_node_open(&node);
    snprintf(path, sizeof path, "%s/tmp/%s", node.dir, node.blobs->own_name);
    assert_int_equal(rmdir(path), 0);
    close(node.blobs->own_fd);
    node.blobs->own_fd = -1;
    snprintf(path, sizeof path, "%s/tmp", node.dir);
    assert_int_equal(rmdir(path), 0); /* nothing can be made in it */
    assert_int_equal(folder_create(node.blobs, &number), -1);
    assert_int_equal(blob_errno_status(), S_NOT_FOUND); /* and why is told: no number of a file that is not open */
    assert_int_equal(mkdir(path, 0700), 0);
    close(node.blobs->tmp_fd);
    node.blobs->tmp_fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    int fd = folder_create(node.blobs, &number);
    assert_true(fd >= 0);
    folder_discard(node.blobs, number);
    close(fd);
    kit_node_close(&node);
}

static void the_folder_that_cannot_be_opened_is_named(void **state)
{
    struct kit_node node;
    struct blobs *blobs;
    char path[400];

    (void)state;
    kit_node_open(&node);
    snprintf(path, sizeof path, "%s/blobs", node.dir);
    assert_int_equal(rmdir(path), 0);
    FILE *file = fopen(path, "w");
    assert_int_equal(fclose(file), 0);
    assert_int_equal(blobs_open(node.dir, node.store, &blobs, &node.report), S_IO);
    assert_non_null(strstr(node.report.text, "/blobs\": Not a directory"));
    kit_node_close(&node);
}

static void names_are_spread_over_folders_by_their_first_byte(void **state)
{
    const struct hash hash = {{0xab, 0xcd}};
    char name[BLOB_NAME_MAX];

    (void)state;
    blob_name(&hash, false, name);
    assert_memory_equal(name, "ab/abcd00", 9);
    assert_int_equal(strlen(name), 67);
    blob_name(&hash, true, name);
    assert_string_equal(name + 67, ".part");
}

static void the_floor_is_kept_free(void **state)
{
    struct kit_node node;
    uint64_t room;

    (void)state;
    kit_node_open(&node);
    assert_true(blobs_have_room(node.blobs, 1, &room));
    blobs_set_floor(node.blobs, room + (1ULL << 40));
    assert_false(blobs_have_room(node.blobs, 1, &room));
    assert_int_equal(room, 0);
    blobs_set_floor(node.blobs, 0);
    assert_false(blobs_have_room(node.blobs, UINT64_MAX, NULL));
    kit_node_close(&node);
}

/* Bytes of the file that stand in memory. */
static size_t resident_size(int fd, size_t size)
{
    size_t page = (size_t)sysconf(_SC_PAGESIZE), count = (size + page - 1) / page, resident = 0;
    unsigned char *pages = malloc(count);
    void *map = mmap(NULL, size, PROT_READ, MAP_SHARED, fd, 0);

    assert_non_null(pages);
    assert_ptr_not_equal(map, MAP_FAILED);
    assert_int_equal(mincore(map, size, pages), 0);
    for (size_t i = 0; i < count; i++) {
        resident += pages[i] & 1 ? page : 0;
    }
    munmap(map, size);
    free(pages);
    return resident;
}

static void a_large_file_leaves_memory_while_it_is_written(void **state)
{
    enum { BLOCK = 1024 * 1024, COUNT = 3 * WRITE_BEHIND_WINDOW / BLOCK };
    static uint8_t block[BLOCK];
    struct write_behind behind = {0};
    struct kit_node node;
    struct statfs system;
    char path[400];

    (void)state;
    kit_node_open(&node);
    snprintf(path, sizeof path, "%s/tmp/large", node.dir);
    int fd = open(path, O_CREAT | O_RDWR, 0600);
    assert_true(fd >= 0 && fstatfs(fd, &system) == 0);
    for (uint64_t i = 0; i < COUNT; i++) {
        memset(block, (int)i + 1, sizeof block);
        assert_int_equal(file_write_at(fd, bytes_of(block, sizeof block), i * BLOCK), S_OK);
        file_write_behind(fd, &behind, (i + 1) * BLOCK);
    }
    assert_int_equal(behind.dropped, COUNT * BLOCK - WRITE_BEHIND_WINDOW);
    bool is_on_disk = system.f_type == EXT4_SUPER_MAGIC || system.f_type == XFS_SUPER_MAGIC || system.f_type == BTRFS_SUPER_MAGIC;
    if (is_on_disk) { /* others keep files in memory, or elsewhere */
        assert_in_range(resident_size(fd, COUNT * BLOCK), 0, WRITE_BEHIND_WINDOW + 2 * WRITE_BEHIND_STEP);
    }
    for (uint64_t i = 0; i < COUNT; i++) {
        uint8_t byte = 0;

        assert_int_equal(file_read_at(fd, &byte, 1, i * BLOCK + i), 1);
        assert_int_equal(byte, i + 1);
    }
    close(fd);
    unlink(path);
    kit_node_close(&node);
}

KIT_TESTS()
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_a_crash_left_is_removed_and_what_lives_is_kept),
        cmocka_unit_test(what_could_not_be_made_at_first_is_made_when_it_is_needed),
        cmocka_unit_test(the_folder_that_cannot_be_opened_is_named),
        cmocka_unit_test(names_are_spread_over_folders_by_their_first_byte),
        cmocka_unit_test(the_floor_is_kept_free),
        cmocka_unit_test(a_large_file_leaves_memory_while_it_is_written),
    };
    return KIT_RUN(tests);
}
