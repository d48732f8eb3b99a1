/* The address where a page is served, and the key for viewers on other machines. */
#include "cli/page/serve_options.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/option_values.h"

enum {
    KEY_SIZE = 4 * NCA_SERVER_KEY + 2 /* one more than the longest key, to detect longer ones */
};

/* Reads the first line of a file, up to the size of the buffer. It may be a pipe, because keys can
 * come from other programs: --key-file <(...). */
static int read_key_file(char key[KEY_SIZE], const char *path)
{
    errno = 0;
    FILE *file = fopen(path, "re");
    const bool failed = file == NULL || (fgets(key, KEY_SIZE, file) == NULL && ferror(file));
    if (failed) {
        note("%s: cannot read the key: %s", path, strerror(errno));
    }
    if (file != NULL) {
        fclose(file);
    }
    key[strcspn(key, "\r\n")] = 0;
    return failed ? EXIT_FAILED : EXIT_OK;
}

static int read_key(nca_server_options *out, const option_values *given)
{
    static char key[KEY_SIZE];
    const char *text = options_value(given, "key"), *file = options_value(given, "key-file");
    if (text != NULL && file != NULL) {
        return complain_usage(
            "--key and --key-file cannot be used together; give only one of them");
    }
    if (file != NULL) {
        const int code = read_key_file(key, file);
        out->key = code == EXIT_OK ? key : NULL;
        return code;
    }
    /* Without --bind only this machine can reach the page, so the variable may be meant for another
     * server. */
    const char *variable = out->bind != NULL ? getenv("NCA_KEY") : NULL;
    out->key = text != NULL ? text : variable != NULL && variable[0] != 0 ? variable : NULL;
    return EXIT_OK;
}

int serve_options_read(nca_server_options *out, const option_values *given, const char *port)
{
    const char *text = options_value(given, port);
    size_t number = 0;
    nca_server_options_default(out);
    if (text != NULL && text[0] != 0 && !options_count(&number, given, port, 1, 65535)) {
        return EXIT_USAGE;
    }
    out->port = (unsigned)number;
    out->bind = options_value(given, "bind");
    const int code = read_key(out, given);
    if (code == EXIT_OK && out->bind != NULL && out->key == NULL) {
        return complain_usage("--bind: needs a key that other machines must give; set the "
                              "environment variable NCA_KEY or use --key-file");
    }
    return code;
}
