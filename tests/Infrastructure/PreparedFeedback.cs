namespace MiniMind.MLNet.Dpo.Tests.Infrastructure;

/// <summary>A row with the columns that the preparation of feedback makes.</summary>
internal sealed class PreparedFeedback
{
    public long LineNumber { get; set; }

    public int[] ConversationInputIds { get; set; } = [];

    public int[] ConversationLabels { get; set; } = [];

    public float[] ConversationLossMask { get; set; } = [];

    public bool Label { get; set; }
}
