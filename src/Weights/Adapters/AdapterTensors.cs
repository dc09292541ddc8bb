using MiniMind.MLNet.Dpo.Modeling.Adapters;
using TorchSharp;
using static TorchSharp.torch;

namespace MiniMind.MLNet.Dpo.Weights.Adapters;

/// <summary>Makes an adapter of a file's tensors.</summary>
/// <param name="source">The file.</param>
/// <param name="prefix">What all names begin with.</param>
/// <param name="suffixes">What the names of A, B and magnitudes end with; without the last one there are none.</param>
internal sealed class AdapterTensors(IWeightSource source, string prefix, params string[] suffixes)
{
    /// <summary>The most characters of a layer's name.</summary>
    public const int MaxNameCharacters = 256;

    private const int Listed = 10;

    private readonly SortedDictionary<string, WeightView?[]> _pairs = new(StringComparer.Ordinal);

    /// <summary>The linear layers that have tensors in the file.</summary>
    public IEnumerable<string> Modules => _pairs.Keys;

    /// <summary>Sorts the file's tensors by the layers that they belong to.</summary>
    /// <exception cref="WeightFileException">A tensor is no adapter's, or one of a pair is missing or misshapen; the message lists all.</exception>
    public AdapterTensors Sort()
    {
        List<string> faults = [];
        foreach ((string name, WeightView view) in source.Tensors)
        {
            int kind = Array.FindIndex(suffixes, suffix => name.EndsWith(suffix, StringComparison.Ordinal));
            string module = kind < 0 || !name.StartsWith(prefix, StringComparison.Ordinal) || name.Length <= prefix.Length + suffixes[kind].Length
                ? "" : name[prefix.Length..^suffixes[kind].Length];
            if (module.Length is 0 or > MaxNameCharacters || TargetNames.LayerOf(module) < 0)
            {
                faults.Add($"'{name}'{TargetNames.Reason(module)} is none that is read " +
                    $"here: {string.Join(" or ", suffixes.Select(suffix => $"'{prefix}model.layers.0...{suffix}'"))}");
            }
            else if (!ElementTypes.IsFloatingPoint(view.Type))
            {
                faults.Add($"'{name}' is {view} instead of floating-point numbers");
            }
            else
            {
                if (!_pairs.TryGetValue(module, out WeightView?[]? views))
                    _pairs.Add(module, views = new WeightView?[suffixes.Length]);
                views[kind] = view;
            }
        }
        foreach ((string module, WeightView?[] views) in _pairs)
            faults.AddRange(PairFaults(module, views));
        if (_pairs.Count == 0 && faults.Count == 0)
            faults.Add("the file has no tensors");
        if (faults.Count > 0)
        {
            throw new WeightFileException(source.Path, "tensors", string.Join("; ", faults.Take(Listed))
                + (faults.Count > Listed ? $"; and {faults.Count - Listed} more" : ""));
        }

        return this;
    }

    /// <summary>The rank of a layer's matrices.</summary>
    public int RankOf(string module) => (int)_pairs[module][0]!.Shape[0];

    /// <summary>Whether a layer's matrix is square.</summary>
    public bool IsSquare(string module) => _pairs[module][0]!.Shape[1] == _pairs[module][1]!.Shape[0];

    /// <summary>Whether any layer has a magnitude.</summary>
    public bool HasMagnitudes => suffixes.Length > 2 && _pairs.Values.Any(views => views[2] is not null);

    /// <summary>The layers without a magnitude.</summary>
    public IEnumerable<string> WithoutMagnitude => _pairs.Where(pair => suffixes.Length < 3 || pair.Value[2] is null).Select(pair => pair.Key);

    /// <summary>Reads all tensors.</summary>
    /// <param name="config">What the adapter is.</param>
    /// <param name="alphaOf">The alpha of a layer.</param>
    /// <param name="allowNonFinite">Whether numbers may be none.</param>
    /// <exception cref="WeightFileException">Numbers are not finite.</exception>
    public LowRankAdapter Read(AdapterConfig config, Func<string, double> alphaOf, bool allowNonFinite)
    {
        WeightFaults faults = new();
        Dictionary<string, LowRankPair> pairs = [];
        LowRankAdapter adapter = new(config, pairs);
        try
        {
            using DisposeScope scope = NewDisposeScope();
            Dictionary<WeightView, Tensor> values = [];
            // an entry of an archive is read from front to back
            foreach ((string name, WeightView view) in source.Tensors.OrderBy(tensor => tensor.Value.Offset))
            {
                values.Add(view, empty(view.Shape, ScalarType.Float32));
                faults.Add(name, view, view.CopyTo(values[view]));
            }
            foreach ((string module, WeightView?[] views) in _pairs)
            {
                Tensor? magnitude = views.Length > 2 && views[2] is { } view ? values[view] : null;
                pairs.Add(module, new LowRankPair(values[views[0]!], values[views[1]!], magnitude, alphaOf(module), config.RankStabilized, config.Dropout,
                    trained: false));
            }
            if (!allowNonFinite)
                faults.ThrowIfAny(source.Path, WeightFaults.Advice);
            return adapter;
        }
        catch
        {
            adapter.Dispose();
            throw;
        }
    }

    private IEnumerable<string> PairFaults(string module, WeightView?[] views)
    {
        for (int kind = 0; kind < 2; kind++)
        {
            if (views[kind] is null)
                yield return $"'{prefix}{module}{suffixes[kind]}' is missing";
            else if (views[kind]!.Shape.Length != 2 || views[kind]!.Shape.Contains(0))
                yield return $"'{prefix}{module}{suffixes[kind]}' is {views[kind]} instead of a matrix";
        }
        if (views[0] is not { Shape: [long rank, _] } || views[1] is not { Shape: [long output, long inner] })
            yield break;
        if (inner != rank)
            yield return $"'{prefix}{module}' has {views[0]} and {views[1]}, which are of different ranks";
        if (views.Length > 2 && views[2] is { } magnitude && !magnitude.Shape.AsSpan().SequenceEqual([output]))
            yield return $"'{prefix}{module}{suffixes[2]}' is {magnitude} instead of [{output}]";
    }
}
