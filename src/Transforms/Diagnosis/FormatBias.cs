using MiniMind.MLNet.Dpo.Transforms.Diagnosis;

namespace MiniMind.MLNet.Dpo;

/// <summary>How a property of the answers' form goes with their labels.</summary>
/// <param name="Feature">The property, such as <c>list items</c> or <c>begins "sure, here is"</c>.</param>
/// <param name="Pairs">Pairs that were looked at.</param>
/// <param name="ChosenHasMore">Pairs whose chosen answer has more of it.</param>
/// <param name="RejectedHasMore">Pairs whose rejected answer has more of it.</param>
public sealed record FormatBias(string Feature, long Pairs, long ChosenHasMore, long RejectedHasMore)
{
    /// <summary>The first lines whose label the property tells.</summary>
    public IReadOnlyList<long> Lines { get; init; } = [];

    /// <summary>Pairs whose answers differ in it.</summary>
    public long Differing => ChosenHasMore + RejectedHasMore;

    /// <summary>The share of the pairs whose answers differ in it.</summary>
    public double Coverage => Pairs == 0 ? 0 : (double)Differing / Pairs;

    /// <summary>How often, of the pairs that differ, the property alone tells the label: by "more" or "less is better", whichever is right more
    /// often.</summary>
    public double Accuracy => Differing == 0 ? 0.5 : (double)Math.Max(ChosenHasMore, RejectedHasMore) / Differing;

    /// <summary>Whether chosen answers are those with more of it.</summary>
    public bool MoreIsChosen => ChosenHasMore >= RejectedHasMore;

    /// <summary>The accuracy's 95 % Wilson interval.</summary>
    public (double Lower, double Upper) Interval => ShareInterval.Of(Accuracy, Differing, ShareInterval.Reported);
}
