/* For tests: an HTTP server on the loopback interface that serves one file, correctly or
 * incorrectly. */
#ifndef NCA_TESTS_DATA_HTTP_SERVER_H
#define NCA_TESTS_DATA_HTTP_SERVER_H

#include <stddef.h>
#include <stdint.h>

/* The first part of a path chooses how the file is served; the rest is ignored:
 *
 *   /plain      well, ranges too                  /short      half of it, then the connection ends
 *   /whole      ranges are ignored                /claims-more, /claims-less
 *   /wrong      a byte differs                                a Content-Length that is not true
 *   /other-part a range, but not the one asked    /unsized    half of it, and no Content-Length
 *   /stall      half of it, then silence          /trickle    slowly, all of it
 *   /redirect   to /plain                         /loop       to itself
 *   /to-file    to a file: address                /silent     takes the request, says nothing
 *   /404 /403 /500 /503   that answer
 */
typedef struct http_server http_server;

/* Listens on a free port of 127.0.0.1; NULL with errno. `bytes` are borrowed. */
http_server *http_server_start(const void *bytes, size_t size);
unsigned http_server_port(const http_server *server);
/* The number of requests so far, and the first byte of the last requested range (0: the whole
 * file). */
unsigned http_server_requests(http_server *server);
uint64_t http_server_last_start(http_server *server);
/* Ends active connections and the threads. */
void http_server_stop(http_server *server);

#endif
