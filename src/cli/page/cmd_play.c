/* nca play: shows models in a browser, from a server on this machine. */
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "cli/commands.h"
#include "cli/model/load_model.h"
#include "cli/page/browser.h"
#include "cli/page/page_of_models.h"
#include "cli/page/serve_options.h"
#include "cli/stop.h"

static const option table[] = {
    SERVE_OPTIONS,      BIND_OPTIONS,     PAGE_OPTIONS,          EXAMPLE_OPTIONS,
    LOAD_MODEL_OPTIONS, FIRE_RATE_OPTION, {NULL, 0, NULL, NULL},
};

const help_page play_help = {
    .usage = "nca play MODEL|RUN|SWEEP... [OPTIONS]",
    .purpose =
        "Opens a web page with the running automaton: erase parts of it with the mouse and watch\n"
        "it regenerate, plant seeds, rotate it, change its speed, view its channels. Serves the\n"
        "page on 127.0.0.1, which only this machine can reach, until Ctrl-C. `nca export` writes\n"
        "the same page to a file. The page of a classifier shows how its cells vote on an image.",
    .table = table,
    .examples = "  nca play runs/photo\n"
                "  nca play runs/breast --examples 5\n"
                "  nca play runs/photo runs/laplacian\n"
                "  nca play chest.pt --filter scharr --port 9000 --no-open\n"
                "  nca play a.pt b.pt --filter sobel --filter scharr\n",
};

static int serve(const page_of_models *models, const option_values *given)
{
    nca_server_options options;
    nca_error error;
    const int code = serve_options_read(&options, given, "port");
    if (code != EXIT_OK) {
        return code;
    }
    char *text = NULL;
    nca_status status = nca_page_text(&text, &options.page_length, models->models,
                                      models->list.count, &models->options, &error);
    options.page = text;
    nca_server *server = NULL;
    stop_watch();
    if (status == NCA_OK) {
        status = nca_server_start(&server, &options, &error);
    }
    if (status == NCA_OK) {
        printf("%s  (Ctrl-C stops the server)\n", nca_server_address(server));
        fflush(stdout);
        if (!options_has(given, "no-open")) {
            browser_open(nca_server_address(server));
        }
        const struct timespec while_ = {.tv_nsec = 100000000};
        while (stop_signal() == 0) {
            nanosleep(&while_, NULL);
        }
    }
    nca_server_stop(server);
    stop_unwatch();
    free(text);
    return status == NCA_OK ? EXIT_OK : complain(&error);
}

int command_play(int count, char **arguments)
{
    option_values given;
    int code;
    return command_begin(&code, &given, "play", &play_help, MOST_POSITIONALS, "a model", count,
                         arguments)
               ? with_page_of_models(&given, serve)
               : code;
}
