"""Runs MiniMind's own model and DPO step on weights and pairs that GpuCheck makes too, and prints what came of it as lines of JSON.

    python3 minimind.py CHECKOUT DEVICE SHAPE STEPS
    python3 minimind.py CHECKOUT DEVICE SHAPE decode:TOKENS

CHECKOUT is a checkout of MiniMind; SHAPE is hidden,layers,heads,key-value heads,head width,intermediate,vocabulary,pairs,length. Weights, pairs and the
step are those of eng/GpuCheck/PeerShape.cs and PeerRun.cs: whoever changes one changes the other.
"""
import json
import sys
import time

import torch
import torch.nn.functional as F

checkout, device, shape, work = sys.argv[1:]
sys.path.insert(0, checkout)
from model.model_minimind import MiniMindConfig, MiniMindForCausalLM  # noqa: E402

hidden, layers, heads, groups, width, intermediate, vocabulary, pairs, length = map(int, shape.split(","))


def say(**values):
    print(json.dumps(values), flush=True)


def wait():
    if device.startswith("cuda"):
        torch.cuda.synchronize()


def made():
    config = MiniMindConfig(
        hidden_size=hidden, num_hidden_layers=layers, num_attention_heads=heads, num_key_value_heads=groups, head_dim=width,
        intermediate_size=intermediate, vocab_size=vocabulary, max_position_embeddings=max(2048, length))
    model = MiniMindForCausalLM(config).to(device)
    with torch.no_grad():
        for i, (_, parameter) in enumerate(sorted(model.named_parameters())):
            if parameter.dim() == 1:
                parameter.fill_(1)
            else:
                parameter.copy_(torch.randn(parameter.shape, generator=torch.Generator(device).manual_seed(i + 1), device=device) * 0.02)
    return model


def batch(step):
    """Chosen over rejected: prompts of half the length, and answers of which every token counts; four batches by turns."""
    place = torch.arange(length).unsqueeze(0)
    row = (step % 4) * pairs + torch.arange(pairs).unsqueeze(1)
    prompt = place < length // 2
    sides = [torch.where(prompt, row * 7919 + place * 104729, row * 7919 + place * 104729 + side * 15485863) % (vocabulary - 8) + 8 for side in (1, 2)]
    ids = torch.cat(sides).to(device)
    counts = (place >= length // 2).float().expand(2 * pairs, length).to(device)
    return ids[:, :-1], ids[:, 1:], counts[:, 1:]


def log_probs(model, x, y, counts):
    logits = model(x).logits
    return (torch.gather(F.log_softmax(logits, dim=2), 2, y.unsqueeze(2)).squeeze(-1) * counts).sum(1)


def train(steps):
    policy, reference = made().train(), made().eval().requires_grad_(False)
    optimizer = torch.optim.AdamW(policy.parameters(), lr=1e-5)
    autocast = torch.autocast(device.split(":")[0], dtype=torch.bfloat16)
    for step in range(steps):
        wait()
        start = time.perf_counter()
        x, y, counts = batch(step)
        with autocast:
            with torch.no_grad():
                before = log_probs(reference, x, y, counts)
            after = log_probs(policy, x, y, counts)
            gap = (after[:pairs] - after[pairs:]) - (before[:pairs] - before[pairs:])
            loss = -F.logsigmoid(0.1 * gap).mean()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(policy.parameters(), 1.0)
        optimizer.step()
        optimizer.zero_grad(set_to_none=True)
        wait()
        say(step=step, seconds=time.perf_counter() - start, loss=loss.item())


def decode(tokens):
    model = made().eval()
    ids = batch(0)[0][:1, :32]
    for _ in range(2):  # the first prepares kernels
        wait()
        start = time.perf_counter()
        out = model.generate(ids, max_new_tokens=tokens, do_sample=False, temperature=1.0, top_k=0, top_p=1.0, eos_token_id=None)
        wait()
        seconds = time.perf_counter() - start
    say(tokens=tokens, seconds=seconds, ids=out[0, 32:].tolist())


say(torch=torch.__version__, threads=torch.get_num_threads())
if work.startswith("decode:"):
    decode(int(work[7:]))
else:
    train(int(work))
