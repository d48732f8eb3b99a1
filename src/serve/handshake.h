/* Internal: the handshake that turns an HTTP connection into a WebSocket (RFC 6455, section 4).
 * Independent of sockets. */
#ifndef NCA_SERVE_HANDSHAKE_H
#define NCA_SERVE_HANDSHAKE_H

#include <stdbool.h>

#include "nca/status.h"

/* Opens what the handshake needs: NCA_UNSUPPORTED when libcrypto or its SHA-1 is not there. */
nca_status nca__handshake_open(nca_error *error);
/* What proves to a page that its Sec-WebSocket-Key, 24 characters, was read. */
enum {
    NCA__HANDSHAKE_ACCEPT = 29
};
bool nca__handshake_accept(char out[NCA__HANDSHAKE_ACCEPT], const char *key);

#endif
