/* All of libnca. Its parts, bottom up: */
#ifndef NCA_NCA_H
#define NCA_NCA_H

#include "nca/export.h"
#include "nca/files.h"
#include "nca/machine.h"
#include "nca/spread.h"
#include "nca/status.h"
#include "nca/sweep.h"
#include "nca/version.h"

/* core, freestanding */
#include "nca/adam.h"
#include "nca/automaton.h"
#include "nca/damage.h"
#include "nca/device.h"
#include "nca/kernels.h"
#include "nca/loss.h"
#include "nca/muon.h"
#include "nca/optimiser.h"
#include "nca/philox.h"
#include "nca/precision.h"
#include "nca/profile.h"

/* files and data */
#include "nca/changes.h"
#include "nca/colormap.h"
#include "nca/download.h"
#include "nca/exif.h"
#include "nca/image.h"
#include "nca/medmnist.h"
#include "nca/medmnist_batches.h"
#include "nca/medmnist_catalogue.h"
#include "nca/medmnist_synthetic.h"
#include "nca/model.h"
#include "nca/npz.h"
#include "nca/safetensors.h"
#include "nca/settings.h"
#include "nca/target.h"
#include "nca/torch.h"

/* running, training, drawing, measuring */
#include "nca/animation.h"
#include "nca/evaluate.h"
#include "nca/graphics.h"
#include "nca/growth.h"
#include "nca/page.h"
#include "nca/picture.h"
#include "nca/plot.h"
#include "nca/quality.h"
#include "nca/report.h"
#include "nca/rollout.h"
#include "nca/run.h"
#include "nca/run_folder.h"
#include "nca/run_rows.h"
#include "nca/run_sweep.h"
#include "nca/run_watch.h"
#include "nca/scores.h"
#include "nca/server.h"
#include "nca/train.h"
#include "nca/view.h"

#endif
