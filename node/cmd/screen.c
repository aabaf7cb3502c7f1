#include "node/cmd/screen.h"

#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "replication/base/bytes.h"
#include "replication/base/check.h"

enum { BLOCK_SIZE = 4096, HELD_MAX = UTF8_SIZE_MAX - 1 }; /* bytes; of a character that is not whole yet */

struct screen {
    FILE *under;
    const char *kept;
    uint8_t held[HELD_MAX];
    size_t held_size;
};

static bool block_show(struct screen *screen, uint8_t *block, size_t size)
{
    size = utf8_disarm(block, size, screen->kept);
    return fwrite(block, 1, size, screen->under) == size;
}

static ssize_t screen_write(void *cookie, const char *data, size_t size)
{
    struct screen *screen = cookie;
    uint8_t block[BLOCK_SIZE];

    for (size_t at = 0; at < size;) {
        size_t used = screen->held_size, taken = size - at < sizeof block - used ? size - at : sizeof block - used;

        memcpy(block, screen->held, used);
        memcpy(block + used, data + at, taken);
        used += taken;
        size_t whole = utf8_whole_size(bytes_of(block, used));
        screen->held_size = used - whole;
        CHECK(screen->held_size <= HELD_MAX);
        memcpy(screen->held, block + whole, screen->held_size);
        if (!block_show(screen, block, whole)) {
            return 0;
        }
        at += taken;
    }
    return fflush(screen->under) == 0 ? (ssize_t)size : 0;
}

static int screen_end(void *cookie)
{
    struct screen *screen = cookie;
    bool is_shown = block_show(screen, screen->held, screen->held_size) && fflush(screen->under) == 0;

    free(screen);
    return is_shown ? 0 : EOF;
}

FILE *screen_over(FILE *under, const char *kept)
{
    const cookie_io_functions_t functions = {.write = screen_write, .close = screen_end};
    struct screen *screen = calloc(1, sizeof *screen);

    CHECK(screen && kept);
    screen->under = under;
    screen->kept = kept;
    FILE *stream = fopencookie(screen, "w", functions);
    CHECK(stream);
    setvbuf(stream, NULL, under == stderr ? _IONBF : _IOLBF, BUFSIZ);
    return stream;
}

FILE *screen_open(FILE *under, const char *kept)
{
    int fd = under ? fileno(under) : -1;

    return fd >= 0 && isatty(fd) ? screen_over(under, kept) : under;
}

size_t screen_columns(FILE *under)
{
    struct winsize size = {.ws_col = 0};
    int fd = under ? fileno(under) : -1;

    return fd >= 0 && ioctl(fd, TIOCGWINSZ, &size) == 0 ? size.ws_col : 0;
}

bool screen_close(FILE *screen, FILE *under)
{
    return screen == under || fclose(screen) == 0;
}

void screen_line(FILE *out, const char *text)
{
    for (size_t size = text ? strlen(text) : 0; size > 0;) {
        uint8_t block[BLOCK_SIZE];
        size_t taken = size <= sizeof block ? size : utf8_whole_size(bytes_of(text, sizeof block));

        memcpy(block, text, taken);
        fwrite(block, 1, utf8_disarm(block, taken, ""), out);
        text += taken;
        size -= taken;
    }
}
