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
        return Enumerable.Range(0, pairs.Count).Sum(i =>
            RewardAccuracy.Of(Reduced(reference.Chosen[i], pairs[i].Chosen), Reduced(reference.Rejected[i], pairs[i].Rejected)));
    }
}
