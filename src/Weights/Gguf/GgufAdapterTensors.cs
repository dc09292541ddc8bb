using MiniMind.MLNet.Dpo.CpuKernels.Native;
using MiniMind.MLNet.Dpo.Modeling;
using MiniMind.MLNet.Dpo.Modeling.Adapters;
using static TorchSharp.torch;

namespace MiniMind.MLNet.Dpo.Weights.Gguf;

/// <summary>An adapter's pairs as the tensors of a GGUF file, beside those of its model.</summary>
/// <remarks>
/// The runtimes scale each pair by the file's one alpha over the pair's rank. What a pair's own scale differs from that by goes into its B.
/// Where the file has several of a model's matrices in one, their pairs are one too: behind each other along the rank for matrices that are joined, and one
/// for each expert, of the largest rank, for those that are stacked.
/// </remarks>
internal sealed class GgufAdapterTensors
{
    private const string Weight = ".weight", SuffixA = ".lora_a", SuffixB = ".lora_b";

    private readonly LowRankAdapter _adapter;
    private readonly GgufTensorType _matrices;
    private readonly List<GgufTensor> _tensors = [];

    private GgufAdapterTensors(LowRankAdapter adapter, GgufTensorType matrices)
    {
        (_adapter, _matrices) = (adapter, matrices);
        LowRankPair first = adapter.Pairs.Values.First();
        Alpha = first.Scale > 0 ? first.Scale * first.Rank : 1; // 0 would mean a scale of 1
    }

    /// <summary>What the runtimes scale by, times a pair's rank (<c>adapter.lora.alpha</c>).</summary>
    public double Alpha { get; }

    /// <summary>The tensors, in the order of the model.</summary>
    public IReadOnlyList<GgufTensor> Tensors => _tensors;

    /// <summary>Finds the place of each pair; tensors that are no parameters live in the current scope.</summary>
    /// <param name="network">The model with its adapter, which has no magnitudes.</param>
    /// <param name="matrices">The format of the pairs.</param>
    /// <exception cref="NotSupportedException">The model has no place in a file.</exception>
    public static GgufAdapterTensors Of(MiniMindNetwork network, GgufTensorType matrices)
    {
        Dictionary<string, Tensor> parameters = network.named_parameters().ToDictionary(p => p.name, Tensor (p) => p.parameter);
        Dictionary<Tensor, string> names = parameters.ToDictionary<KeyValuePair<string, Tensor>, Tensor, string>(
            p => p.Value, p => p.Key, ReferenceEqualityComparer.Instance);
        GgufAdapterTensors result = new(network.Adapter!, matrices);
        foreach (GgufTensor place in GgufTensors.Of(network.Config, parameters, matrices))
            result.Add(place, [.. place.Sources.Select(source => names.GetValueOrDefault(source, ""))]);
        return result;
    }

    private void Add(GgufTensor place, IReadOnlyList<string> parameters)
    {
        LowRankPair?[] pairs = [.. parameters.Select(PairOf)];
        if (pairs.All(pair => pair is null))
            return;
        using IDisposable noGradient = no_grad();
        if (place.Sources.Count == 1)
            Add(place, [pairs[0]!.A], [ScaledB(pairs[0]!, pairs[0]!.Rank)]);
        else if (place.Joined)
            AddJoined(place, pairs);
        else
            AddStacked(place, pairs);
    }

    private LowRankPair? PairOf(string parameter) =>
        parameter.EndsWith(Weight, StringComparison.Ordinal) ? _adapter.Pairs.GetValueOrDefault(parameter[..^Weight.Length]) : null;

    /// <summary>Rows behind rows: each part of the output sees its own part of the rank.</summary>
    private void AddJoined(GgufTensor place, IReadOnlyList<LowRankPair?> pairs)
    {
        long rank = pairs.Sum(pair => pair?.Rank ?? 0), done = 0;
        List<Tensor> parts = [];
        foreach ((LowRankPair? pair, Tensor source) in pairs.Zip(place.Sources))
        {
            Tensor part = zeros(source.shape[0], rank, device: source.device); // (output, R)
            if (pair is not null)
                part.narrow(1, done, pair.Rank).copy_(ScaledB(pair, rank));
            done += pair?.Rank ?? 0;
            parts.Add(part);
        }
        Add(place, [cat([.. pairs.OfType<LowRankPair>().Select(pair => pair.A)])], [cat(parts)]); // (R, input), (outputs, R)
    }

    /// <summary>Expert for expert; one without a pair, or with a lower rank than another one's, has zeros.</summary>
    private void AddStacked(GgufTensor place, IReadOnlyList<LowRankPair?> pairs)
    {
        long rank = pairs.Max(pair => pair?.Rank ?? 0);
        List<Tensor> a = [], b = [];
        foreach ((LowRankPair? pair, Tensor source) in pairs.Zip(place.Sources))
        {
            a.Add(zeros(rank, source.shape[1], device: source.device)); // (R, input)
            b.Add(zeros(source.shape[0], rank, device: source.device)); // (output, R)
            if (pair is null)
                continue;
            a[^1].narrow(0, 0, pair.Rank).copy_(pair.A);
            b[^1].narrow(1, 0, pair.Rank).copy_(ScaledB(pair, rank));
        }
        Add(place, a, b);
    }

    /// <summary>B such that the file's alpha over a rank makes of it what the pair adds, (output, r).</summary>
    private Tensor ScaledB(LowRankPair pair, long rank)
    {
        double factor = pair.Scale * rank / Alpha;
        return factor == 1 ? pair.B : pair.B.Mul(factor);
    }

    private void Add(GgufTensor place, IReadOnlyList<Tensor> a, IReadOnlyList<Tensor> b)
    {
        _tensors.Add(new GgufTensor(place.Name + SuffixA, a, _matrices.ForRowsOf(a[0].shape[^1])));
        _tensors.Add(new GgufTensor(place.Name + SuffixB, b, _matrices.ForRowsOf(b[0].shape[^1]), place.Heads));
    }
}
