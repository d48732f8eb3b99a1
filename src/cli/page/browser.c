/* Opens a browser with the desktop's own program. */
#include "cli/page/browser.h"

#include <signal.h>
#include <spawn.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

void browser_open(const char *address)
{
    const bool desktop = getenv("DISPLAY") != NULL || getenv("WAYLAND_DISPLAY") != NULL;
    if (!desktop || strstr(address, "?key=") != NULL) {
        return;
    }
    /* The shell starts it in the background, so that this program does not wait. */
    char shell[] = "/bin/sh", flag[] = "-c", name[] = "nca";
    char script[] = "command -v xdg-open >/dev/null && (xdg-open \"$1\" >/dev/null 2>&1 &)";
    char *arguments[] = {shell, flag, script, name, (char *)address, NULL};
    pid_t child;
    posix_spawnattr_t attributes;
    if (posix_spawnattr_init(&attributes) != 0) {
        return;
    }
    /* The browser must not inherit the ignored signals (cli/stop.h). */
    sigset_t defaults;
    sigemptyset(&defaults);
    sigaddset(&defaults, SIGPIPE);
    sigaddset(&defaults, SIGXFSZ);
    posix_spawnattr_setsigdefault(&attributes, &defaults);
    posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGDEF);
    if (posix_spawn(&child, shell, NULL, &attributes, arguments, environ) == 0) {
        waitpid(child, NULL, 0);
    }
    posix_spawnattr_destroy(&attributes);
}
