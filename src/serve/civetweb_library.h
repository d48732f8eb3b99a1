/* Internal: libcivetweb, opened by the first server: mg_start(...) is nca__civetweb.start(...). */
#ifndef NCA_SERVE_CIVETWEB_LIBRARY_H
#define NCA_SERVE_CIVETWEB_LIBRARY_H

#include <civetweb.h>

#include "base/library.h"

#define NCA__CIVETWEB_FUNCTIONS(F) \
    F(mg_, get_header)             \
    F(mg_, get_request_info)       \
    F(mg_, get_server_ports)       \
    F(mg_, init_library)           \
    F(mg_, printf)                 \
    F(mg_, set_request_handler)    \
    F(mg_, set_websocket_handler)  \
    F(mg_, start)                  \
    F(mg_, stop)                   \
    F(mg_, websocket_write)        \
    F(mg_, write)

/* Empty until nca__civetweb_open. */
extern struct nca__civetweb_functions {
    NCA__CIVETWEB_FUNCTIONS(NCA__LIBRARY_POINTER)
} nca__civetweb;

/* NCA_UNSUPPORTED, with the package to install, when there is no libcivetweb. */
nca_status nca__civetweb_open(nca_error *error);

#endif
