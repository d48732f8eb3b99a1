/* The options of every command that serves a page. */
#ifndef NCA_CLI_SERVE_OPTIONS_H
#define NCA_CLI_SERVE_OPTIONS_H

#include "cli/options.h"

/* The rows that such a command puts into its table; serve_options_read reads them. */
#define BIND_OPTIONS                                                                             \
    {"bind", 0, "ADDRESS",                                                                       \
     "Serve the page to other machines too, on this IPv4 address of this one or on 0.0.0.0. "    \
     "Needs --key. [127.0.0.1]"},                                                                \
    {                                                                                            \
        "key", 0, "TEXT",                                                                        \
            "What others must know: 16 letters and digits or more. The address that is printed " \
            "holds it."                                                                          \
    }

/* Where to serve; `port` is the option that names the port, its value may be empty. Returns
 * EXIT_OK, or EXIT_USAGE after a message. */
int serve_options_read(nca_server_options *out, const option_values *given, const char *port);

#endif
