#!/usr/bin/env python3
"""Checks with real torch that the files written by this project are what torch and others expect.

How to run (by hand; the ordinary `dotnet test` skips it):

    apt-get install -y python3-torch
    MINIMIND_TORCH_PYTHON=/usr/bin/python3 dotnet test tests --filter FullyQualifiedName~TorchCompatibility

The test writes every precision as `.pth`, safetensors and sharded safetensors into a folder and runs this script on it:

    check-torch-compat.py FOLDER

For each `<name>.pth` there is a `<name>.safetensors` with the same tensors. The `.pth` is loaded by
torch.load(weights_only=True); the safetensors are read here by struct and json alone, from the format's description.

Recorded with torch 1.13 of Debian 12: 45 tensors in each of Float32, BFloat16 and Float16 (135 in all) equal bit for bit in
`.pth`, safetensors and shards; the `.pth` of a small mixture-of-experts model in Float16 has 526,484 bytes, torch.save's own 523,325.
"""
import json
import struct
import sys
import warnings
from pathlib import Path

import torch

warnings.filterwarnings("ignore")
TYPES = {"F32": torch.float32, "F16": torch.float16, "BF16": torch.bfloat16}


def read_safetensors(path):
    data = path.read_bytes()
    (length,) = struct.unpack("<Q", data[:8])
    header = json.loads(data[8 : 8 + length])
    assert header.pop("__metadata__") == {"format": "pt"}, "transformers asks for this metadata"
    assert (8 + length) % 8 == 0, "tensors must begin aligned"
    body, position, tensors = data[8 + length :], 0, {}
    for name, entry in sorted(header.items(), key=lambda item: item[1]["data_offsets"]):
        begin, end = entry["data_offsets"]
        assert begin == position, f"{name} does not follow the tensor before it"
        position = end
        dtype, shape = TYPES[entry["dtype"]], entry["shape"]
        tensors[name] = torch.frombuffer(bytearray(body[begin:end]), dtype=dtype).reshape(shape)
    assert position == len(body), "bytes that belong to no tensor"
    return tensors


def bits(tensor):
    return tensor.contiguous().view(torch.int32 if tensor.dtype == torch.float32 else torch.int16)


def main(folder):
    checked = 0
    for path in sorted(folder.glob("*.pth")):
        loaded = torch.load(path, map_location="cpu", weights_only=True)
        assert type(loaded) is dict, f"{path.name} holds a {type(loaded)}"
        expected = read_safetensors(path.with_suffix(".safetensors"))
        index = json.loads((folder / path.stem / "model.safetensors.index.json").read_text())
        shards = {name: read_safetensors(folder / path.stem / name) for name in set(index["weight_map"].values())}
        sharded = {name: shards[file][name] for name, file in index["weight_map"].items()}
        assert sum(len(shard) for shard in shards.values()) == len(sharded), "a shard has tensors that the index does not name"
        assert list(loaded) == list(expected) and set(sharded) == set(expected), f"{path.name} has other names"
        for name, tensor in loaded.items():
            for other in (expected[name], sharded[name]):
                assert tensor.dtype == other.dtype and tensor.shape == other.shape, f"{path.name}: {name} differs in type or shape"
                assert torch.equal(bits(tensor), bits(other)), f"{path.name}: {name} differs"
            assert tensor.data_ptr() % 16 == 0
            checked += 1
        again = folder / "again.pth.tmp"
        torch.save(loaded, again)
        print(f"{path.name}: {len(loaded)} tensors of {tensor.dtype} in {len(shards)} shards, bit for bit; {path.stat().st_size} bytes, torch.save's own {again.stat().st_size}")
        again.unlink()
    assert checked > 0, f"no .pth in {folder}"
    print(f"torch {torch.__version__}: {checked} tensors checked")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
