namespace MiniMind.MLNet.Dpo.Transforms.Masking;

/// <summary>Leaves in a mask the answers that count.</summary>
internal static class AnswerChoice
{
    /// <summary>How many tokens all sides of a row start with together.</summary>
    public static int PartingOf(IReadOnlyList<ReadOnlyMemory<int>> sides)
    {
        int shared = sides[0].Length;
        foreach (ReadOnlyMemory<int> side in sides)
            shared = Math.Min(shared, side.Span.CommonPrefixLength(sides[0].Span));
        return shared;
    }

    /// <summary>Takes out of a mask what does not count.</summary>
    /// <param name="mask">The mask of all answers.</param>
    /// <param name="answers">The answers.</param>
    /// <param name="choice">Which ones count.</param>
    /// <param name="parting">How many tokens the sides of the row share at their start.</param>
    public static void Apply(Span<float> mask, IReadOnlyList<MaskedAnswer> answers, CountedAnswers choice, int parting)
    {
        int next = 0;
        foreach (MaskedAnswer answer in answers)
        {
            if (choice == CountedAnswers.Last ? !answer.IsLast : answer.End <= parting)
                continue;
            if (answer.Start > next)
                mask[next..answer.Start].Clear();
            next = Math.Max(next, answer.End);
        }
        mask[next..].Clear();
    }
}
