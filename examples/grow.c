/* Grows an image with a trained model. With libnca installed (`make install`):
 *
 *     cc grow.c $(pkg-config --cflags --libs nca) -o grow
 *     ./grow runs/demo/model.safetensors grown.png [STEPS] */
#include <stdio.h>
#include <stdlib.h>

#include <nca/nca.h>

static nca_error error;

static void must(nca_status status)
{
    if (status != NCA_OK) {
        fprintf(stderr, "grow: %s: %s\n", nca_status_meaning(status), error.message);
        exit(EXIT_FAILURE);
    }
}

int main(int count, char **arguments)
{
    if (count < 3) {
        fprintf(stderr, "usage: grow MODEL.safetensors OUT.png [STEPS]\n");
        return 2;
    }
    nca_model *model;
    must(nca_model_load(&model, arguments[1], &error));

    nca_rollout *rollout;
    nca_rollout_options options;
    nca_rollout_options_default(&options, model);
    must(nca_rollout_create(&rollout, model, &options, &error));
    must(nca_rollout_run(rollout, count > 3 ? strtoul(arguments[3], NULL, 10) : 96, &error));

    size_t height = options.height, width = options.width;
    float *rgba = malloc(height * width * 4 * sizeof *rgba); /* (H,W,4) */
    must(rgba != NULL ? NCA_OK : NCA_OUT_OF_MEMORY);
    nca_rollout_rgba(rgba, rollout, 0);

    nca_image *image, *large;
    nca_picture_target target = {model->target, height, width};
    nca_colour background = nca_picture_background_of(&target, model->target != NULL);
    must(nca_picture_rgba(&image, rgba, height, width, background, &error));
    must(nca_image_scale_nearest(&large, image, nca_picture_scale(height, width), &error));
    must(nca_image_save_png(large, arguments[2], &error));

    nca_image_destroy(large);
    nca_image_destroy(image);
    free(rgba);
    nca_rollout_destroy(rollout);
    nca_model_destroy(model);
    return EXIT_SUCCESS;
}
