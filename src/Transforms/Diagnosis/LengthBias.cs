using MiniMind.MLNet.Dpo.Transforms.Diagnosis;

namespace MiniMind.MLNet.Dpo;

/// <summary>How the lengths of the answers go with their labels. Lengths are in characters.</summary>
/// <param name="Pairs">Pairs that were looked at.</param>
/// <param name="ChosenLonger">Pairs whose chosen answer is the longer one.</param>
/// <param name="RejectedLonger">Pairs whose rejected answer is the longer one.</param>
/// <param name="MeanChosenLength">Characters of a chosen answer on average.</param>
/// <param name="MeanRejectedLength">Characters of a rejected answer on average.</param>
/// <param name="MedianDifference">The median of chosen less rejected.</param>
public sealed record LengthBias(long Pairs, long ChosenLonger, long RejectedLonger, double MeanChosenLength, double MeanRejectedLength, double MedianDifference)
{
    /// <summary>The first lines whose label the length tells.</summary>
    public IReadOnlyList<long> Lines { get; init; } = [];

    /// <summary>How often "the longer answer is the better one" is right, answers of equal length counted half.</summary>
    public double LongerIsChosen => Pairs == 0 ? 0.5 : (ChosenLonger + (Pairs - ChosenLonger - RejectedLonger) / 2.0) / Pairs;

    /// <summary>How often the length alone tells the label: by "the longer" or "the shorter is the better one", whichever is right more often.</summary>
    public double Accuracy => Math.Max(LongerIsChosen, 1 - LongerIsChosen);

    /// <summary>The accuracy's 95 % Wilson interval.</summary>
    public (double Lower, double Upper) Interval => ShareInterval.Of(Accuracy, Pairs, ShareInterval.Reported);
}
