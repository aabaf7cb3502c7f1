/* powercut.c: cuts a file system off as a power cut does: `powercut DIR`. What was not synced is gone when it
 * is mounted again.
 *
 * The ioctl of XFS that ext4, f2fs and btrfs took over; flag 2 writes no journal first. Needs CAP_SYS_ADMIN.
 */
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/ioctl.h>
#include <unistd.h>

#define IOC_GOINGDOWN _IOR('X', 125, uint32_t)

int main(int argc, char **argv)
{
    uint32_t no_log_flush = 2;
    int fd = argc == 2 ? open(argv[1], O_RDONLY | O_DIRECTORY | O_CLOEXEC) : -1;

    if (fd < 0 || ioctl(fd, IOC_GOINGDOWN, &no_log_flush) != 0) {
        perror(argc == 2 ? argv[1] : "usage: powercut DIR");
        return 1;
    }
    close(fd);
    return 0;
}
