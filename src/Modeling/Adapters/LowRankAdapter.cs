using MiniMind.MLNet.Dpo.CpuKernels.Native;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace MiniMind.MLNet.Dpo.Modeling.Adapters;

/// <summary>The pairs of an adapter by the linear layers that they belong to.</summary>
/// <param name="config">What it is.</param>
/// <param name="pairs">The pairs by their layers' names, in the order of the model; taken over.</param>
internal sealed class LowRankAdapter(AdapterConfig config, IReadOnlyDictionary<string, LowRankPair> pairs) : IDisposable
{
    /// <summary>What the names of A end with.</summary>
    public const string SuffixA = ".lora_A.weight";

    /// <summary>What the names of B end with.</summary>
    public const string SuffixB = ".lora_B.weight";

    /// <summary>What the names of magnitudes end with.</summary>
    public const string MagnitudeSuffix = ".lora_magnitude_vector";

    /// <summary>What it is.</summary>
    public AdapterConfig Config => config;

    /// <summary>The pairs by their layers' names, such as <c>model.layers.0.self_attn.q_proj</c>, in the order of the model.</summary>
    public IReadOnlyDictionary<string, LowRankPair> Pairs => pairs;

    /// <summary>All parameters by their names, in the order of the model.</summary>
    public IEnumerable<(string Name, Parameter Parameter)> Parameters => pairs.SelectMany(entry => Of(entry.Key, entry.Value));

    /// <summary>The number of weights.</summary>
    public long ParameterCount => Parameters.Sum(entry => entry.Parameter.numel());

    /// <summary>Whether steps change it.</summary>
    public bool IsTrained => pairs.Values.Any(pair => pair.IsTrained);

    /// <summary>Whether training drops some of A's inputs.</summary>
    public bool Drops => pairs.Values.Any(pair => pair.IsTrained && pair.Dropout > 0);

    /// <summary>An adapter that changes nothing yet: A uniform within one over the root of its width, as a new linear layer of torch, B zero, magnitudes the
    /// rows' own lengths.</summary>
    /// <param name="network">The model, which stays as it is.</param>
    /// <param name="config">What the adapter is to be.</param>
    /// <param name="modules">Names of the linear layers that get a pair.</param>
    /// <param name="random">Draws A, on the CPU.</param>
    public static LowRankAdapter Create(MiniMindNetwork network, AdapterConfig config, IReadOnlySet<string> modules, Generator random)
    {
        using IDisposable noGradient = no_grad();
        Dictionary<string, LowRankPair> pairs = [];
        foreach ((string name, StoredMatrix matrix) in network.Linears.Where(linear => modules.Contains(linear.Key)))
        {
            using DisposeScope scope = NewDisposeScope();
            long output = matrix.Weight.shape[0], input = matrix.Weight.shape[1];
            Tensor a = rand([config.Rank, input], generator: random).Sub(0.5).MulInPlace(2 / Math.Sqrt(input)).to(network.Device); // (r, input)
            Tensor b = zeros([output, config.Rank], device: network.Device); // (output, r)
            Tensor? magnitude = null;
            if (config.Dora)
            {
                using LowRankPair plain = new(a.clone(), b.clone(), null, config.Alpha, config.RankStabilized, 0, trained: false);
                magnitude = plain.RowNorms(matrix); // (output)
            }
            pairs.Add(name, new LowRankPair(a, b, magnitude, config.Alpha, config.RankStabilized, config.Dropout, trained: true));
        }
        return new LowRankAdapter(config with { Targets = TargetNames.Shortest(network, [.. pairs.Keys]) }, pairs);
    }

    /// <summary>What keeps the adapter from being added to a model; none where it fits.</summary>
    public IEnumerable<string> Faults(MiniMindNetwork network)
    {
        Dictionary<string, StoredMatrix> linears = network.Linears.ToDictionary();
        foreach ((string module, LowRankPair pair) in pairs)
        {
            if (!linears.TryGetValue(module, out StoredMatrix? matrix))
            {
                yield return $"the model has no linear layer '{module}'";
            }
            else if (matrix.Weight.shape[0] != pair.Output || matrix.Weight.shape[1] != pair.Input)
            {
                yield return $"'{module}' is {matrix.Weight.shape[1]} to {matrix.Weight.shape[0]} in the model, and {pair.Input} to {pair.Output} in the " +
                    $"adapter";
            }
        }
    }

    /// <summary>A frozen adapter of its own for a model that it fits: on its device, in its order.</summary>
    public LowRankAdapter For(MiniMindNetwork network)
    {
        Dictionary<string, LowRankPair> ordered = network.Linears.Where(linear => pairs.ContainsKey(linear.Key))
            .ToDictionary(linear => linear.Key, linear => pairs[linear.Key].Clone(network.Device, trained: false, config.Dropout));
        return new(config with { Targets = TargetNames.Shortest(network, ordered.Keys) }, ordered);
    }

    /// <summary>An adapter of its own with the same numbers.</summary>
    /// <param name="device">Where it lies.</param>
    /// <param name="trained">Whether steps change it.</param>
    public LowRankAdapter Clone(Device device, bool trained = false) =>
        new(config, pairs.ToDictionary(entry => entry.Key, entry => entry.Value.Clone(device, trained, config.Dropout)));

    /// <inheritdoc />
    public void Dispose()
    {
        foreach (LowRankPair pair in pairs.Values)
            pair.Dispose();
    }

    private static IEnumerable<(string Name, Parameter Parameter)> Of(string module, LowRankPair pair)
    {
        yield return (module + SuffixA, pair.A);
        yield return (module + SuffixB, pair.B);
        if (pair.Magnitude is not null)
            yield return (module + MagnitudeSuffix, pair.Magnitude);
    }
}
