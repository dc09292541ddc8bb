using static TorchSharp.torch;

namespace MiniMind.MLNet.Dpo.Training.Losses;

/// <summary>
/// The one definition of a pair that is right: its chosen side has more than its rejected side. A tie counts half, as by chance; what is not a number is
/// wrong.
/// </summary>
internal static class RewardAccuracy
{
    /// <summary>1, one half for a tie, or 0.</summary>
    /// <param name="chosen">The chosen side's reward, or log-probability.</param>
    /// <param name="rejected">The rejected side's.</param>
    public static double Of(double chosen, double rejected) => chosen > rejected ? 1 : chosen == rejected ? 0.5 : 0;

    /// <summary>The same of several pairs on their device.</summary>
    /// <param name="chosen">(B).</param>
    /// <param name="rejected">(B).</param>
    /// <returns>(B), fp64.</returns>
    public static Tensor Of(Tensor chosen, Tensor rejected) =>
        stack([chosen.gt(rejected), chosen.ge(rejected)]).to(ScalarType.Float64).mean([0]); // (2, B) -> (B)
}
