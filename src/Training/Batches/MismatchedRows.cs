namespace MiniMind.MLNet.Dpo.Training.Batches;

/// <summary>Prompts with answers to other prompts, on which KTO measures how far the policy is from the reference altogether.</summary>
internal static class MismatchedRows
{
    /// <summary>
    /// The mismatched rows of a step, in its order: each prompt takes the answer of the row before it, the first that of the last. Rows with the same prompt
    /// are passed over, as far as there are others.
    /// </summary>
    /// <param name="rows">All rows of the data.</param>
    /// <param name="group">The rows of the step, in the order of the epoch.</param>
    /// <param name="longest">The most input tokens of a row; what is longer loses the answer's end.</param>
    /// <returns>
    /// One for each row of the group; a step of one row takes the answer of the next row of the data. Empty where the data has one row: nothing is matched
    /// with itself.
    /// </returns>
    public static IReadOnlyList<Response> Of(IReadOnlyList<FeedbackExample> rows, IReadOnlyList<int> group, int longest)
    {
        if (rows.Count < 2)
            return [];
        IReadOnlyList<int> givers = group.Count > 1 ? group : [group[0], (group[0] + 1) % rows.Count];
        return [.. Enumerable.Range(0, group.Count).Select(i => Join(rows[group[i]].Response, rows[givers[GiverOf(i)]].Response, longest))];

        int GiverOf(int i)
        {
            int count = givers.Count;
            for (int back = 1; back < count; back++)
            {
                int giver = (i - back + count) % count;
                if (!Prompt(rows[group[i]].Response).SequenceEqual(Prompt(rows[givers[giver]].Response)))
                    return giver;
            }
            return (i - 1 + count) % count;
        }
    }

    /// <summary>One row's prompt with another one's answer.</summary>
    public static Response Join(Response prompt, Response answer, int longest)
    {
        int kept = FirstCounted(prompt), from = FirstCounted(answer), count = Math.Min(answer.NeededLength - from, longest - kept);
        int[] ids = [.. Prompt(prompt), .. answer.Labels.AsSpan(from, count)];
        return new Response(ids[..^1], ids[1..], [.. new byte[kept], .. answer.LossMask.AsSpan(from, count)]);
    }

    /// <summary>The tokens before the first counted one.</summary>
    private static ReadOnlySpan<int> Prompt(Response response) => response.InputIds.AsSpan(0, FirstCounted(response) + 1);

    private static int FirstCounted(Response response) => Array.FindIndex(response.LossMask, counted => counted != 0);
}
