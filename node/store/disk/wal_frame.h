/* wal_frame.h: frames of SQLite's write-ahead log, and a single flipped bit in one of them put back.
 *
 * https://www.sqlite.org/fileformat2.html#the_write_ahead_log. A frame is 24 bytes (page number, size after the
 * commit, two salts, two sums; big endian) and a page. The sums go on from those of the frame before. They are two
 * running sums modulo 2^32 and so linear: what a flipped bit adds to them depends on its place alone, and the bit is
 * found by trying all places. Without this a flipped bit would end the log there, and commits that were acknowledged
 * would be gone until a peer returns them. The highest nine bits of a word look alike in several places (the sums
 * repeat like Fibonacci's numbers modulo a power of two): where more than one bit would do, none is touched. */
#ifndef QANAT_NODE_STORE_DISK_WAL_FRAME_H
#define QANAT_NODE_STORE_DISK_WAL_FRAME_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "node/store/disk/page_seal.h"

enum { WAL_HEADER_SIZE = 32, WAL_FRAME_HEAD_SIZE = 24, WAL_FRAME_SIZE = WAL_FRAME_HEAD_SIZE + PAGE_SIZE };

/* Judges the head of the file; `salts`: the 8 bytes that the first frame says, NULL when there is none. */
enum page_state wal_header_look(uint8_t header[WAL_HEADER_SIZE], const uint8_t salts[8]);

/* Is this the head of a frame of the log's present round? By its salts alone. And the page that it holds. */
bool wal_frame_is_of(const uint8_t header[WAL_HEADER_SIZE], const uint8_t frame_head[WAL_FRAME_HEAD_SIZE]);
uint32_t wal_frame_page(const uint8_t frame_head[WAL_FRAME_HEAD_SIZE]);

/* Judges a frame; `before` are the 8 bytes of sums of the frame before it, or the last 8 of the header (which is
 * sound). PAGE_UNSEALED: a frame of an earlier log, which ends this one. */
enum page_state wal_frame_look(const uint8_t header[WAL_HEADER_SIZE], const uint8_t before[8],
                               uint8_t frame[WAL_FRAME_SIZE]);

#endif
