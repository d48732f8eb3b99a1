"""A classifier of nca as a PyTorch module: the same class scores, and training can go on there.

    nca convert runs/blood blood.pt
    python3 examples/classify.py blood.pt scan.npy      (an array (H,W) or (H,W,3) of uint8)

docs/pytorch.md describes the file. Go on with any optimiser, then save what `nca convert` reads:
torch.save({"state_dict": model.state_dict(), "metadata": model.metadata}, "trained.pt").
"""
import sys

import numpy
import torch
import torch.nn.functional as F


class Classifier(torch.nn.Module):
    def __init__(self, metadata, state_dict):
        super().__init__()
        self.metadata = metadata
        self.inputs = int(metadata["automaton.input_channels"])
        self.fire_rate, self.step_size = (float(metadata["automaton." + key]) for key in ("fire_rate", "step_size"))
        self.padding = {"zero": "constant"}.get(metadata["automaton.boundary"], metadata["automaton.boundary"])
        self.names = [metadata["classifier.class.%d" % k] for k in range(int(metadata["classifier.classes"]))]
        for key in ("scale", "offset"): # of each input channel
            values = [float(metadata["classifier.%s.%d" % (key, k)]) for k in range(self.inputs)]
            self.register_buffer(key, torch.tensor(values).reshape(1, -1, 1, 1), persistent=False)
        kernels, first, last = (state_dict[key].shape for key in (
            "perception.weight", "update_module.0.weight", "update_module.2.weight"))
        self.channels = last[0] + self.inputs
        self.perception = torch.nn.Conv2d(self.channels, kernels[0], 3, groups=self.channels, bias=False)
        self.update_module = torch.nn.Sequential(
            torch.nn.Conv2d(first[1], first[0], 1), torch.nn.ReLU(),
            torch.nn.Conv2d(last[1], last[0], 1, bias="update_module.2.bias" in state_dict))
        self.features, self.head = len(self.names), torch.nn.Identity()
        if "head.weight" in state_dict:
            self.features = state_dict["head.weight"].shape[1]
            self.head = torch.nn.Linear(self.features, len(self.names))
        self.load_state_dict(state_dict)
        trained = torch.ones(kernels) # the identity and fixed filters must stay as they are
        trained[::kernels[0] // self.channels] = 0
        trained *= metadata["automaton.filter"] == "learned"
        self.perception.weight.register_hook(lambda gradient: gradient * trained.to(gradient))

    def forward(self, images, fire=None, steps=None):
        """Class scores (B,M) of images (B,I,H,W) with values 0 to 1. `fire` has a mask (B,1,H,W) of 0 and 1
        for each step; without it they are drawn."""
        cells = F.pad(images * self.scale + self.offset, (0, 0, 0, 0, 0, self.channels - self.inputs))
        for step in range(steps or int(self.metadata["classifier.steps"])):
            perceived = self.perception(F.pad(cells, (1, 1, 1, 1), mode=self.padding))
            mask = torch.rand_like(cells[:, :1]) < self.fire_rate if fire is None else fire[step]
            update = self.step_size * self.update_module(perceived) * mask
            cells = torch.cat([cells[:, :self.inputs], cells[:, self.inputs:] + update], 1)
        readout = cells[:, self.inputs:self.inputs + self.features]
        is_max = self.metadata["classifier.readout"] == "max"
        scores = self.head(readout.amax((2, 3)) if is_max else readout.mean((2, 3)))
        return scores / float(self.metadata["classifier.temperature"])

    def probabilities(self, scores):
        return scores.sigmoid() if self.metadata["classifier.sigmoid"] == "true" else scores.softmax(1)


def load(path):
    saved = torch.load(path, map_location="cpu", weights_only=True)
    return Classifier(saved["metadata"], saved["state_dict"])


def main():
    model = load(sys.argv[1])
    pixels = numpy.load(sys.argv[2])
    image = torch.from_numpy(pixels).reshape(1, *pixels.shape[:2], model.inputs).permute(0, 3, 1, 2) / 255
    with torch.no_grad():
        for name, probability in zip(model.names, model.probabilities(model(image))[0]):
            print("%.6f  %s" % (probability, name))


if __name__ == "__main__":
    main()
