/* The options of every command that serves a page. */
#ifndef NCA_CLI_SERVE_OPTIONS_H
#define NCA_CLI_SERVE_OPTIONS_H

#include "cli/options.h"

/* The rows that such a command puts into its table; serve_options_read reads them. */
#define BIND_OPTIONS                                                                             \
    {"bind", 0, "ADDRESS",                                                                       \
     "Serve the page to other machines too, on this IPv4 address of this one or on 0.0.0.0. "    \
     "Needs a key: 16 letters and digits or more that others must know, taken from the "         \
     "environment variable NCA_KEY or from one of the next two options. [127.0.0.1]"},           \
        {"key-file", 0, "FILE", "Read the key from the first line of this file."},               \
    {                                                                                            \
        "key", 0, "TEXT",                                                                        \
            "The key itself. Other users of this machine can read it in the list of processes, " \
            "so "                                                                                \
            "prefer NCA_KEY or --key-file."                                                      \
    }

/* Where to serve; `port` is the option that names the port, its value may be empty. Returns
 * EXIT_OK, or another exit code after a message. The key stays valid until the program ends. */
int serve_options_read(nca_server_options *out, const option_values *given, const char *port);

#endif
