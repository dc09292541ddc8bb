namespace MiniMind.MLNet.Dpo.Tests.Infrastructure;

/// <summary>A row with the columns that the preparation makes.</summary>
internal sealed class PreparedPair
{
    public long LineNumber { get; set; }

    public int[] ChosenInputIds { get; set; } = [];

    public int[] ChosenLabels { get; set; } = [];

    public float[] ChosenLossMask { get; set; } = [];

    public int[] RejectedInputIds { get; set; } = [];

    public int[] RejectedLabels { get; set; } = [];

    public float[] RejectedLossMask { get; set; } = [];
}
