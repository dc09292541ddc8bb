"""Writes the adapter files beside it with Python's standard library alone, so that no adapter library has a say in them.

Of a model with hidden size 32, 4 heads of 8, 2 key-value heads, intermediate size 128 and 2 layers:
  peft/       adapter_config.json and adapter_model.safetensors, with rank_pattern and alpha_pattern
  lora_test_32.pth   MiniMind's own format: torch.save of a dict of fp16 tensors, on q_proj and o_proj

Numbers are value(seed, row, column) = ((31 * row + 7 * column + seed) % 17 - 8) / 64, which fp16 holds exactly.
Run it in its folder: python3 make_adapters.py
"""
import collections
import io
import json
import os
import pickle
import struct
import sys
import types
import zipfile

DIMENSIONS = {"q_proj": (32, 32), "k_proj": (32, 16), "v_proj": (32, 16), "o_proj": (32, 32), "down_proj": (128, 32)}


def matrix(seed, rows, columns):
    return [((31 * row + 7 * column + seed) % 17 - 8) / 64 for row in range(rows) for column in range(columns)]


def module(layer, name):
    return f"model.layers.{layer}.{'mlp' if name == 'down_proj' else 'self_attn'}.{name}"


def safetensors(path, tensors):
    header, data = {}, b""
    for name, kind, shape, numbers in tensors:
        packed = struct.pack(f"<{len(numbers)}{'e' if kind == 'F16' else 'f'}", *numbers)
        header[name] = {"dtype": kind, "shape": list(shape), "data_offsets": [len(data), len(data) + len(packed)]}
        data += packed
    text = json.dumps(header).encode()
    text += b" " * (-len(text) % 8)
    with open(path, "wb") as file:
        file.write(struct.pack("<Q", len(text)) + text + data)


def peft():
    os.makedirs("peft", exist_ok=True)
    tensors = []
    for layer in range(2):
        for seed, name in enumerate(["down_proj", "q_proj", "v_proj"]):
            width, output = DIMENSIONS[name]
            rank = 2 if (layer, name) == (1, "q_proj") else 4
            prefix = f"base_model.model.{module(layer, name)}"
            tensors.append((f"{prefix}.lora_A.weight", "F32", (rank, width), matrix(seed + 10 * layer, rank, width)))
            tensors.append((f"{prefix}.lora_B.weight", "F16", (output, rank), matrix(seed + 10 * layer + 5, output, rank)))
    safetensors("peft/adapter_model.safetensors", tensors)
    config = {
        "alpha_pattern": {"v_proj": 6}, "auto_mapping": None, "base_model_name_or_path": "some/base", "bias": "none", "corda_config": None, "eva_config": None,
        "exclude_modules": None, "fan_in_fan_out": False, "inference_mode": True, "init_lora_weights": True, "layer_replication": None, "layers_pattern": None,
        "layers_to_transform": None, "loftq_config": {}, "lora_alpha": 8, "lora_bias": False, "lora_dropout": 0.05, "megatron_config": None,
        "megatron_core": "megatron.core", "modules_to_save": None, "peft_type": "LORA", "qalora_group_size": 16, "r": 4,
        "rank_pattern": {r"layers\.1\.self_attn\.q_proj": 2}, "revision": None, "target_modules": ["v_proj", "down_proj", "q_proj"], "target_parameters": None,
        "task_type": "CAUSAL_LM", "trainable_token_indices": None, "use_dora": False, "use_qalora": False, "use_rslora": False,
    }
    with open("peft/adapter_config.json", "w") as file:
        json.dump(config, file, indent=2)


class Storage:
    def __init__(self, key, numbers):
        self.key, self.numbers = key, numbers


def pth():
    torch, utils = types.ModuleType("torch"), types.ModuleType("torch._utils")
    half = type("HalfStorage", (), {"__module__": "torch"})

    def _rebuild_tensor_v2(*_):
        pass

    _rebuild_tensor_v2.__module__, _rebuild_tensor_v2.__qualname__ = "torch._utils", "_rebuild_tensor_v2"
    torch.HalfStorage, torch._utils, utils._rebuild_tensor_v2 = half, utils, _rebuild_tensor_v2
    sys.modules["torch"], sys.modules["torch._utils"] = torch, utils

    class Tensor:
        def __init__(self, storage, shape):
            self.storage, self.shape = storage, shape

        def __reduce__(self):
            return _rebuild_tensor_v2, (self.storage, 0, self.shape, (self.shape[1], 1), False, collections.OrderedDict())

    class Pickler(pickle.Pickler):
        def persistent_id(self, value):
            return ("storage", half, value.key, "cpu", len(value.numbers)) if isinstance(value, Storage) else None

    tensors, storages = {}, []
    for layer in range(2):
        for seed, name in enumerate(["q_proj", "o_proj"]):
            width, output = DIMENSIONS[name]
            for part, shape in (("A", (16, width)), ("B", (output, 16))):
                storage = Storage(str(len(storages)), matrix(seed + 10 * layer + (5 if part == "B" else 0), *shape))
                storages.append(storage)
                tensors[f"{module(layer, name)}.lora.{part}.weight"] = Tensor(storage, shape)
    buffer = io.BytesIO()
    Pickler(buffer, protocol=2).dump(tensors)
    with zipfile.ZipFile("lora_test_32.pth", "w", zipfile.ZIP_STORED) as archive:
        def add(name, data):
            archive.writestr(zipfile.ZipInfo(f"lora_test_32/{name}", (2024, 1, 1, 0, 0, 0)), data)

        add("data.pkl", buffer.getvalue())
        add("byteorder", b"little")
        for storage in storages:
            add(f"data/{storage.key}", struct.pack(f"<{len(storage.numbers)}e", *storage.numbers))
        add("version", b"3\n")


peft()
pth()
