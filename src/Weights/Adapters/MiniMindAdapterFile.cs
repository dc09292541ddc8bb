using MiniMind.MLNet.Dpo.CpuKernels.Native;
using MiniMind.MLNet.Dpo.Modeling.Adapters;
using TorchSharp;
using static TorchSharp.torch;

namespace MiniMind.MLNet.Dpo.Weights.Adapters;

/// <summary>MiniMind's own adapters, <c>lora_*.pth</c>: matrices without a scale beside square linear layers.</summary>
internal static class MiniMindAdapterFile
{
    /// <summary>The rank that MiniMind's scripts make adapters with.</summary>
    public const int ScriptRank = 16;

    private const string SuffixA = ".lora.A.weight", SuffixB = ".lora.B.weight";

    /// <summary>Reads a file.</summary>
    /// <param name="path">Such as <c>out/lora_medical_768.pth</c>.</param>
    /// <param name="options">Whether weights may be not finite.</param>
    /// <returns>The adapter, frozen, on the CPU; the caller disposes.</returns>
    /// <exception cref="WeightFileException">It is damaged, or holds anything else.</exception>
    public static LowRankAdapter Read(string path, ModelLoadOptions? options = null)
    {
        using IWeightSource source = WeightFile.Open(path, options);
        AdapterTensors tensors = new AdapterTensors(source, "", SuffixA, SuffixB).Sort();
        int rank = tensors.RankOf(tensors.Modules.First());
        AdapterConfig config = new() { Rank = rank, Alpha = rank, Targets = [.. tensors.Modules] }; // a scale of 1
        return tensors.Read(config, module => tensors.RankOf(module), options?.AllowNonFiniteWeights ?? false);
    }

    /// <summary>Writes a file; the scale goes into B.</summary>
    /// <param name="path">The file.</param>
    /// <param name="adapter">The adapter.</param>
    /// <param name="square">The square linear layers of its model: MiniMind's scripts want matrices for each of them and no other.</param>
    /// <param name="precision">The number format; half, as MiniMind saves.</param>
    /// <exception cref="NotSupportedException">MiniMind's scripts cannot load such an adapter; the message says why.</exception>
    /// <exception cref="IOException">The file could not be written.</exception>
    /// <exception cref="InvalidOperationException">A weight is finite, but not in the given precision; nothing was written.</exception>
    public static void Write(string path, LowRankAdapter adapter, IReadOnlyCollection<string> square, WeightPrecision precision)
    {
        string[] faults = [.. Faults(adapter, square)];
        if (faults.Length > 0)
            throw new NotSupportedException($"MiniMind's scripts cannot load this adapter: {string.Join("; ", faults)}.");
        using DisposeScope scope = NewDisposeScope();
        using IDisposable noGradient = no_grad();
        List<KeyValuePair<string, Tensor>> tensors = [];
        foreach ((string module, LowRankPair pair) in adapter.Pairs)
        {
            tensors.Add(new(module + SuffixA, pair.A));
            tensors.Add(new(module + SuffixB, pair.B.Mul(pair.Scale)));
        }
        WeightRange.Check(tensors.ToDictionary(), precision);
        AtomicFileSet.WriteOne(path, stream => PthWriter.Write(stream, tensors, precision));
    }

    private static IEnumerable<string> Faults(LowRankAdapter adapter, IReadOnlyCollection<string> square)
    {
        if (adapter.Config.Dora)
            yield return "it has magnitudes (Dora)";
        if (adapter.Pairs.Keys.FirstOrDefault(module => !square.Contains(module)) is { } other)
            yield return $"it adds to '{other}', and they only add to square linear layers ({string.Join(", ", square.Select(TargetNames.EndOf).Distinct())})";
        if (square.FirstOrDefault(module => !adapter.Pairs.ContainsKey(module)) is { } missing)
            yield return $"it has nothing for '{missing}', and they add to every square linear layer";
        if (adapter.Pairs.FirstOrDefault(pair => pair.Value.Rank != ScriptRank) is { Value: { } wrong, Key: var module2 })
            yield return $"'{module2}' is of rank {wrong.Rank}, and theirs are of rank {ScriptRank}";
    }
}
