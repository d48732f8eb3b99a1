/* For scripts: `serve_file FILE` serves FILE as described in http_server.h, prints the port, and
 * runs until its standard input ends. */
#include <stdio.h>
#include <stdlib.h>

#include "data/http_server.h"

int main(int count, char **arguments)
{
    FILE *file = count == 2 ? fopen(arguments[1], "rb") : NULL;
    if (file == NULL) {
        fprintf(stderr, "usage: serve_file FILE\n");
        return 2;
    }
    fseek(file, 0, SEEK_END);
    size_t size = (size_t)ftell(file);
    rewind(file);
    char *bytes = malloc(size + 1);
    http_server *server = NULL;
    if (bytes != NULL && fread(bytes, 1, size, file) == size) {
        server = http_server_start(bytes, size);
    }
    fclose(file);
    if (server == NULL) {
        perror("serve_file");
        free(bytes);
        return 1;
    }
    printf("%u\n", http_server_port(server));
    fflush(stdout);
    while (getchar() != EOF) {
    }
    http_server_stop(server);
    free(bytes);
    return 0;
}
