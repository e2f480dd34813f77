"""What a step of a supernet costs, beside a straightforward one in plain torch: NAS-Bench-201's cell.

    OMP_NUM_THREADS=1 python benchmarks/supernet_step.py --channels 16 --cells 5 --batch 64

Seconds of processor time a step, in turns, the median of each: `weights` (every option evaluated, the weights learn),
`bilevel` (the preferences learn first, on another batch), `path` (one network drawn, its weights learn), and for
comparison the same network built alone. First it is checked that both supernets, given the same weights, have the same
gradients.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import time
from pathlib import Path
from statistics import median

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional as F

from netwright.backends.torch.recipe import Recipe
from netwright.operations import Signature
from netwright.spaces.nb201 import from_digits, nb201, to_digits
from netwright.supernet.bank import Bank
from netwright.supernet.policies.darts import DARTS
from netwright.supernet.sharing import Sharing
from netwright.supernet.standalone import standalone
from netwright.tasks import Split, Task

SIGNATURE = Signature((3, 32, 32), 10, "classification")


class Plain(nn.Module):
    """The supernet as one writes it down: each edge is the weighed sum of its operations."""

    def __init__(self, channels: int, cells: int) -> None:
        super().__init__()
        self.stem = nn.Sequential(nn.Conv2d(3, channels, 3, padding=1, bias=False), nn.BatchNorm2d(channels))
        self.stages = nn.ModuleList(
            nn.ModuleList(PlainCell(channels * 2**stage) for _ in range(cells)) for stage in range(3)
        )
        self.reductions = nn.ModuleList(PlainReduction(channels * 2**stage) for stage in range(2))
        self.last = nn.Sequential(nn.BatchNorm2d(4 * channels), nn.ReLU())
        self.head = nn.Linear(4 * channels, 10)

    def forward(self, x: Tensor, weights: Tensor | list[int]) -> Tensor:
        """weights: (6, 5), or the operation of each edge."""
        x = self.stem(x)
        for place, stage in enumerate(self.stages):
            for cell in stage:
                x = cell(x, weights)
            if place < 2:
                x = self.reductions[place](x)
        return self.head(self.last(x).mean((2, 3)))


def convolution(kernel: int, inputs: int, outputs: int, stride: int = 1) -> nn.Sequential:
    main = nn.Conv2d(inputs, outputs, kernel, stride, padding=kernel // 2, bias=False)
    return nn.Sequential(nn.ReLU(), main, nn.BatchNorm2d(outputs))


class Zero(nn.Module):
    def forward(self, x: Tensor) -> Tensor:
        return x.mul(0.0)


class PlainCell(nn.Module):
    def __init__(self, channels: int) -> None:
        super().__init__()
        self.edges = nn.ModuleList(
            nn.ModuleList(
                (
                    Zero(),
                    nn.Identity(),
                    convolution(1, channels, channels),
                    convolution(3, channels, channels),
                    nn.AvgPool2d(3, 1, 1, count_include_pad=False),
                )
            )
            for _ in range(6)
        )

    def forward(self, x: Tensor, weights: Tensor | list[int]) -> Tensor:
        states, edge = [x], 0
        for node in range(1, 4):
            made = []
            for source in range(node):
                mine, options = weights[edge], self.edges[edge]
                if isinstance(mine, int):
                    made.append(options[mine](states[source]))
                else:
                    made.append(
                        sum(weight * option(states[source]) for weight, option in zip(mine, options, strict=True))
                    )
                edge += 1
            states.append(sum(made))
        return states[-1]


class PlainReduction(nn.Module):
    def __init__(self, channels: int) -> None:
        super().__init__()
        self.main = nn.Sequential(convolution(3, channels, 2 * channels, 2), convolution(3, 2 * channels, 2 * channels))
        self.beside = nn.Sequential(nn.AvgPool2d(2, 2), nn.Conv2d(channels, 2 * channels, 1, bias=False))

    def forward(self, x: Tensor) -> Tensor:
        return self.main(x) + self.beside(x)


def parameters_of(plain: Plain) -> dict[str, nn.Parameter]:
    """By the names that they have in a bank."""
    names: dict[str, nn.Parameter] = {}

    def note(prefix: str, module: nn.Module, *parts: str) -> None:
        learnt = [inner for inner in module.children() if list(inner.parameters())]
        for part, inner in zip(parts, learnt, strict=True):
            for name, weight in inner.named_parameters():
                names[f"{prefix}.{part}.{name}"] = weight

    note("stem", plain.stem, "conv", "norm")
    for stage, cells in enumerate(plain.stages, 1):
        for cell, one in enumerate(cells):
            for edge, options in zip(((1, 0), (2, 0), (2, 1), (3, 0), (3, 1), (3, 2)), one.edges, strict=True):
                for option in (2, 3):
                    note(f"stage{stage}/{cell}/{edge[0]}/{edge[1]}/{option}", options[option], "conv", "norm")
    for stage, one in enumerate(plain.reductions, 1):
        for place in (0, 1):
            note(f"reduction{stage}/0/{place}", one.main[place], "conv", "norm")
        names[f"reduction{stage}/1/1.conv.weight"] = one.beside[1].weight
    names |= {f"norm.{name}": weight for name, weight in plain.last[0].named_parameters()}
    names |= {f"head.linear.{name}": weight for name, weight in plain.head.named_parameters()}
    return names


def difference(plain: Plain, net: Sharing, x: Tensor, y: Tensor) -> float:
    """The largest difference between gradients, in terms of the largest gradient, with the same weights and in double
    precision, which both supernets keep from here on."""
    mixture = DARTS().mixture(net, 0.5, np.random.default_rng(0))[0].double()
    plain.double()
    named, ours = parameters_of(plain), dict(mixture.named_parameters())
    with torch.no_grad():
        for name, weight in named.items():
            weight.copy_(ours[name])
    net.loss_of(mixture, x.double(), y).backward()
    F.cross_entropy(plain(x.double(), torch.full((6, 5), 0.2, dtype=torch.double)), y).backward()
    apart = max(float((ours[name].grad - weight.grad).abs().max()) for name, weight in named.items())
    return apart / max(float(weight.grad.abs().max()) for weight in named.values())


class Contest:
    """Both supernets and what a step of each kind does."""

    def __init__(self, channels: int, cells: int, batch: int) -> None:
        rng = np.random.default_rng(0)
        torch.manual_seed(0)
        noise = Split(rng.integers(0, 255, (64, *SIGNATURE.inputs)).astype(np.uint8), rng.integers(0, 10, 64))
        prepare = {"mean": [0.5] * 3, "std": [0.25] * 3}
        classes = tuple("abcdefghij")
        task = Task("noise", "image-classification", SIGNATURE, noise, noise, noise, prepare, "accuracy", classes)
        space, recipe = nb201(SIGNATURE, channels=channels, cells=cells), Recipe(precision="float32", label_smoothing=0)
        self.rng, self.net = rng, Sharing(Bank(SIGNATURE), space, DARTS(), task, recipe)
        self.plain = Plain(channels, cells)
        x, held = (torch.randn(batch, *SIGNATURE.inputs) for _ in range(2))
        self.y, self.labels = (torch.randint(10, (batch,)) for _ in range(2))
        self.x, self.held = tuple((one, one.contiguous(memory_format=torch.channels_last)) for one in (x, held))
        self.path = from_digits(space, (3, 1, 2, 3, 4, 3))
        self.alone = standalone(self.net.bank, self.path.graph).to(memory_format=torch.channels_last).train()
        self.alphas = nn.Parameter(torch.zeros(6, 5))
        self.preferring = torch.optim.Adam([self.alphas], 0.02)
        learners = self.plain.parameters(), self.net.bank.weights.values(), self.alone.parameters()
        self.plains, self.ours, self.alones = (torch.optim.SGD(each, 0.01, 0.9) for each in learners)

    def plain_weights(self) -> None:
        F.cross_entropy(self.plain(self.x[0], self.alphas.detach().softmax(1)), self.y).backward()
        done(self.plains)

    def plain_bilevel(self) -> None:
        F.cross_entropy(self.plain(self.held[0], self.alphas.softmax(1)), self.labels).backward()
        done(self.preferring)
        self.plains.zero_grad()
        self.plain_weights()

    def plain_path(self) -> None:
        F.cross_entropy(self.plain(self.x[0], list(to_digits(self.path))), self.y).backward()
        done(self.plains)

    def ours_weights(self) -> None:
        self.net.train_mixture(DARTS().mixture(self.net, 0.5, self.rng)[0], self.x[1], self.y)
        done(self.ours)

    def ours_bilevel(self) -> None:
        mixture = DARTS().mixture(self.net, 0.5, self.rng)[0]
        self.net.prefer(self.net.judged(mixture, self.held[1], self.labels), 0.02)
        self.ours_weights()

    def ours_path(self) -> None:
        self.net.run(self.path, self.x[1], lambda answers: self.net.loss(answers, self.y))
        done(self.ours)

    def alone_path(self) -> None:
        F.cross_entropy(self.alone(self.x[1]), self.y).backward()
        done(self.alones)


def done(optimizer: torch.optim.Optimizer) -> None:
    optimizer.step()
    optimizer.zero_grad()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--channels", type=int, default=16)
    parser.add_argument("--cells", type=int, default=5)
    parser.add_argument("--batch", type=int, default=64)
    parser.add_argument("--turns", type=int, default=5)
    parser.add_argument("--memory", metavar="STEP", help="take two steps of one kind and print the process's memory")
    chosen = parser.parse_args()
    torch.set_num_threads(1)
    contest = Contest(chosen.channels, chosen.cells, chosen.batch)
    if chosen.memory:
        for _ in range(2):
            getattr(contest, chosen.memory)()
        status = Path("/proc/self/status").read_text()
        print(int(status.split("VmHWM:")[1].split()[0]) // 1024)
        return
    fresh = Contest(chosen.channels, chosen.cells, 8)
    apart = difference(fresh.plain, fresh.net, fresh.x[0], fresh.y)
    print(f"largest difference between gradients: {apart:.1e} of the largest one\n")
    kinds = [f"{who}_{kind}" for kind in ("weights", "bilevel", "path") for who in ("plain", "ours")] + ["alone_path"]
    taken: dict[str, list[float]] = {kind: [] for kind in kinds}
    for turn in range(chosen.turns + 1):
        for kind in kinds:
            began = time.process_time()
            getattr(contest, kind)()
            if turn:
                taken[kind].append(time.process_time() - began)
    found = {kind: median(times) for kind, times in taken.items()}
    print("| step | plain torch | netwright | ratio | plain torch | netwright |\n|---|---:|---:|---:|---:|---:|")
    for kind in ("weights", "bilevel", "path"):
        one, other = found[f"plain_{kind}"], found[f"ours_{kind}"]
        sizes = " | ".join(f"{memory(f'{who}_{kind}', sys.argv[1:])} MB" for who in ("plain", "ours"))
        print(f"| {kind} | {one:.2f} s | {other:.2f} s | {other / one:.2f} | {sizes} |")
    times = found["ours_path"] / found["alone_path"]
    print(f"\nThe path's network alone takes {found['alone_path']:.2f} s; on the bank {times:.2f} times that.")


def memory(kind: str, arguments: list[str]) -> str:
    """The most memory of a process that takes such steps alone, in MB."""
    command = [sys.executable, __file__, *arguments, "--memory", kind]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()


if __name__ == "__main__":
    main()
