/* The options of all commands that serve a page. */
#ifndef NCA_CLI_PAGE_SERVE_OPTIONS_H
#define NCA_CLI_PAGE_SERVE_OPTIONS_H

#include "cli/options.h"

/* The options of such a command; serve_options_read reads them. */
#define BIND_OPTIONS                                                                               \
    {"bind", 0, "ADDRESS",                                                                         \
     "Serve the page to other machines too, on this IPv4 address of this machine, or on all its "  \
     "addresses with 0.0.0.0. Needs a key of 16 to 64 letters and digits, which viewers must "     \
     "give. The key is read from the environment variable NCA_KEY or one of the next two "         \
     "options. [127.0.0.1]"},                                                                      \
        {"key-file", 0, "FILE", "Read the key from the first line of FILE."},                      \
    {                                                                                              \
        "key", 0, "TEXT",                                                                          \
            "Use TEXT as the key. Other users of this machine can see it in the process list, so " \
            "NCA_KEY or --key-file is safer."                                                      \
    }

/* The options of a command that serves its page until it is stopped. */
#define SERVE_OPTIONS                                                                   \
    {"port", 0, "N", "Port of the web server. [8642, or a free port if it is in use]"}, \
    {                                                                                   \
        "no-open", 0, NULL, "Print the address without opening a browser."              \
    }

/* Determines the address; `port` is the name of the option for the port, whose value may be empty.
 * Returns EXIT_OK, or another exit code after a message. The key stays valid until the program
 * ends. */
int serve_options_read(nca_server_options *out, const option_values *given, const char *port);

#endif
