/* nca rollout: writes the states of a growing batch as NumPy arrays. Only one sample's state is in
 * memory in addition to the batch: the archive requests the next bytes, and the batch advances when
 * a frame is complete. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "cli/commands.h"
#include "cli/model/class_data.h"
#include "cli/model/load_model.h"
#include "cli/model/model_options.h"
#include "cli/option_values.h"
#include "cli/progress.h"
#include "cli/runs/run_list.h"
#include "cli/stop.h"

static const option table[] = {
    {"output", 'o', "FILE", "NumPy .npz archive to write. [states.npz in the folder of the model]"},
    {"steps", 0, "N", "Number of steps. [80]"},
    {"every", 0, "N", "Steps between saved frames; the last step is always saved. [10]"},
    {"batch", 0, "N", "Number of samples, each with its own fire masks. [1]"},
    GRID_SIZE_OPTION,
    FIRE_RATE_OPTION,
    ANGLE_OPTION,
    {"seed", 0, "N", "Random seed for the fire masks. [0]"},
    THREADS_OPTION,
    KERNELS_OPTION,
    DEVICE_OPTION,
    PRECISION_OPTION,
    LOAD_MODEL_OPTIONS,
    QUIET_OPTION,
    {NULL, 0, NULL, NULL},
};

const help_page rollout_help = {
    .usage = "nca rollout MODEL|RUN [--steps N] [--every N] [--batch N] [-o FILE] [OPTIONS]",
    .purpose =
        "Grows a batch from the seed and saves its states for NumPy: states (frames, B, H, W, C)\n"
        "float32, steps (frames) int64, and, if the model has a target of the size of the grid,\n"
        "target (H, W, 4) float32.",
    .table = table,
    .examples =
        "  nca rollout runs/photo --steps 80 --every 10 -o states.npz\n"
        "  nca rollout model.safetensors --batch 8 --fire-rate 1\n"
        "  python3 -c 'import numpy; print(numpy.load(\"states.npz\")[\"states\"].shape)'\n",
};

enum {
    MOST_STEPS = 1000000,
    MOST_BATCH = 65536,
    AXES = 5 /* frames, B, H, W, C */
};

/* A rollout that supplies the data of the archive. */
typedef struct stream {
    nca_rollout *rollout;
    nca_rollout_options options;
    size_t channels;
    size_t steps, every;
    int64_t *frame_steps; /* (frames) */
    size_t frames;
    /* The current sample: */
    float *state;  /* (H,W,C) */
    size_t size;   /* size of the state in bytes */
    size_t given;  /* number of bytes already written */
    size_t sample; /* index in the frame */
    size_t frame;
    progress progress;
} stream;

/* ---- Frames ----------------------------------------------------------------------------------*/

/* 0, every, 2 every, ..., and the last step in any case. */
static bool list_frames(stream *s)
{
    s->frames = s->steps / s->every + 1 + (s->steps % s->every != 0);
    s->frame_steps = calloc(s->frames, sizeof *s->frame_steps);
    for (size_t i = 0; s->frame_steps != NULL && i < s->frames; i++) {
        size_t step = i * s->every;
        s->frame_steps[i] = (int64_t)(step < s->steps ? step : s->steps);
    }
    return s->frame_steps != NULL;
}

static nca_status fail_stopped(nca_error *error)
{
    error->status = NCA_INTERRUPTED;
    snprintf(error->message, sizeof error->message, "stopped; no file was written");
    return NCA_INTERRUPTED;
}

/* Advances to the next sample; after the last sample of a frame, the batch is advanced. */
static nca_status next_sample(stream *s, nca_error *error)
{
    enum {
        PIECE = 64
    }; /* steps between two checks for signals */
    s->given = 0;
    if (++s->sample == s->options.batch) {
        s->sample = 0;
        s->frame++;
    }
    uint64_t goal = (uint64_t)s->frame_steps[s->frame], at = nca_rollout_steps(s->rollout);
    for (; at < goal; at = nca_rollout_steps(s->rollout)) {
        const nca_status status =
            nca_rollout_run(s->rollout, goal - at < PIECE ? (size_t)(goal - at) : PIECE, error);
        if (status != NCA_OK) {
            return status;
        }
        progress_share(&s->progress, "growing", 0, (double)at / (double)s->steps);
        if (stop_signal() != 0) {
            return fail_stopped(error);
        }
    }
    nca_rollout_get(s->state, s->rollout, s->sample);
    return NCA_OK;
}

static nca_status fill(void *user, void *out, size_t size, nca_error *error)
{
    stream *s = user;
    unsigned char *to = out;
    while (size > 0) {
        if (s->given == s->size) {
            nca_status status = next_sample(s, error);
            if (status != NCA_OK) {
                return status;
            }
        }
        size_t left = s->size - s->given, piece = size < left ? size : left;
        memcpy(to, (const unsigned char *)s->state + s->given, piece);
        s->given += piece;
        to += piece;
        size -= piece;
    }
    return NCA_OK;
}

/* ---- The archive -----------------------------------------------------------------------------*/

