using MiniMind.MLNet.Dpo.Training.Batches;

namespace MiniMind.MLNet.Dpo.Tests.Infrastructure;

/// <summary>A prepared conversation with a weight, and a verdict for trainers that want one.</summary>
internal sealed class WeightedConversation
{
    public long LineNumber { get; set; }

    public int[] ConversationInputIds { get; set; } = [];

    public int[] ConversationLabels { get; set; } = [];

    public float[] ConversationLossMask { get; set; } = [];

    public bool Label { get; set; }

    public float Weight { get; set; } = 1;

    public static WeightedConversation Of(Response response, double weight, int line)
    {
        PreparedFeedback row = FeedbackRows.Row(new FeedbackExample(response, line % 2 == 0, line));
        return new WeightedConversation
        {
            LineNumber = line, ConversationInputIds = row.ConversationInputIds, ConversationLabels = row.ConversationLabels,
            ConversationLossMask = row.ConversationLossMask, Label = row.Label, Weight = (float)weight,
        };
    }
}
