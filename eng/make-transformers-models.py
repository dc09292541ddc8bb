#!/usr/bin/env python3
"""Lets real transformers write a small random model of each family, with the logits that it computes, for this project to load.

How to run (by hand; the ordinary `dotnet test` skips it), in a Python with torch and transformers:

    MINIMIND_TRANSFORMERS_PYTHON=python3 dotnet test tests --filter FullyQualifiedName~TransformersCompatibility

The test calls it with a folder to write into, and loads each folder that it finds there:

    make-transformers-models.py FOLDER
"""
import json
import struct
import sys
from pathlib import Path

import torch
from transformers import AutoConfig, AutoModelForCausalLM

SIZES = dict(vocab_size=1100, hidden_size=64, intermediate_size=96, num_hidden_layers=2, num_attention_heads=4, num_key_value_heads=2,
             max_position_embeddings=512, bos_token_id=1, eos_token_id=2, pad_token_id=0)
LONG = {"rope_type": "longrope", "rope_theta": 10000.0, "partial_rotary_factor": 0.75, "original_max_position_embeddings": 256,
        "short_factor": [1.0, 1.1, 1.3, 1.7, 2.5, 3.5], "long_factor": [1.0, 2.0, 4.0, 8.0, 16.0, 32.0]}
FAMILIES = {
    "qwen3": ("qwen3", dict(head_dim=32)),
    "qwen3, YaRN": ("qwen3", dict(head_dim=32, rope_parameters={
        "rope_type": "yarn", "rope_theta": 1000000.0, "factor": 4.0, "original_max_position_embeddings": 128})),
    "qwen3, experts": ("qwen3_moe", dict(head_dim=32, num_experts=4, num_experts_per_tok=2, moe_intermediate_size=32, norm_topk_prob=True)),
    "qwen2": ("qwen2", dict(tie_word_embeddings=True)),
    "llama": ("llama", {}),
    "llama 3.2": ("llama", dict(tie_word_embeddings=True, rope_parameters={
        "rope_type": "llama3", "rope_theta": 500000.0, "factor": 32.0, "low_freq_factor": 1.0, "high_freq_factor": 4.0, "original_max_position_embeddings": 64})),
    "smollm3": ("smollm3", dict(num_hidden_layers=5)),
    "mistral": ("mistral", dict(sliding_window=11)),
    "gemma3": ("gemma3_text", dict(num_hidden_layers=7, head_dim=32, query_pre_attn_scalar=32, sliding_window=9)),
    "phi3": ("phi3", dict(num_key_value_heads=4, sliding_window=13)),
    "phi4-mini": ("phi3", dict(tie_word_embeddings=True, max_position_embeddings=8192, original_max_position_embeddings=256, rope_parameters=LONG)),
}
IDS = [1, 700, 33, 5, 9, 1023, 17, 256, 300, 301, 302, 2, 44, 45, 46, 47, 48, 49, 50, 51]


def main(folder):
    torch.manual_seed(3)
    for name, (model_type, values) in FAMILIES.items():
        model = AutoModelForCausalLM.from_config(AutoConfig.for_model(model_type, **{**SIZES, **values})).eval()
        with torch.no_grad():
            for key, parameter in model.named_parameters():
                centre = 1.0 if key.endswith("norm.weight") and model_type != "gemma3_text" else 0.0
                parameter.copy_(centre + torch.randn_like(parameter) * (0.12 if parameter.dim() > 1 else 0.3))
            logits = model(torch.tensor([IDS])).logits[0].flatten().tolist()
        path = folder / name.replace(", ", "-").replace(" ", "-")
        model.save_pretrained(path)
        (path / "ids.json").write_text(json.dumps(IDS))
        (path / "logits.f32").write_bytes(struct.pack(f"<{len(logits)}f", *logits))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