static nca_status write_states(stream *s, const nca_model *model, const char *path,
                               nca_error *error)
{
    const nca_rollout_options *o = &s->options;
    const size_t shape[AXES] = {s->frames, o->batch, o->height, o->width, s->channels};
    const size_t target[] = {o->height, o->width, 4};
    nca_npz_writer *writer = NULL;
    nca_status status = nca_npz_writer_create(&writer, path, error);
    if (status == NCA_OK) {
        status =
            nca_npz_writer_add_stream(writer, "states", NCA_ARRAY_F32, AXES, shape, fill, s, error);
    }
    if (status == NCA_OK) {
        status = nca_npz_writer_add(writer, "steps", NCA_ARRAY_I64, 1, &s->frames, s->frame_steps,
                                    error);
    }
    bool fits = o->height == model->info.height && o->width == model->info.width;
    if (status == NCA_OK && model->target != NULL && fits) {
        status =
            nca_npz_writer_add(writer, "target", NCA_ARRAY_F32, 3, target, model->target, error);
    }
    if (status == NCA_OK) {
        status = nca_npz_writer_commit(writer, error);
    }
    nca_npz_writer_destroy(writer);
    return status;
}

static nca_status grow(stream *s, const nca_model *model, const char *path, nca_error *error)
{
    s->channels = model->automaton.channels;
    s->size = s->options.height * s->options.width * s->channels * sizeof *s->state;
    s->state = malloc(s->size);
    if (s->state == NULL || !list_frames(s)) {
        error->status = NCA_OUT_OF_MEMORY;
        snprintf(error->message, sizeof error->message, "rollout: out of memory for a state");
        return NCA_OUT_OF_MEMORY;
    }
    nca_status status = nca_rollout_create(&s->rollout, model, &s->options, error);
    if (status == NCA_OK) {
        nca_rollout_get(s->state, s->rollout, 0);
        status = write_states(s, model, path, error);
    }
    return status;
}

/* ---- The command -----------------------------------------------------------------------------*/

static bool read_options(stream *s, const option_values *given)
{
    size_t threads = 0;
    s->steps = 80;
    s->every = 10;
    if (!options_count(&s->steps, given, "steps", 0, MOST_STEPS) ||
        !options_count(&s->every, given, "every", 1, MOST_STEPS) ||
        !options_count(&s->options.batch, given, "batch", 1, MOST_BATCH) ||
        !options_count(&threads, given, "threads", 0, 1024) ||
        !options_u64(&s->options.seed, given, "seed") ||
        !options_size(&s->options.height, &s->options.width, given) ||
        !options_kernels(&s->options.kernels, given) ||
        !options_precision(&s->options.precision, given) ||
        !options_device(&s->options.device, given, s->options.precision)) {
        return false;
    }
    s->options.threads = (unsigned)threads;
    const char *path = options_value(given, "output");
    if (path != NULL && !nca_folder_has_place(path, ".")) {
        complain_usage("-o: the folder of \"%s\" does not exist; create it first", path);
        return false;
    }
    const char *dot = path != NULL ? strrchr(path, '.') : NULL;
    if (path != NULL && (dot == NULL || strcasecmp(dot, ".npz") != 0)) {
        complain_usage("-o: expected a file that ends in .npz, found \"%s\"", path);
        return false;
    }
    return true;
}

/* The path given by -o, or states.npz next to the model. */
static nca_run_path choose_output(const option_values *given, const char *model)
{
    nca_run_path path;
    const char *chosen = options_value(given, "output"), *slash = strrchr(model, '/');
    if (chosen != NULL) {
        snprintf(path.text, sizeof path.text, "%s", chosen);
    } else {
        snprintf(path.text, sizeof path.text, "%.*sstates.npz",
                 slash != NULL ? (int)(slash - model + 1) : 0, model);
    }
    return path;
}

static int roll_out(const option_values *given)
{
    nca_error error;
    nca_model *model = NULL;
    nca_run_path path, run;
    stream s = {0};
    int code = run_list_only(&run, given->positionals[0]);
    if (code == EXIT_OK) {
        code = load_model(&model, &path, run.text, given);
    }
    if (code == EXIT_OK) {
        code = expect_growth(model, path.text, "nca predict runs it on images");
    }
    if (code == EXIT_OK) {
        code = change_angle(model, given);
    }
    if (code == EXIT_OK) {
        nca_rollout_options_default(&s.options, model);
        code = read_options(&s, given) ? EXIT_OK : EXIT_USAGE;
    }
    if (code == EXIT_OK) {
        nca_run_path out = choose_output(given, path.text);
        stop_watch();
        progress_start(&s.progress, options_has(given, "quiet"), 0);
        nca_status status = grow(&s, model, out.text, &error);
        progress_clear(&s.progress);
        int signal_number = stop_signal();
        stop_unwatch();
        if (status == NCA_OK) {
            printf("%s\nstates (%zu, %zu, %zu, %zu, %zu) float32\n", shown(out.text), s.frames,
                   s.options.batch, s.options.height, s.options.width, s.channels);
        } else {
            code = complain(&error);
            code = status == NCA_INTERRUPTED ? EXIT_SIGNALLED + signal_number : code;
        }
    }
    nca_rollout_destroy(s.rollout);
    free(s.state);
    free(s.frame_steps);
    nca_model_destroy(model);
    return code;
}

int command_rollout(int count, char **arguments)
{
    option_values given;
    int code;
    if (!command_begin(&code, &given, "rollout", &rollout_help, 1, "a model file or a run folder",
                       count, arguments)) {
        return code;
    }
    return roll_out(&given);
}
