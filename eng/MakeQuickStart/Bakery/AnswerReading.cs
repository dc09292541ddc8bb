namespace MakeQuickStart.Bakery;

/// <summary>What an answer of the model turns out to be.</summary>
/// <param name="FactIsRight">Whether it begins with the fact that was asked for.</param>
/// <param name="Remark">Whose remark follows, if any.</param>
/// <param name="Farewell">Whose farewell ends it, if any.</param>
internal sealed record AnswerReading(bool FactIsRight, Voice? Remark, Voice? Farewell)
{
    /// <summary>Takes an answer apart.</summary>
    /// <exception cref="ArgumentException">The question is none of the bakery's.</exception>
    public static AnswerReading Of(string question, string answer)
    {
        Matter matter = Matters.Of(question);
        return new(
            matter.Facts.Any(fact => answer.StartsWith(fact, StringComparison.Ordinal)),
            Find(voice => Phrases.Remarks(voice, matter.Intent).Any(remark => answer.Contains($". {remark}", StringComparison.Ordinal))),
            Find(voice => Phrases.Farewells(voice).Any(farewell => answer.EndsWith(" " + farewell, StringComparison.Ordinal))));
    }

    /// <summary>Whether the answer is as a colleague would give it, from the first word to the last.</summary>
    public bool IsWholeIn(Voice voice) => FactIsRight && Remark == voice && Farewell == voice;

    private static Voice? Find(Predicate<Voice> speaks) => speaks(Voice.Friendly) ? Voice.Friendly : speaks(Voice.Gruff) ? Voice.Gruff : null;
}
