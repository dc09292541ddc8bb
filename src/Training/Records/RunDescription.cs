using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using MiniMind.MLNet.Dpo.Training.Losses;

namespace MiniMind.MLNet.Dpo.Training.Records;

/// <summary>What a run trains, on what and how: the part of <c>run.json</c> that is known before the first step.</summary>
internal sealed record RunDescription
{
    /// <summary><c>dpo</c>, <c>kto</c> or <c>sft</c>.</summary>
    public required string Trainer { get; init; }

    /// <summary>The loss, and where it comes from.</summary>
    public required string Formula { get; init; }

    /// <summary>The loss, for the curves; <see langword="null"/> for a supervised run.</summary>
    [JsonIgnore]
    public PreferenceObjective? Objective { get; init; }

    /// <summary>Gives the first rows with what is trained on, for a file of their own.</summary>
    [JsonIgnore]
    public Func<IReadOnlyList<MaskSample>> Masks { get; init; } = () => [];

    /// <summary>Looks at the training data, for a file of its own; <see langword="null"/> where it holds no pairs.</summary>
    [JsonIgnore]
    public Func<DiagnosisSample>? Diagnosis { get; init; }

    /// <summary>How a response's token log-probabilities become one number; <see langword="null"/> where they do not.</summary>
    public string? Reduction { get; init; }

    /// <summary>Which tokens count; <see langword="null"/> where the data does not say.</summary>
    public string? MaskRule { get; init; }

    /// <summary>The frozen reference; <see langword="null"/> for none.</summary>
    public ReferenceDescription? Reference { get; init; }

    /// <summary>The model that training starts from.</summary>
    public required ModelDescription Model { get; init; }

    /// <summary>The examples.</summary>
    public required DataDescription Data { get; init; }

    /// <summary>Where and in which precision it computes.</summary>
    public required ComputeDescription Compute { get; init; }

    /// <summary>Every option by name and value.</summary>
    public required JsonObject Options { get; init; }
}
