/* Runs a program and kills it (SIGKILL) just before its Nth call that changes names on the disk,
 * for scripts that test the state after a crash:
 *
 *     kill_at_call N PROGRAM ARGUMENTS...
 *
 * Renames, removals, new folders and new files of the first thread are counted. The exit code is 0
 * if the program was killed, 3 if it ended before its Nth call, and 77 if processes cannot be
 * traced. */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

/* After the C library's header, which does not have the structure in older versions. */
#include <linux/ptrace.h>

enum {
    KILLED = 0,
    ENDED = 3,
    NOT_HERE = 77
};

static bool changes_names(const struct __ptrace_syscall_info *call)
{
    switch (call->entry.nr) {
#ifdef SYS_rename
    case SYS_rename:
    case SYS_unlink:
    case SYS_rmdir:
    case SYS_mkdir:
#endif
#ifdef SYS_renameat
    case SYS_renameat:
#endif
    case SYS_renameat2:
    case SYS_unlinkat:
    case SYS_mkdirat:
        return true;
#ifdef SYS_open
    case SYS_open:
        return (call->entry.args[1] & O_CREAT) != 0;
#endif
    case SYS_openat:
        return (call->entry.args[2] & O_CREAT) != 0;
    default:
        return false;
    }
}

static void be_watched(char **arguments)
{
    if (ptrace(PTRACE_TRACEME, 0, NULL, NULL) != 0) {
        _exit(NOT_HERE);
    }
    raise(SIGSTOP);
    execv(arguments[0], arguments);
    _exit(127);
}

/* Follows the child to its next stop; false if it has ended. */
static bool next_stop(int *out_state, pid_t child, int number)
{
    return ptrace(PTRACE_SYSCALL, child, NULL, number) == 0 &&
           waitpid(child, out_state, 0) == child && WIFSTOPPED(*out_state);
}

int main(int count, char **arguments)
{
    if (count < 3) {
        fprintf(stderr, "usage: kill_at_call N PROGRAM ARGUMENTS...\n");
        return 2;
    }
    long left = strtol(arguments[1], NULL, 10);
    pid_t child = fork();
    if (child == 0) {
        be_watched(arguments + 2);
    }
    int state = 0, number = 0;
    if (child < 0 || waitpid(child, &state, 0) != child || !WIFSTOPPED(state) ||
        ptrace(PTRACE_SETOPTIONS, child, NULL, PTRACE_O_TRACESYSGOOD | PTRACE_O_EXITKILL) != 0) {
        return NOT_HERE;
    }
    while (next_stop(&state, child, number)) {
        struct __ptrace_syscall_info call = {0};
        number = 0;
        if (WSTOPSIG(state) != (SIGTRAP | 0x80)) {
            number = WSTOPSIG(state) != SIGTRAP ? WSTOPSIG(state) : 0;
            continue;
        }
        if (ptrace(PTRACE_GET_SYSCALL_INFO, child, sizeof call, &call) <= 0) {
            kill(child, SIGKILL);
            return NOT_HERE;
        }
        if (call.op == PTRACE_SYSCALL_INFO_ENTRY && changes_names(&call) && --left == 0) {
            kill(child, SIGKILL);
            waitpid(child, &state, 0);
            return KILLED;
        }
    }
    return ENDED;
}
