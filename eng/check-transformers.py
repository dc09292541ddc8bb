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


def logits_of(loader, folder, ids):
    model, report = loader.from_pretrained(folder, torch_dtype=torch.float32, output_loading_info=True)
    strange = {key: sorted(map(str, report[key])) for key in ("missing_keys", "unexpected_keys", "mismatched_keys") if report.get(key)}
    if strange.get("missing_keys") == ["lm_head.weight"] and model.config.tie_word_embeddings:
        del strange["missing_keys"]
    with torch.no_grad():
        return type(model).__name__, model.eval()(torch.tensor([ids])).logits[0], strange


def check_logits(loader, folder):
    ids = json.loads((folder / "ids.json").read_text())
    data = (folder / "logits.f32").read_bytes()
    expected = torch.tensor(struct.unpack(f"<{len(data) // 4}f", data)).reshape(len(ids), -1)
    name, logits, strange = logits_of(loader, folder, ids)
    difference = (logits - expected).abs().max().item()
    good = not strange and difference < BOUND
    print(f"{'equal' if good else 'DIFFERENT'}: {folder.name} ({name}), logits up to {expected.abs().max().item():.1f} off by at most {difference:.2e}"
          f"{f', {strange}' if strange else ''}")
    return good


def check_tokens(folder):
    from transformers import AutoTokenizer

    tokenizer = AutoTokenizer.from_pretrained(folder)
    texts = json.loads((folder / "texts.json").read_text())
    different = [text for text, ids in texts.items() if tokenizer(text, add_special_tokens=False)["input_ids"] != ids]
    print(f"{'DIFFERENT' if different else 'equal'}: {folder.name} ({type(tokenizer).__name__}), ids of {len(texts)} texts{f', but for {different}' if different else ''}")
    return not different


def main(arguments):
    sys.path.insert(0, str(arguments.minimind or "."))
    good = True
    if not (can_tokenize := importlib.util.find_spec("tokenizers") is not None):
        print("not checked: token ids, for this Python has no tokenizers")
    for folder in arguments.folders:
        good &= check_logits(AutoModelForCausalLM, folder)
        if arguments.minimind and (folder / "minimind").exists():
            from model.model_minimind import MiniMindForCausalLM

            good &= check_logits(MiniMindForCausalLM, folder)
        if can_tokenize:
            good &= check_tokens(folder)
    return 0 if good else 1


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--minimind", type=Path, help="a clone of MiniMind's repository")
    parser.add_argument("folders", type=Path, nargs="+")
    sys.exit(main(parser.parse_args()))
