/* The thread of a server. */
#include "serve/loop.h"

#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/clock.h"

static const double tick = 0.5;         /* seconds between two checks of connection timeouts */
static const double accept_pause = 0.1; /* seconds after the system had no file for a connection */

enum {
    LISTENER, /* positions in the list for poll() */
    WAKE,
    CLIENTS
};

struct nca__loop {
    pthread_t thread;
    const nca__site *site;
    int listener;
    int wake[2]; /* a pipe: reading end, writing end */
    atomic_bool woken, stopping;
    nca__client *clients[NCA__LOOP_MOST]; /* oldest first */
    size_t count, most;
    double accept_after;
};

/* Closes a client and removes it from the list. */
static void drop(nca__loop *loop, size_t index)
{
    nca__client_destroy(loop->clients[index]);
    loop->count--;
    for (size_t i = index; i < loop->count; i++) {
        loop->clients[i] = loop->clients[i + 1];
    }
}

/* Closes the oldest client that may be closed; false if there is none. */
static bool make_room(nca__loop *loop)
{
    for (size_t i = 0; i < loop->count; i++) {
        if (nca__client_may_go(loop->clients[i])) {
            drop(loop, i);
            return true;
        }
    }
    return false;
}

/* Accepts a waiting connection; false if there is none, or none can be accepted now. */
static bool take_client(nca__loop *loop, double now)
{
    const int one = 1;
    const int socket = accept4(loop->listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
    if (socket < 0) {
        const int reason = errno;
        if (reason == EMFILE || reason == ENFILE || reason == ENOBUFS || reason == ENOMEM) {
            make_room(loop);
            loop->accept_after = now + accept_pause;
        }
        return reason == EINTR || reason == ECONNABORTED;
    }
    setsockopt(socket, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
    if (loop->count == loop->most && !make_room(loop)) {
        close(socket);
        return true;
    }
    nca__client *client = nca__client_create(socket, loop->site, now);
    if (client != NULL) {
        loop->clients[loop->count++] = client;
    }
    return true;
}

static void step_clients(nca__loop *loop, const struct pollfd *found, size_t count, double now)
{
    size_t kept = 0;
    for (size_t i = 0; i < loop->count; i++) {
        const short events = i < count ? found[i].revents : 0;
        if (nca__client_step(loop->clients[i], events, now)) {
            loop->clients[kept++] = loop->clients[i];
        } else {
            nca__client_destroy(loop->clients[i]);
        }
    }
    loop->count = kept;
}

static void hear_wake(nca__loop *loop)
{
    char bytes[64];
    while (read(loop->wake[0], bytes, sizeof bytes) > 0) {
    }
    atomic_store(&loop->woken, false); /* before the clients check the board */
}

/* Waits until there is something to do, and does it. */
static void turn(nca__loop *loop)
{
    struct pollfd list[CLIENTS + NCA__LOOP_MOST];
    const size_t count = loop->count;
    const bool accepting = nca__seconds() >= loop->accept_after;
    list[LISTENER] = (struct pollfd){.fd = accepting ? loop->listener : -1, .events = POLLIN};
    list[WAKE] = (struct pollfd){.fd = loop->wake[0], .events = POLLIN};
    for (size_t i = 0; i < count; i++) {
        list[CLIENTS + i] = (struct pollfd){.fd = nca__client_socket(loop->clients[i]),
                                            .events = nca__client_events(loop->clients[i])};
    }
    const double wait = !accepting ? accept_pause : count > 0 ? tick : -1;
    if (poll(list, CLIENTS + count, wait < 0 ? -1 : (int)(1000 * wait)) < 0) {
        return;
    }
    if (list[WAKE].revents != 0) {
        hear_wake(loop);
    }
    const double now = nca__seconds();
    step_clients(loop, list + CLIENTS, count, now);
    for (size_t i = 0; i < loop->most && list[LISTENER].revents != 0; i++) {
        if (!take_client(loop, now)) {
            break;
        }
    }
}

static void *loop_main(void *argument)
{
    nca__loop *loop = argument;
    while (!atomic_load(&loop->stopping)) {
        turn(loop);
    }
    for (size_t i = 0; i < loop->count; i++) {
        nca__client_farewell(loop->clients[i]);
    }
    while (loop->count > 0) {
        drop(loop, loop->count - 1);
    }
    return NULL;
}

/* Starts a thread with a fixed stack size and all signals blocked, so that they are delivered to
 * the caller's threads. Returns 0 or an errno. */
static int start_thread(nca__loop *loop)
{
    pthread_attr_t attributes;
    sigset_t all, before;
    int code = pthread_attr_init(&attributes);
    if (code != 0) {
        return code;
    }
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    code = pthread_attr_setstacksize(&attributes, NCA__LOOP_STACK);
    if (code == 0) {
        code = pthread_create(&loop->thread, &attributes, loop_main, loop);
    }
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    pthread_attr_destroy(&attributes);
    return code;
}

static void release(nca__loop *loop)
{
    for (size_t i = 0; i < 2; i++) {
        if (loop->wake[i] >= 0) {
            close(loop->wake[i]);
        }
    }
    close(loop->listener);
    free(loop);
}

nca__loop *nca__loop_start(int listener, const nca__site *site)
{
    nca__loop *loop = calloc(1, sizeof *loop);
    if (loop == NULL) {
        close(listener);
        errno = ENOMEM;
        return NULL;
    }
    /* Most of the files that the process may open remain available to the rest of the program. */
    struct rlimit files;
    loop->most = NCA__LOOP_MOST;
    if (getrlimit(RLIMIT_NOFILE, &files) == 0 && files.rlim_cur / 4 < loop->most) {
        const size_t least = 2 * NCA_SERVER_WATCHERS;
        loop->most = files.rlim_cur / 4 > least ? (size_t)files.rlim_cur / 4 : least;
    }
    loop->listener = listener;
    loop->site = site;
    loop->wake[0] = loop->wake[1] = -1;
    const int code = pipe2(loop->wake, O_NONBLOCK | O_CLOEXEC) != 0 ? errno : start_thread(loop);
    if (code != 0) {
        release(loop);
        errno = code;
        return NULL;
    }
    return loop;
}

void nca__loop_wake(nca__loop *loop)
{
    if (!atomic_exchange(&loop->woken, true)) {
        const ssize_t written = write(loop->wake[1], "", 1);
        (void)written; /* a full pipe also wakes the thread */
    }
}

void nca__loop_stop(nca__loop *loop)
{
    if (loop == NULL) {
        return;
    }
    atomic_store(&loop->stopping, true);
    atomic_store(&loop->woken, false);
    nca__loop_wake(loop);
    pthread_join(loop->thread, NULL);
    release(loop);
}
