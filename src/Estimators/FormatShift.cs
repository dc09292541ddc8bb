using System.Globalization;
using MiniMind.MLNet.Dpo.Modeling;
using MiniMind.MLNet.Dpo.Training.Batches;
using MiniMind.MLNet.Dpo.Training.Heads;
using TorchSharp;

namespace MiniMind.MLNet.Dpo.Estimators;

/// <summary>How far keeping a model's weights in another format moves its log-probabilities.</summary>
/// <param name="Responses">How many responses it was measured on.</param>
/// <param name="Mean">The mean distance, nats a token.</param>
/// <param name="Largest">The largest distance of a response, nats a token.</param>
/// <param name="Format">The format.</param>
internal sealed record FormatShift(int Responses, double Mean, double Largest, FrozenFormat Format)
{
    private const long LogitsBudget = 1 << 24;

    /// <summary>Runs both models over some responses, in fp32.</summary>
    /// <param name="exact">The model as it is.</param>
    /// <param name="frozen">The same in the format.</param>
    /// <param name="rows">The responses.</param>
    public static FormatShift Measure(MiniMindNetwork exact, MiniMindNetwork frozen, BatchRows rows)
    {
        double[] before = Sums(exact, rows), after = Sums(frozen, rows);
        double[] shifts = [.. before.Select((sum, i) => Math.Abs(after[i] - sum) / Math.Max(1, rows.LossTokens[i]))];
        return new FormatShift(shifts.Length, shifts.Average(), shifts.Max(), frozen.Format);
    }

    /// <inheritdoc />
    public override string ToString() => string.Create(CultureInfo.InvariantCulture,
        $"weights in {Format} move the log-probabilities of {Responses} responses by {Mean:G3} nats a token on average, {Largest:G3} at most; policy and " +
            $"reference are moved alike");

    private static double[] Sums(MiniMindNetwork network, BatchRows rows)
    {
        using DisposeScope scope = torch.NewDisposeScope();
        return NetworkScorer.Sums(network, new DeviceBatch(rows, torch.ScalarType.Float32, network.Device), LogitsBudget).cpu().data<double>().ToArray();
    }
}
