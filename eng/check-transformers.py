#!/usr/bin/env python3
"""Checks with real transformers that the model folders written by this project are read, and compute the same.

How to run (by hand; the ordinary `dotnet test` skips it), in a Python with torch and transformers:

    MINIMIND_TRANSFORMERS_PYTHON=python3 dotnet test tests --filter FullyQualifiedName~TransformersCompatibility

The test saves a small model of each family in Hugging Face's layout, writes token ids and its own logits beside it, and runs this script on the folders:

    check-transformers.py FOLDER ...

Each is loaded by AutoModelForCausalLM in fp32, strictly: a weight that is missing, or that transformers does not know, is a failure.
"""
import json
import struct
import sys
from pathlib import Path

import torch
from transformers import AutoModelForCausalLM

BOUND = 1e-3


def main(folders):
    failed = False
    for folder in map(Path, folders):
        ids = json.loads((folder / "ids.json").read_text())
        data = (folder / "logits.f32").read_bytes()
        expected = torch.tensor(struct.unpack(f"<{len(data) // 4}f", data)).reshape(len(ids), -1)
        model, report = AutoModelForCausalLM.from_pretrained(folder, torch_dtype=torch.float32, attn_implementation="eager", output_loading_info=True)
        strange = {key: sorted(map(str, report[key])) for key in ("missing_keys", "unexpected_keys", "mismatched_keys") if report.get(key)}
        with torch.no_grad():
            logits = model.eval()(torch.tensor([ids])).logits[0]
        difference = (logits - expected).abs().max().item()
        good = not strange and difference < BOUND
        failed |= not good
        print(f"{'equal' if good else 'DIFFERENT'}: {folder.name} ({type(model).__name__}), logits off by at most {difference:.2e}{f', {strange}' if strange else ''}")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
