"""Takes steps of MiniMind's own DPO when it is told to, on the weights and pairs of a folder that bench/Peers has written.

    python3 minimind_steps.py CHECKOUT FOLDER

Each line of its input is the number of a step; each of its output is what came of it. Model and loss are the checkout's, the order of a step is that of its
train_dpo.py.
"""
import json
import os
import sys
import time
import types

import torch

checkout, folder = sys.argv[1:]
sys.path.insert(0, checkout)


class Absent(types.ModuleType):
    """A package that the checkout imports where it reads data, which is not done here."""

    def __getattr__(self, name):
        if name.startswith("__"):
            raise AttributeError(name)
        return Absent(name)

    def __call__(self, *arguments, **options):
        return self


for package in ("datasets",):
    try:
        __import__(package)
    except ImportError:
        sys.modules[package] = Absent(package)

from model.model_minimind import MiniMindConfig, MiniMindForCausalLM  # noqa: E402
from trainer.train_dpo import dpo_loss, logits_to_log_probs  # noqa: E402

with open(os.path.join(folder, "run.json"), encoding="utf-8") as file:
    run = json.load(file)
shape = run["Shape"]
torch.set_num_threads(run["Threads"])


def made():
    config = MiniMindConfig(
        hidden_size=shape["Hidden"], num_hidden_layers=shape["Layers"], use_moe=shape["Experts"] > 0, vocab_size=shape["Vocabulary"],
        num_attention_heads=shape["Heads"], num_key_value_heads=shape["KeyValueHeads"], head_dim=shape["HeadDim"],
        intermediate_size=shape["Intermediate"], rms_norm_eps=shape["Epsilon"], rope_theta=shape["RopeTheta"],
        max_position_embeddings=shape["MaxPositions"], num_experts=max(1, shape["Experts"]), num_experts_per_tok=max(1, shape["PerToken"]),
        moe_intermediate_size=shape["ExpertWidth"] or shape["Intermediate"], norm_topk_prob=shape["NormalizeTopK"],
        router_aux_loss_coef=shape["Balance"])
    model = MiniMindForCausalLM(config)
    parameters = model.state_dict(keep_vars=True)
    with open(os.path.join(folder, "start.bin"), "rb") as weights, torch.no_grad():
        for entry in run["Parameters"]:
            target = parameters[entry["Name"]]
            target.copy_(torch.frombuffer(bytearray(weights.read(4 * target.numel())), dtype=torch.float32).view(target.shape))
    return model


def batch(step):
    size, pairs, length = run["BatchSize"], run["Pairs"], run["Length"]
    start = step % ((len(pairs) + size - 1) // size) * size
    taken = pairs[start:start + size]
    sides = [pair["Chosen"] for pair in taken] + [pair["Rejected"] for pair in taken]
    return [torch.tensor([side[key] + [0] * (length - len(side[key])) for side in sides]) for key in ("Ids", "Labels", "Mask")]


def peak():
    with open("/proc/self/status", encoding="ascii") as status:
        return next(int(line.split()[1]) for line in status if line.startswith("VmHWM:")) * 1024


policy, reference = made().train(), made().eval().requires_grad_(False)
optimizer = torch.optim.AdamW(policy.parameters(), lr=run["LearningRate"])
for line in sys.stdin:
    start, processor = time.perf_counter(), time.process_time()
    x, y, mask = batch(int(line))
    with torch.autocast("cpu", dtype=torch.bfloat16, enabled=run["Bf16"]):
        with torch.no_grad():
            before = logits_to_log_probs(reference(x).logits, y)
        outputs = policy(x)
        loss = dpo_loss(before, logits_to_log_probs(outputs.logits, y), mask, beta=run["Beta"]) + outputs.aux_loss
    loss.backward()
    torch.nn.utils.clip_grad_norm_(policy.parameters(), 1.0)
    optimizer.step()
    optimizer.zero_grad(set_to_none=True)
    print(json.dumps({"Loss": loss.item(), "Seconds": time.perf_counter() - start, "Processor": time.process_time() - processor, "Peak": peak()}),
          flush=True)
