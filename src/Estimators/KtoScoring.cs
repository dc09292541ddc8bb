using System.Text.Json.Serialization;
using MiniMind.MLNet.Dpo.Training.Losses;

namespace MiniMind.MLNet.Dpo.Estimators;

/// <summary>How a transformer trained on feedback scores answers; saved with it.</summary>
internal sealed record KtoScoring
{
    public required KtoLoss Loss { get; init; }

    public required double Beta { get; init; }

    public required double DesirableWeight { get; init; }

    public required double UndesirableWeight { get; init; }

    /// <summary>The baseline z as training measured it last, nats.</summary>
    public required double Baseline { get; init; }

    public required int BatchSize { get; init; }

    public required int MaxLogitsMegabytes { get; init; }

    public required ComputePrecision Precision { get; init; }

    public required bool FusedKernels { get; init; }

    public required FeedbackColumns InputColumns { get; init; }

    public required FeedbackScoreColumns ScoreColumns { get; init; }

    /// <summary>The loss with its baseline.</summary>
    [JsonIgnore]
    public FeedbackNote Note => new(new FeedbackObjective(Loss == KtoLoss.Kto, Beta, DesirableWeight, UndesirableWeight), Baseline);

    /// <summary>How the networks are run: rewards are beta times the difference of sums, as the sigmoid loss of pairs has them.</summary>
    [JsonIgnore]
    public ScoringOptions Networks => new()
    {
        Beta = Beta, Reduction = LogProbReduction.Sum, BatchSize = BatchSize, MaxLogitsMegabytes = MaxLogitsMegabytes, Precision = Precision,
        ReferenceFree = false, FusedKernels = FusedKernels, InputColumns = new PairColumns(), ScoreColumns = new ScoreColumns(),
    };

    /// <summary>Checks that they are what a trainer can have written.</summary>
    /// <exception cref="InvalidDataException">They are not.</exception>
    public void Validate()
    {
        bool positive = new[] { Beta, DesirableWeight, UndesirableWeight }.All(value => value > 0 && double.IsFinite(value));
        if (!positive || BatchSize < 1 || MaxLogitsMegabytes < 1 || !(Baseline >= 0) || !Enum.IsDefined(Loss) || !Enum.IsDefined(Precision))
        {
            throw new InvalidDataException(
                $"Loss is {Loss}, Beta {Beta}, DesirableWeight {DesirableWeight}, UndesirableWeight {UndesirableWeight}, Baseline {Baseline}, BatchSize " +
                $"{BatchSize}, MaxLogitsMegabytes {MaxLogitsMegabytes} and Precision {Precision}, which no trainer writes");
        }

        if (InputColumns is null || ScoreColumns is null || InputColumns.All.Concat(ScoreColumns.All).Any(string.IsNullOrWhiteSpace))
            throw new InvalidDataException("a column has no name");
    }
}
