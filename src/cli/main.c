/* The entry of the program: finds the command and runs it. */
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "cli/commands.h"
#include "cli/data_root.h"
#include "cli/dispatch.h"
#include "cli/stop.h"
#include "cli/together.h"
#include "nca/version.h"

/* The parent may have closed a standard stream. The first opened file would get its number, and
 * messages would go to that file. Therefore the number is assigned to a read-only descriptor, so
 * that lost output is still an error. */
static void hold_standard_streams(void)
{
    int file = open("/dev/null", O_RDONLY);
    while (file >= 0 && file <= STDERR_FILENO) {
        file = open("/dev/null", O_RDONLY);
    }
    if (file > STDERR_FILENO) {
        close(file);
    }
}

/* Whether standard output is a pipe without a reader. */
static bool reader_has_left(void)
{
    struct pollfd end = {.fd = STDOUT_FILENO, .events = POLLOUT};
    return poll(&end, 1, 0) == 1 && (end.revents & POLLERR) != 0;
}

/* Output that could not be written is an error, even if this is detected at the end. A reader that
 * has closed the pipe, such as head, has all it needs: there is no message, and the exit code is
 * the one that shells use. */
static int flushed(int code)
{
    if (fflush(stdout) != 0 || ferror(stdout)) {
        if (reader_has_left()) {
            return code == EXIT_OK ? EXIT_SIGNALLED + SIGPIPE : code;
        }
        note("standard output: cannot write");
        return code == EXIT_OK ? EXIT_FAILED : code;
    }
    return code;
}

static int run_command(int count, char **arguments)
{
    return flushed(dispatch(&all_commands, count, arguments));
}

int main(int count, char **arguments)
{
    hold_standard_streams();
    stop_ignore_writes();
    set_up_devices(note_text);
    if (count > 1 && strcmp(arguments[1], "--version") == 0) {
        printf("nca %s\n", nca_version());
        return flushed(EXIT_OK);
    }
    return is_together() ? run_together(run_command, count - 1, arguments + 1)
                         : run_command(count - 1, arguments + 1);
}
