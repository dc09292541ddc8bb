using System.Text.Json.Serialization;

namespace MiniMind.MLNet.Dpo;

/// <summary>What a column of margins asks for: by how much the reward of a pair's chosen side is to exceed that of its rejected side.</summary>
/// <remarks>
/// The loss becomes that of the rewards' difference less an offset, such as -log sigmoid(beta * ((log pi - log ref)(chosen) - (log pi - log ref)(rejected)) -
/// offset). Rewards, margins and accuracies are measured without the offset. What it gains is not well known: published gains are small and of few data sets.
/// </remarks>
public sealed record PreferenceMargin
{
    [JsonConstructor]
    internal PreferenceMargin(bool isScoreGap, double scale)
    {
        if (!(scale > 0 && double.IsFinite(scale)))
            throw new ArgumentOutOfRangeException(isScoreGap ? "alpha" : nameof(scale), scale, "It must be above 0.");
        (IsScoreGap, Scale) = (isScoreGap, scale);
    }

    /// <summary>Whether the column holds the difference of two scores, of which the logarithm is taken; else it holds the margin itself.</summary>
    public bool IsScoreGap { get; }

    /// <summary>What the offset is multiplied by.</summary>
    public double Scale { get; }

    /// <summary>The column's number itself, times a factor, as the margin of Llama 2's reward model (Touvron et al. 2023, arXiv 2307.09288, eq. 2).</summary>
    /// <param name="scale">The factor, above 0. Rewards are small where beta is: a margin on a scale of stars needs a factor to match.</param>
    /// <exception cref="ArgumentOutOfRangeException">The factor is not above 0.</exception>
    public static PreferenceMargin Plain(double scale = 1) => new(false, scale);

    /// <summary>
    /// alpha * log(gap) of the difference between the scores that the answers were given: DPO with an offset, ODPO (Amini et al. 2024, arXiv 2402.10571, eq.
    /// 8).
    /// </summary>
    /// <remarks>Gaps below 1 give a negative offset. A gap of 0 or below is an error, which names its line.</remarks>
    /// <param name="alpha">The factor, above 0; the paper tries 0.1 to 1.</param>
    /// <exception cref="ArgumentOutOfRangeException">Alpha is not above 0.</exception>
    public static PreferenceMargin LogScoreGap(double alpha = 1) => new(true, alpha);

    /// <summary>The offset of a pair, in units of reward.</summary>
    /// <param name="number">What the column holds.</param>
    /// <param name="fault">What is wrong with the number; <see langword="null"/> where it is right.</param>
    internal double Offset(double number, out string? fault)
    {
        fault = !double.IsFinite(number) ? "a margin must be a finite number"
            : IsScoreGap && number <= 0 ? "a gap between scores must be above 0 for its logarithm to be taken: leave out pairs whose scores do not prefer "
                + "the chosen side, or take PreferenceMargin.Plain"
            : null;
        return fault is not null ? 0 : Scale * (IsScoreGap ? Math.Log(number) : number);
    }

    /// <summary>The term that the loss takes from the rewards' difference.</summary>
    internal string Formula => IsScoreGap ? FormattableString.Invariant($"{Scale} * log(score gap)") : FormattableString.Invariant($"{Scale} * margin");
}
