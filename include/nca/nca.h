/* All of libnca. The parts, bottom up: */
#ifndef NCA_NCA_H
#define NCA_NCA_H

#include "nca/status.h"

/* core, freestanding */
#include "nca/adam.h"
#include "nca/automaton.h"
#include "nca/damage.h"
#include "nca/kernels.h"
#include "nca/loss.h"
#include "nca/philox.h"

/* files and data */
#include "nca/colourmap.h"
#include "nca/download.h"
#include "nca/image.h"
#include "nca/medmnist_catalogue.h"
#include "nca/model.h"
#include "nca/npz.h"
#include "nca/safetensors.h"
#include "nca/settings.h"
#include "nca/target.h"

/* running, training, looking */
#include "nca/animation.h"
#include "nca/picture.h"
#include "nca/plot.h"
#include "nca/rollout.h"
#include "nca/train.h"

#endif
