/* The machine and the directory: clock, disk, files and their rights, database, limits. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <time.h>
#include <unistd.h>

#include "node/care/doctor.h"
#include "node/store/stream/stream.h"

/* This program was not written before: an earlier clock is wrong. */
#define CLOCK_EARLIEST_MS (1767225600ULL * 1000) /* 2026-01-01T00:00:00Z */

static void time_print(uint64_t ms, char out[32])
{
    time_t seconds = (time_t)(ms / 1000);
    struct tm utc;

    gmtime_r(&seconds, &utc);
    strftime(out, 32, "%Y-%m-%dT%H:%M:%SZ", &utc);
}

/* The newest stamp among the streams of other nodes. */
static bool newest_stamp(const struct doctor *doctor, struct stream_head *newest_out)
{
    const struct inspection *inspection = doctor->inspection;
    struct stream_head head;
    struct stream_id after;
    bool is_found = false;
    struct db *db = store_read_begin(inspection->store);

    for (bool more = stream_next(db, NULL, &head); more; more = stream_next(db, &after, &head)) {
        bool is_own = inspection->has_identity && id_equal(&head.stream.node, &inspection->identity.node);
        if (!is_own && (!is_found || head.stamp > newest_out->stamp)) {
            *newest_out = head;
            is_found = true;
        }
        after = head.stream;
    }
    store_read_end(inspection->store, db);
    return is_found;
}

void doctor_clock(const struct doctor *doctor)
{
    struct inspection *inspection = doctor->inspection;
    char path[DIR_PATH_MAX], now[32], then[32];
    struct stream_head newest;
    struct stat info;

    time_print(doctor->now_ms, now);
    if (doctor->now_ms < CLOCK_EARLIEST_MS) {
        findings_add(inspection->findings, FINDING_CLOCK_WRONG, "clock", "it says %s, before this program was written", now);
    } else if (dir_path(inspection->dir, "qanat.db", path) == S_OK && stat(path, &info) == 0 &&
               (uint64_t)info.st_mtime * 1000 > doctor->now_ms + DOCTOR_SKEW_MS) {
        time_print((uint64_t)info.st_mtime * 1000, then);
        findings_add(inspection->findings, FINDING_CLOCK_WRONG, "clock", "it says %s, but the database was written at %s", now, then);
    } else if (inspection->store && newest_stamp(doctor, &newest) && hlc_wall_ms(newest.stamp) > doctor->now_ms + DOCTOR_SKEW_MS) {
        const struct roster_node *writer = inspection->roster ? roster_find(inspection->roster, &newest.stream.node) : NULL;
        time_print(hlc_wall_ms(newest.stamp), then);
        findings_add(inspection->findings, FINDING_STAMP_AHEAD, writer ? writer->name : "a node",
                     "the clock here says %s, what it wrote is of %s: one of the two is wrong, or was when that was written", now, then);
    }
    findings_note(inspection->findings, "clock");
}

void doctor_room(const struct doctor *doctor, const struct statvfs *vfs)
{
    struct inspection *inspection = doctor->inspection;
    uint64_t free_mib = (uint64_t)vfs->f_bavail * vfs->f_frsize >> 20;

    if (free_mib < DIR_FULL_MIB) {
        findings_add(inspection->findings, FINDING_DISK_FULL, inspection->dir, "%llu MiB are free", (unsigned long long)free_mib);
    } else if (free_mib < (uint64_t)inspection->config.disk_floor_mib) {
        findings_add(inspection->findings, FINDING_DISK_LOW, inspection->dir, "%llu MiB are free, the floor is %d MiB",
                     (unsigned long long)free_mib, inspection->config.disk_floor_mib);
    }
    if (dir_lacks_inodes(vfs)) {
        findings_add(inspection->findings, FINDING_INODES_FEW, inspection->dir, "%llu more files can be made there (inodes, df -i), although %llu MiB are free",
                     (unsigned long long)vfs->f_favail, (unsigned long long)free_mib);
    }
}

void doctor_disk(const struct doctor *doctor)
{
    struct inspection *inspection = doctor->inspection;
    struct statvfs vfs;
    struct stat info;

    if (statvfs(inspection->dir, &vfs) != 0 || stat(inspection->dir, &info) != 0) {
        findings_add(inspection->findings, FINDING_DIR_FOREIGN, inspection->dir, "it cannot be looked at: %s", strerror(errno));
        return;
    }
    if (dir_is_read_only(inspection->dir)) {
        findings_add(inspection->findings, FINDING_DISK_READ_ONLY, inspection->dir, "its file system takes no writes");
    } else if (access(inspection->dir, W_OK | X_OK) != 0) {
        findings_add(inspection->findings, FINDING_DIR_FOREIGN, inspection->dir, "user %u may not write there; it belongs to user %u and its mode is %03o",
                     (unsigned)geteuid(), (unsigned)info.st_uid, (unsigned)info.st_mode & 0777);
    }
    doctor_room(doctor, &vfs);
    findings_note(inspection->findings, "disk");
}

