/* Where a page is served. */
#include "cli/serve_options.h"

int serve_options_read(nca_server_options *out, const option_values *given, const char *port)
{
    const char *text = options_value(given, port);
    size_t number = 0;
    if (text != NULL && text[0] != 0 && !options_count(&number, given, port, 1, 65535)) {
        return EXIT_USAGE;
    }
    out->port = (unsigned)number;
    out->bind = options_value(given, "bind");
    out->key = options_value(given, "key");
    if (out->bind != NULL && out->key == NULL) {
        return complain_usage("--bind: who may reach the page from elsewhere must know a key; give "
                              "one with --key");
    }
    return EXIT_OK;
}
