using System.Runtime.InteropServices;
using MiniMind.MLNet.Dpo.Modeling;
using MiniMind.MLNet.Dpo.Modeling.Attention;
using TorchSharp;
using static TorchSharp.torch;

namespace MiniMind.MLNet.Dpo.Generation;

/// <summary>Reads several sequences with libtorch, on any device and for any network: linear layers take all rows at once, attention each sequence.</summary>
/// <remarks>
/// libtorch's products may round differently for another number of rows, so that logits are the same as alone up to rounding, and not bit for bit:
/// see docs/IN-AN-APP.md. The network stays the caller's.
/// </remarks>
/// <param name="network">The network, which nobody trains meanwhile.</param>
internal sealed class NetworkReader(MiniMindNetwork network) : IBatchReader
{
    /// <summary>The most tokens of one pass, so that attention scores stay small.</summary>
    private const int PassTokens = 512;

    /// <inheritdoc />
    public ISequenceCache NewCache() => new NetworkCache(network);

    /// <inheritdoc />
    public void Read(ReadOnlySpan<SequenceStep> steps)
    {
        List<SequenceStep> rest = [.. steps];
        while (rest.Count > 0)
        {
            List<SequenceStep> pass = [], later = [];
            int room = PassTokens;
            foreach (SequenceStep step in rest)
            {
                int taken = Math.Min(room, step.Tokens.Length);
                if (taken == step.Tokens.Length)
                    pass.Add(step);
                else if (taken > 0)
                    pass.Add(step with { Tokens = step.Tokens[..taken], Logits = null });
                if (taken < step.Tokens.Length)
                    later.Add(step with { Tokens = step.Tokens[taken..] });
                room -= taken;
            }
            Run(pass);
            rest = later;
        }
    }

    public void Dispose()
    {
    }

    private void Run(List<SequenceStep> steps)
    {
        using DisposeScope scope = NewDisposeScope();
        using IDisposable noGradient = no_grad();
        List<KeyValueCache> caches = [];
        List<CachedLayout> layouts = [];
        List<long> ids = [], wanted = [];
        foreach (SequenceStep step in steps)
        {
            NetworkCache cache = (NetworkCache)step.Cache;
            caches.Add(cache.Room(cache.Length + step.Tokens.Length));
            layouts.Add(new CachedLayout(caches[^1], step.Tokens.Length, ScalarType.Float32, network.Device, step.SequenceEnd));
            foreach (int id in step.Tokens.Span)
                ids.Add(id);
            if (step.Logits is not null)
                wanted.Add(ids.Count - 1);
        }
        IAttentionLayout layout = layouts.Count == 1 ? layouts[0] : new CachedBatchLayout(layouts);
        Tensor hidden = network.Forward(tensor(ids.ToArray(), device: network.Device), layout).Hidden; // (N, hidden)
        if (wanted.Count > 0)
        {
            Tensor behind = hidden.index_select(0, tensor(wanted.ToArray(), device: network.Device)); // (M, hidden)
            Copy(network.Logits(behind).cpu().contiguous(), steps); // (M, V)
        }
        for (int i = 0; i < steps.Count; i++)
            caches[i].Advance(steps[i].Tokens.Length);
    }

    private static void Copy(Tensor logits, List<SequenceStep> steps)
    {
        Span<float> all = MemoryMarshal.Cast<byte, float>(logits.bytes);
        foreach (SequenceStep step in steps)
        {
            if (step.Logits is null)
                continue;
            all[..step.Logits.Length].CopyTo(step.Logits);
            all = all[step.Logits.Length..];
        }
    }
}