void doctor_files(const struct doctor *doctor)
{
    static const char *const secrets[] = {"node.key", "federation.json", "authority.key", "qanat.db"}, *const folders[] = {"blobs", "tmp"};
    struct inspection *inspection = doctor->inspection;
    struct report report = {.status = S_OK};
    char path[DIR_PATH_MAX];
    struct stat info;

    for (size_t i = 0; i < sizeof secrets / sizeof *secrets; i++) {
        if (dir_path(inspection->dir, secrets[i], path) == S_OK && stat(path, &info) == 0 && (info.st_mode & 077)) {
            findings_add(inspection->findings, FINDING_PERMISSIONS_OPEN, secrets[i], "its mode is %03o: others can read or write it",
                         (unsigned)info.st_mode & 0777);
        }
    }
    if (inspection->store && store_check_rights(inspection->dir, true, &report) != S_OK) {
        findings_add(inspection->findings, FINDING_FILE_FOREIGN, "qanat.db", "%s", report.text); /* one that may not even be read was told when it was opened */
    }
    for (size_t i = 0; i < sizeof folders / sizeof *folders; i++) {
        if (dir_path(inspection->dir, folders[i], path) == S_OK && access(path, F_OK) == 0 && access(path, R_OK | X_OK) != 0) {
            findings_add(inspection->findings, FINDING_DIR_FOREIGN, folders[i], "user %u may not look into it: no course can be read or stored",
                         (unsigned)geteuid());
        }
    }
    if (dir_path(inspection->dir, "authority.key", path) == S_OK && access(path, F_OK) == 0) {
        findings_add(inspection->findings, FINDING_AUTHORITY_ONLINE, "authority.key", "the federation's highest key lies on a machine with a network");
    }
    findings_note(inspection->findings, "permissions");
}

void doctor_database(const struct doctor *doctor)
{
    struct inspection *inspection = doctor->inspection;
    char path[DIR_PATH_MAX];
    struct stat info;

    if (inspection->store) {
        struct db *db = store_read_begin(inspection->store);
        if (!audit_quick(db)) {
            findings_add(inspection->findings, FINDING_PAGES_DAMAGED, "qanat.db", "its structure is damaged: qanat verify says more");
        }
        store_read_end(inspection->store, db);
    }
    if (dir_path(inspection->dir, "qanat.db-wal", path) == S_OK && stat(path, &info) == 0 && info.st_size >> 20 > DOCTOR_WAL_MIB) {
        findings_add(inspection->findings, FINDING_WAL_LARGE, "qanat.db-wal", "%lld MiB", (long long)info.st_size >> 20);
    }
    findings_note(inspection->findings, "database");
}

void doctor_program(const struct doctor *doctor)
{
    struct inspection *inspection = doctor->inspection;
    char path[DIR_PATH_MAX], text[32] = "", link[64];
    struct stat own, other;
    FILE *file;

    if (!doctor->is_running || dir_path(inspection->dir, "lock", path) != S_OK || !(file = fopen(path, "re"))) {
        return;
    }
    long pid = fgets(text, sizeof text, file) ? strtol(text, NULL, 10) : 0;
    fclose(file);
    snprintf(link, sizeof link, "/proc/%ld/exe", pid);
    if (pid <= 0 || stat("/proc/self/exe", &own) != 0 || stat(link, &other) != 0) {
        return; /* another user's */
    }
    findings_note(inspection->findings, "program");
    if (own.st_dev != other.st_dev || own.st_ino != other.st_ino) {
        findings_add(inspection->findings, FINDING_NODE_OUTDATED, inspection->dir, "process %ld runs another program than qanat %s, which asks", pid,
                     PACKAGE_VERSION);
    }
}

void doctor_limits(const struct doctor *doctor)
{
    struct inspection *inspection = doctor->inspection;
    struct rlimit files;
    rlim_t needed = strcmp(inspection->config.kind, "hub") == 0 ? DOCTOR_FILES_HUB : DOCTOR_FILES_MIN;

    if (getrlimit(RLIMIT_NOFILE, &files) == 0 && files.rlim_max < needed) {
        findings_add(inspection->findings, FINDING_FILES_FEW, "open files", "at most %llu here, %llu may be needed",
                     (unsigned long long)files.rlim_max, (unsigned long long)needed);
    }
    findings_note(inspection->findings, "limits");
}
