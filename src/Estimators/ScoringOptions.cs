using System.Text.Json.Serialization;
using MiniMind.MLNet.Dpo.Modeling;
using MiniMind.MLNet.Dpo.Training.Losses;
using TorchSharp;

namespace MiniMind.MLNet.Dpo.Estimators;

/// <summary>How a trained transformer scores pairs; saved with it.</summary>
internal sealed record ScoringOptions
{
    /// <summary>What was made smaller; in files of before there was a choice it is the sigmoid loss.</summary>
    public PreferenceLoss Loss { get; init; } = PreferenceLoss.Sigmoid();

    /// <summary>What margins of the data were for, so that an evaluation measures the same loss; <see langword="null"/> where there were none.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public PreferenceMargin? Margin { get; init; }

    public required double Beta { get; init; }

    public required LogProbReduction Reduction { get; init; }

    public required int BatchSize { get; init; }

    public required int MaxLogitsMegabytes { get; init; }

    public required ComputePrecision Precision { get; init; }

    public required bool ReferenceFree { get; init; }

    /// <summary>Whether this library's kernels run where they fit, as in training.</summary>
    public bool FusedKernels { get; init; } = true;

    /// <summary>How passes compute.</summary>
    [JsonIgnore]
    public ComputeMode Mode => new(Precision switch
    {
        ComputePrecision.Bf16 => torch.ScalarType.BFloat16,
        ComputePrecision.Fp16 => torch.ScalarType.Float16,
        _ => torch.ScalarType.Float32,
    }, FusedKernels);

    /// <summary>The loss with its beta and reduction.</summary>
    [JsonIgnore]
    public PreferenceObjective Objective => new(Loss, Beta, Reduction, Margin);

    /// <summary>The most elements that logits may have at once.</summary>
    [JsonIgnore]
    public long LogitsBudget => MaxLogitsMegabytes * (1L << 18);

    public required PairColumns InputColumns { get; init; }

    public required ScoreColumns ScoreColumns { get; init; }

    /// <summary>Checks that they are what a trainer can have written.</summary>
    /// <exception cref="InvalidDataException">They are not.</exception>
    public void Validate()
    {
        if (BatchSize < 1 || MaxLogitsMegabytes < 1 || !(Beta > 0) || !double.IsFinite(Beta))
            throw new InvalidDataException($"Beta is {Beta}, BatchSize {BatchSize} and MaxLogitsMegabytes {MaxLogitsMegabytes}; all must be above 0");
        if (!Loss.Takes(Reduction))
            throw new InvalidDataException($"Loss {Loss.Name} does not take Reduction {Reduction}");
    }
}
