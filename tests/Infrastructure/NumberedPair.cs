using MiniMind.MLNet.Dpo.Training.Batches;

namespace MiniMind.MLNet.Dpo.Tests.Infrastructure;

/// <summary>A prepared row with a weight and a margin.</summary>
internal sealed class NumberedPair
{
    public long LineNumber { get; set; }

    public int[] ChosenInputIds { get; set; } = [];

    public int[] ChosenLabels { get; set; } = [];

    public float[] ChosenLossMask { get; set; } = [];

    public int[] RejectedInputIds { get; set; } = [];

    public int[] RejectedLabels { get; set; } = [];

    public float[] RejectedLossMask { get; set; } = [];

    public float Weight { get; set; } = 1;

    public float Margin { get; set; }

    public static NumberedPair Of(PreferenceExample pair, double weight, double margin = 0)
    {
        PreparedPair row = SmallModel.Row(pair);
        return new NumberedPair
        {
            LineNumber = row.LineNumber, ChosenInputIds = row.ChosenInputIds, ChosenLabels = row.ChosenLabels, ChosenLossMask = row.ChosenLossMask,
            RejectedInputIds = row.RejectedInputIds, RejectedLabels = row.RejectedLabels, RejectedLossMask = row.RejectedLossMask,
            Weight = (float)weight, Margin = (float)margin,
        };
    }
}
