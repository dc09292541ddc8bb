using System.Text.Json.Serialization;
using TorchSharp;

namespace MiniMind.MLNet.Dpo.Estimators;

/// <summary>How a trained transformer scores pairs; saved with it.</summary>
internal sealed record ScoringOptions
{
    public required double Beta { get; init; }

    public required LogProbReduction Reduction { get; init; }

    public required int BatchSize { get; init; }

    public required int MaxLogitsMegabytes { get; init; }

    public required ComputePrecision Precision { get; init; }

    public required bool ReferenceFree { get; init; }

    /// <summary>The element type of matrix products.</summary>
    [JsonIgnore]
    public torch.ScalarType ComputeType => Precision switch
    {
        ComputePrecision.Bf16 => torch.ScalarType.BFloat16,
        ComputePrecision.Fp16 => torch.ScalarType.Float16,
        _ => torch.ScalarType.Float32,
    };

    /// <summary>The most elements that logits may have at once.</summary>
    [JsonIgnore]
    public long LogitsBudget => MaxLogitsMegabytes * (1L << 18);

    public required PairColumns InputColumns { get; init; }

    public required ScoreColumns ScoreColumns { get; init; }
}
