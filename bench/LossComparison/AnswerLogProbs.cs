using Microsoft.ML;
using Microsoft.ML.Data;
using MiniMind.MLNet.Dpo.Data;

namespace MiniMind.MLNet.Dpo.Bench.LossComparison;

/// <summary>What a model gives both answers of each pair, whatever loss it was trained with: sums over tokens, nats.</summary>
/// <param name="Chosen">Of the chosen sides.</param>
/// <param name="Rejected">Of the rejected sides.</param>
internal sealed record AnswerLogProbs(double[] Chosen, double[] Rejected)
{
    /// <summary>Scores the pairs.</summary>
    /// <param name="trained">The model.</param>
    /// <param name="pairs">Prepared pairs.</param>
    /// <param name="reduction">What its scores are reduced to.</param>
    public static AnswerLogProbs Of(DpoTransformer trained, IDataView pairs, LogProbReduction reduction)
    {
        IDataView scored = trained.Transform(pairs);
        double[] Sums(string side)
        {
            double[] logProbs = [.. scored.GetColumn<float>($"{side}LogProb").Select(value => (double)value)];
            return reduction == LogProbReduction.Sum ? logProbs : [.. logProbs.Zip(Tokens(pairs, side), (mean, tokens) => mean * tokens)];
        }
        return new AnswerLogProbs(Sums(ColumnNames.Chosen), Sums(ColumnNames.Rejected));
    }

    /// <summary>Counted tokens of one side of each pair.</summary>
    public static double[] Tokens(IDataView pairs, string side) =>
        [.. pairs.GetColumn<VBuffer<float>>($"{side}LossMask").Select(mask => (double)mask.DenseValues().Sum())];
}
