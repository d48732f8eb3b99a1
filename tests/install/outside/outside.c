/* A program outside the project, built with an installed libnca by the install tests. It uses every
 * part that has a dependency of its own: JSON, YAML, PNG, cairo, GIF, threads. */
#include <stdio.h>
#include <string.h>

#include <nca/nca.h>

static int failed(const char *what, const nca_error *error)
{
    fprintf(stderr, "outside: %s: %s: %s\n", what, nca_status_name(error->status), error->message);
    return 1;
}

int main(int count, char **arguments)
{
    if (count != 2 || strlen(arguments[1]) > 1000) {
        fprintf(stderr, "usage: outside FOLDER\n");
        return 2;
    }
    char path[1100];
    nca_error error;

    nca_settings settings;
    nca_settings_default(&settings);
    const char yaml[] = "img_size: 8\npadding: 4\n";
    if (nca_settings_parse(&settings, yaml, strlen(yaml), "text", &error) != NCA_OK) {
        return failed("settings", &error);
    }

    /* A model that does nothing: its parameters are 0, so the seed does not change. */
    nca_automaton automaton = nca_settings_automaton(&settings);
    nca_model *made = NULL, *model = NULL;
    snprintf(path, sizeof path, "%s/still.safetensors", arguments[1]);
    if (nca_model_create(&made, &automaton, &error) != NCA_OK ||
        nca_model_save(made, path, &error) != NCA_OK ||
        nca_model_load(&model, path, &error) != NCA_OK) {
        return failed("model", &error);
    }

    nca_rollout_options options;
    nca_rollout_options_default(&options, model);
    options.height = options.width = 16;
    nca_rollout *rollout = NULL;
    if (nca_rollout_create(&rollout, model, &options, &error) != NCA_OK ||
        nca_rollout_run(rollout, 5, &error) != NCA_OK) {
        return failed("rollout", &error);
    }
    float rgba[16 * 16 * 4];
    nca_rollout_rgba(rgba, rollout, 0);
    size_t living = 0;
    for (size_t cell = 0; cell < 16 * 16; cell++) {
        living += rgba[cell * 4 + 3] > 0.5f;
    }
    if (living != 1 || nca_rollout_steps(rollout) != 5) {
        fprintf(stderr, "outside: %zu living cells, expected the seed alone\n", living);
        return 1;
    }

    nca_image *picture = NULL, *back = NULL;
    nca_colour white = {255, 255, 255};
    snprintf(path, sizeof path, "%s/seed.png", arguments[1]);
    if (nca_picture_rgba(&picture, rgba, 16, 16, white, &error) != NCA_OK ||
        nca_image_save_png(picture, path, &error) != NCA_OK ||
        nca_image_load(&back, path, &error) != NCA_OK) {
        return failed("picture", &error);
    }
    if (memcmp(picture->pixels, back->pixels, (size_t)16 * 16 * 4) != 0) {
        fprintf(stderr, "outside: the picture came back changed\n");
        return 1;
    }

    nca_animation *animation = NULL;
    snprintf(path, sizeof path, "%s/seed.gif", arguments[1]);
    if (nca_animation_open(&animation, path, 16, 16, 10.0, &error) != NCA_OK ||
        nca_animation_add(animation, picture, &error) != NCA_OK ||
        nca_animation_commit(animation, &error) != NCA_OK) {
        return failed("animation", &error);
    }

    const double losses[] = {0.5, 0.1, 0.02};
    nca_loss_plot plot;
    nca_loss_plot_default(&plot);
    plot.title = "outside";
    plot.loss_name = "L2";
    plot.losses = losses;
    plot.count = 3;
    snprintf(path, sizeof path, "%s/loss.png", arguments[1]);
    if (nca_plot_loss(&plot, path, &error) != NCA_OK) {
        return failed("plot", &error);
    }

    nca_animation_destroy(animation);
    nca_image_destroy(back);
    nca_image_destroy(picture);
    nca_rollout_destroy(rollout);
    nca_model_destroy(model);
    nca_model_destroy(made);
    printf("linked with nca %s\n", nca_version());
    return 0;
}
