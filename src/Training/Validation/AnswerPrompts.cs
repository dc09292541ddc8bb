using MiniMind.MLNet.Dpo.Training.Batches;

namespace MiniMind.MLNet.Dpo.Training.Validation;

/// <summary>Prompts out of prepared conversations: everything before the last answer.</summary>
internal static class AnswerPrompts
{
    /// <summary>Some prompts, evenly spread over the conversations.</summary>
    /// <param name="responses">The conversations; each has a counted token.</param>
    /// <param name="count">How many at most.</param>
    /// <param name="longest">The most tokens of a prompt; conversations with a longer one are passed over.</param>
    public static IReadOnlyList<int[]> Of(IReadOnlyList<Response> responses, int count, int longest)
    {
        int[][] fitting = [.. responses.Select(Of).Where(prompt => prompt.Length <= longest)];
        int taken = Math.Min(count, fitting.Length);
        return [.. Enumerable.Range(0, taken).Select(i => fitting[(long)i * fitting.Length / taken])];
    }

    private static int[] Of(Response response)
    {
        int start = response.NeededLength - 1;
        while (start > 0 && response.LossMask[start - 1] != 0)
            start--;
        return response.InputIds[..(start + 1)]; // the answer's first token is the label of this slice's last
    }
}
