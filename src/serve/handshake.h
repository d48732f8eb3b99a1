/* Internal: the handshake that turns an HTTP connection into a WebSocket (RFC 6455, section 4). */
#ifndef NCA_SERVE_HANDSHAKE_H
#define NCA_SERVE_HANDSHAKE_H

#include <stdbool.h>

#include "nca/status.h"

/* Loads the library for the handshake: NCA_UNSUPPORTED if libcrypto or its SHA-1 is not
 * available. */
nca_status nca__handshake_open(nca_error *error);
/* The response to a page's Sec-WebSocket-Key, 24 characters. */
enum {
    NCA__HANDSHAKE_ACCEPT = 29
};
bool nca__handshake_accept(char out[NCA__HANDSHAKE_ACCEPT], const char *key);

#endif
