/* The table of commands. */
#include "cli/commands.h"

static const command commands[] = {
    {"train", command_train, "Train an automaton to grow an image or to classify images.",
     &train_help, NULL},
    {"sweep", command_sweep, "Train all combinations of lists of settings and compare the runs.",
     &sweep_help, NULL},
    {"visualize", command_visualize,
     "Draw the growth of a trained automaton as an animation or a filmstrip.", &visualize_help,
     NULL},
    {"play", command_play, "Open a web page with the running automaton and edit it with the mouse.",
     &play_help, NULL},
    {"export", command_export,
     "Write a running automaton to one HTML file that works offline, or a model as ONNX.",
     &export_help, NULL},
    {"watch", command_watch, "Show runs in a web page while they train.", &watch_help, NULL},
    {"evaluate", command_evaluate,
     "Measure how well a model grows, is stable and regenerates, or how well it classifies.",
     &evaluate_help, NULL},
    {"predict", command_predict, "Predict the classes of images with a classifier.", &predict_help,
     NULL},
    {"report", command_report, "Write a report about one or more runs as a single HTML file.",
     &report_help, NULL},
    {"rollout", command_rollout, "Grow a model and save its states for NumPy.", &rollout_help,
     NULL},
    {"info", command_info, "Show the contents of a model file or a run folder.", &info_help, NULL},
    {"convert", command_convert, "Convert a model from or to PyTorch (.pt).", &convert_help, NULL},
    {"data", command_data, "List, download, show and export the MedMNIST image sets.", NULL,
     &data_commands},
    {"benchmark-medmnist", command_benchmark_medmnist,
     "Train classifiers on all sets of MedMNIST and write the table of their scores.",
     &benchmark_medmnist_help, NULL},
    {"bench", command_bench, "Benchmark this machine.", &bench_help, NULL},
    {NULL, NULL, NULL, NULL, NULL},
};

const command_group all_commands = {
    .name = "nca",
    .purpose =
        "Neural cellular automata: trains an automaton to grow an image from a single cell, runs\n"
        "it and draws it. The same settings and seed give bit-identical results.",
    .commands = commands,
    .version = true,
    .examples = "  nca train --target photo.png -o runs/photo\n"
                "  nca visualize runs/photo -o photo.gif\n"
                "  nca data get breastmnist\n"
                "  nca train --target medmnist:breastmnist/train/4\n",
};
