using MiniMind.MLNet.Dpo.Training.Batches;


namespace MiniMind.MLNet.Dpo.Bench.Growth;

/// <summary>A row with the columns that the preparation makes.</summary>
internal sealed class PairRow
{
    public long LineNumber { get; set; }

    public int[] ChosenInputIds { get; set; } = [];

    public int[] ChosenLabels { get; set; } = [];

    public float[] ChosenLossMask { get; set; } = [];

    public int[] RejectedInputIds { get; set; } = [];

    public int[] RejectedLabels { get; set; } = [];

    public float[] RejectedLossMask { get; set; } = [];

    public static PairRow Of(PreferenceExample pair) => new()
    {
        LineNumber = pair.Line, ChosenInputIds = pair.Chosen.InputIds, ChosenLabels = pair.Chosen.Labels,
        ChosenLossMask = [.. pair.Chosen.LossMask.Select(m => (float)m)],
        RejectedInputIds = pair.Rejected.InputIds, RejectedLabels = pair.Rejected.Labels, RejectedLossMask = [.. pair.Rejected.LossMask.Select(m => (float)m)],
    };
}
