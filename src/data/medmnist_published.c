/* Test scores from Yang et al., "MedMNIST v2 - A large-scale lightweight benchmark for 2D and 3D
 * biomedical image classification", Scientific Data 10:41 (2023), tables 3 and 4. The
 * list is not complete. */
#include "nca/medmnist_published.h"

#include <string.h>

static const nca_medmnist_published rows[] = {
    {"ResNet-18 (28)", "pathmnist", 0.983, 0.907},
    {"ResNet-18 (28)", "chestmnist", 0.768, 0.947},
    {"ResNet-18 (28)", "dermamnist", 0.917, 0.735},
    {"ResNet-18 (28)", "octmnist", 0.943, 0.743},
    {"ResNet-18 (28)", "pneumoniamnist", 0.944, 0.854},
    {"ResNet-18 (28)", "retinamnist", 0.717, 0.524},
    {"ResNet-18 (28)", "breastmnist", 0.901, 0.863},
    {"ResNet-18 (28)", "bloodmnist", 0.998, 0.958},
    {"ResNet-18 (28)", "tissuemnist", 0.930, 0.676},
    {"ResNet-18 (28)", "organamnist", 0.997, 0.935},
    {"ResNet-18 (28)", "organcmnist", 0.992, 0.900},
    {"ResNet-18 (28)", "organsmnist", 0.972, 0.782},
    {"ResNet-18 (224)", "pathmnist", 0.989, 0.909},
    {"ResNet-18 (224)", "chestmnist", 0.773, 0.947},
    {"ResNet-18 (224)", "dermamnist", 0.920, 0.754},
    {"ResNet-18 (224)", "pneumoniamnist", 0.956, 0.864},
    {"ResNet-18 (224)", "retinamnist", 0.710, 0.493},
    {"ResNet-50 (28)", "pathmnist", 0.990, 0.911},
    {"ResNet-50 (28)", "chestmnist", 0.769, 0.947},
    {"ResNet-50 (28)", "dermamnist", 0.913, 0.735},
    {"ResNet-50 (28)", "octmnist", 0.952, 0.762},
    {"ResNet-50 (28)", "pneumoniamnist", 0.948, 0.854},
    {"ResNet-50 (28)", "retinamnist", 0.726, 0.528},
    {"ResNet-50 (28)", "breastmnist", 0.857, 0.812},
    {"ResNet-50 (28)", "bloodmnist", 0.997, 0.956},
    {"ResNet-50 (28)", "tissuemnist", 0.931, 0.680},
    {"ResNet-50 (28)", "organamnist", 0.997, 0.935},
    {"ResNet-50 (28)", "organcmnist", 0.992, 0.905},
    {"ResNet-50 (28)", "organsmnist", 0.972, 0.770},
    {"ResNet-50 (224)", "pathmnist", 0.989, 0.892},
    {"ResNet-50 (224)", "chestmnist", 0.773, 0.948},
    {"ResNet-50 (224)", "dermamnist", 0.912, 0.731},
    {"ResNet-50 (224)", "octmnist", 0.958, 0.776},
    {"ResNet-50 (224)", "pneumoniamnist", 0.962, 0.884},
    {"ResNet-50 (224)", "retinamnist", 0.716, 0.511},
    {"ResNet-50 (224)", "breastmnist", 0.866, 0.842},
    {"ResNet-50 (224)", "bloodmnist", 0.997, 0.950},
    {"ResNet-50 (224)", "tissuemnist", 0.932, 0.680},
    {"ResNet-50 (224)", "organamnist", 0.998, 0.947},
    {"ResNet-50 (224)", "organcmnist", 0.993, 0.911},
    {"ResNet-50 (224)", "organsmnist", 0.975, 0.785},
    {"auto-sklearn", "pathmnist", 0.934, 0.716},
    {"auto-sklearn", "chestmnist", 0.649, 0.779},
    {"auto-sklearn", "pneumoniamnist", 0.942, 0.855},
    {"auto-sklearn", "retinamnist", 0.690, 0.515},
    {"AutoKeras", "pathmnist", 0.959, 0.834},
    {"AutoKeras", "chestmnist", 0.742, 0.937},
    {"AutoKeras", "pneumoniamnist", 0.947, 0.878},
    {"AutoKeras", "retinamnist", 0.719, 0.503},
    {"Google AutoML Vision", "pathmnist", 0.944, 0.728},
    {"Google AutoML Vision", "chestmnist", 0.778, 0.948},
    {"Google AutoML Vision", "pneumoniamnist", 0.991, 0.946},
    {"Google AutoML Vision", "retinamnist", 0.750, 0.531},
    {"ResNet-18 + 3D", "organmnist3d", 0.996, 0.907},
    {"ResNet-18 + ACS", "organmnist3d", 0.994, 0.900},
    {"ResNet-50 + 3D", "organmnist3d", 0.994, 0.883},
    {"ResNet-50 + 3D", "nodulemnist3d", 0.875, 0.847},
    {"ResNet-50 + 3D", "fracturemnist3d", 0.725, 0.494},
    {"ResNet-50 + 3D", "adrenalmnist3d", 0.828, 0.745},
    {"ResNet-50 + 3D", "vesselmnist3d", 0.907, 0.918},
    {"ResNet-50 + 3D", "synapsemnist3d", 0.851, 0.795},
};

const nca_medmnist_published *nca_medmnist_published_at(size_t index)
{
    return index < sizeof rows / sizeof *rows ? &rows[index] : NULL;
}

const nca_medmnist_published *nca_medmnist_published_of(const char *method, const char *set)
{
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        if (strcmp(rows[i].method, method) == 0 && strcmp(rows[i].set, set) == 0) {
            return &rows[i];
        }
    }
    return NULL;
}

const char *nca_medmnist_published_source(void)
{
    return "Yang et al., MedMNIST v2, Scientific Data 10:41 (2023), tables 3 and 4; (224) are "
           "28-pixel images enlarged to 224";
}
