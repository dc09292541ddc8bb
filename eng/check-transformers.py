#!/usr/bin/env python3
"""Checks with real transformers that the model folders written by this project are read, and compute the same.

How to run (by hand; the ordinary `dotnet test` skips it), in a Python with torch and transformers, and tokenizers where ids are to be compared too:

    MINIMIND_TRANSFORMERS_PYTHON=python3 dotnet test tests --filter FullyQualifiedName~TransformersCompatibility

The test saves a small model of each family as SaveModel does by default, writes token ids and its own logits beside it, and runs this script on the folders:

    check-transformers.py [--minimind REPOSITORY] FOLDER ...

Each is loaded by AutoModelForCausalLM in fp32, strictly: a weight that is missing, or that transformers does not know, is a failure. A folder that holds a
file `minimind` is loaded by the class in MiniMind's repository as well, where that is given (MINIMIND_REPOSITORY for the test).
"""
import argparse
import importlib.util
import json
import struct
import sys
from pathlib import Path

import torch
from transformers import AutoModelForCausalLM

BOUND = 1e-4


def by_transformers(folder):
    model, report = AutoModelForCausalLM.from_pretrained(folder, output_loading_info=True)
    return model, {key: sorted(map(str, report[key])) for key in ("missing_keys", "unexpected_keys", "mismatched_keys") if report.get(key)}


def by_minimind(folder):
    """As MiniMind's scripts do: the class is made of the configuration, and then given the weights."""
    from model.model_minimind import MiniMindConfig, MiniMindForCausalLM
    from safetensors.torch import load_file

    values = json.loads((folder / "config.json").read_text())
    values.pop("rope_scaling")  # which the class makes itself of inference_rope_scaling, and transformers 5 reads before the class has its sizes
    model = MiniMindForCausalLM(MiniMindConfig(**values))
    missing, unexpected = model.load_state_dict(load_file(folder / "model.safetensors"), strict=False)
    strange = set(missing) ^ set(unexpected)
    return model, strange - {"lm_head.weight"} if model.config.tie_word_embeddings else strange


def check_logits(load, folder):
    ids = json.loads((folder / "ids.json").read_text())
    data = (folder / "logits.f32").read_bytes()
    expected = torch.tensor(struct.unpack(f"<{len(data) // 4}f", data)).reshape(len(ids), -1)
    model, strange = load(folder)
    with torch.no_grad():
        logits = model.float().eval()(torch.tensor([ids])).logits[0]
    difference = (logits - expected).abs().max().item()
    good = not strange and difference < BOUND
    print(f"{'equal' if good else 'DIFFERENT'}: {folder.name} ({type(model).__name__}), logits up to {expected.abs().max().item():.1f} off by at most {difference:.2e}"
          f"{f', {strange}' if strange else ''}")
    return good


def check_tokens(folder):
    from transformers import AutoTokenizer

    tokenizer = AutoTokenizer.from_pretrained(folder)
    texts = json.loads((folder / "texts.json").read_text())
    different = [text for text, ids in texts.items() if tokenizer(text, add_special_tokens=False)["input_ids"] != ids]
    print(f"{'DIFFERENT' if different else 'equal'}: {folder.name} ({type(tokenizer).__name__}), ids of {len(texts)} texts{f', but for {different}' if different else ''}")
    return not different


def attempt(check, *arguments):
    try:
        return check(*arguments)
    except Exception as failure:  # the others are to be checked too
        print(f"FAILED: {arguments[-1].name}, {type(failure).__name__}: {failure}")
        return False


def main(arguments):
    sys.path.insert(0, str(arguments.minimind or "."))
    good = True
    if not (can_tokenize := importlib.util.find_spec("tokenizers") is not None):
        print("not checked: token ids, for this Python has no tokenizers")
    for folder in arguments.folders:
        good &= attempt(check_logits, by_transformers, folder)
        if arguments.minimind and (folder / "minimind").exists():
            good &= attempt(check_logits, by_minimind, folder)
        if can_tokenize:
            good &= attempt(check_tokens, folder)
    return 0 if good else 1


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--minimind", type=Path, help="a clone of MiniMind's repository")
    parser.add_argument("folders", type=Path, nargs="+")
    sys.exit(main(parser.parse_args()))
