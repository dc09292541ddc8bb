using Microsoft.ML;
using MiniMind.MLNet.Dpo.Training.Batches;

namespace MiniMind.MLNet.Dpo.Tests.Infrastructure;

/// <summary>Made-up answers with verdicts.</summary>
internal static class FeedbackRows
{
    /// <summary>An answer of which every token counts.</summary>
    public static FeedbackExample Of(int[] prompt, int[] answer, bool isGood)
    {
        int[] ids = [.. prompt, .. answer];
        return new FeedbackExample(
            new Response(ids[..^1], ids[1..], [.. Enumerable.Range(1, ids.Length - 1).Select(t => (byte)(t >= prompt.Length ? 1 : 0))]), isGood, 0);
    }

    /// <summary>The sides of random pairs, prompts and lengths varied.</summary>
    public static IReadOnlyList<FeedbackExample> Make(int count, int vocabulary, int seed, Func<int, bool>? isGood = null) =>
        [.. RandomPairs.Make(count, vocabulary, seed).Select((pair, i) => new FeedbackExample(pair.Chosen, isGood?.Invoke(i) ?? i % 3 != 1, i + 1))];

    /// <summary>The same as rows that are prepared for a trainer.</summary>
    public static IDataView Prepared(MLContext context, int count, int seed = 3, Func<int, bool>? isGood = null) =>
        context.Data.LoadFromEnumerable(Make(count, 1024, seed, isGood).Select(Row).ToList());

    /// <summary>A row as the preparation makes it.</summary>
    public static PreparedFeedback Row(FeedbackExample row) => new()
    {
        LineNumber = row.Line, ConversationInputIds = row.Response.InputIds, ConversationLabels = row.Response.Labels,
        ConversationLossMask = [.. row.Response.LossMask.Select(m => (float)m)], Label = row.IsGood,
    };
}
