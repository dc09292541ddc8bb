using MiniMind.MLNet.Dpo.Training.Batches;
using MiniMind.MLNet.Dpo.Training.Losses;

namespace MiniMind.MLNet.Dpo.Training.References;

/// <summary>How often the reference prefers the chosen side by itself.</summary>
internal static class ReferencePreference
{
    /// <summary>Counts the pairs whose chosen side has the higher log-probability, reduced as in the loss; a tie counts half.</summary>
    public static double CountRight(PrecomputedReference reference, IReadOnlyList<PreferenceExample> pairs, LogProbReduction reduction)
    {
        double Reduced(double sum, Response response) => reduction == LogProbReduction.Mean ? sum / response.LossTokens : sum;
        double Whole(IReadOnlyList<double> parts, int i) => Enumerable.Range(0, parts.Count / pairs.Count).Sum(part => parts[part * pairs.Count + i]);
        return Enumerable.Range(0, pairs.Count).Sum(i =>
            RewardAccuracy.Of(Reduced(Whole(reference.Chosen, i), pairs[i].Chosen), Reduced(Whole(reference.Rejected, i), pairs[i].Rejected)));
    }
}
