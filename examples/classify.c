/* Names the class of an image with a trained classifier. With libnca installed (`make install`):
 *
 *     cc classify.c $(pkg-config --cflags --libs nca) -o classify
 *     ./classify runs/blood/model.safetensors scan.png [ROLLOUTS] */
#include <stdio.h>
#include <stdlib.h>

#include <nca/nca.h>

static nca_error error;

static void must(nca_status status)
{
    if (status != NCA_OK) {
        fprintf(stderr, "classify: %s: %s\n", nca_status_meaning(status), error.message);
        exit(EXIT_FAILURE);
    }
}

int main(int count, char **arguments)
{
    nca_model *model;
    nca_image *image;
    if (count < 3) {
        fprintf(stderr, "usage: classify MODEL IMAGE [ROLLOUTS]\n");
        return 2;
    }
    must(nca_model_load(&model, arguments[1], &error));
    const nca_classifier *about = model->classifier; /* NULL: the model grows an image */
    if (about == NULL) {
        fprintf(stderr, "classify: %s is not a classifier\n", arguments[1]);
        return EXIT_FAILURE;
    }
    must(nca_image_load(&image, arguments[2], &error));
    const size_t height = about->height, width = about->width; /* of the training images */
    const size_t channels = model->automaton.input_channels;   /* 1, for grey images, or 3 */
    uint8_t *pixels = malloc(height * width * channels);       /* (H,W,channels) */
    must(pixels != NULL ? NCA_OK : NCA_OUT_OF_MEMORY);
    must(nca_labelled_pixels(pixels, image, channels, height, width, &error));
    double p[NCA_MAX_CLASSES], deviation[NCA_MAX_CLASSES];
    nca_prediction_options options;
    nca_prediction_options_default(&options);
    options.rollouts = count > 3 ? strtoul(arguments[3], NULL, 10) : 16;
    must(nca_predict(p, deviation, NULL, model, pixels, 1, height, width, &options, &error));
    for (size_t k = 0; k < about->classes; k++) {
        printf("%.6f  ± %.6f  %s\n", p[k], deviation[k], about->class_names[k]);
    }
    free(pixels);
    nca_image_destroy(image);
    nca_model_destroy(model);
    return EXIT_SUCCESS;
}
