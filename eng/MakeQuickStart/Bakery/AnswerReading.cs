namespace MakeQuickStart.Bakery;

/// <summary>What an answer of the model turns out to be.</summary>
/// <param name="Opener">Whose opener it has, if any.</param>
/// <param name="FactIsRight">Whether it states the fact that was asked for.</param>
/// <param name="Closer">Whose closer it has, if any.</param>
internal sealed record AnswerReading(Voice? Opener, bool FactIsRight, Voice? Closer)
{
    /// <summary>Takes an answer apart.</summary>
    /// <exception cref="ArgumentException">The question is none of the bakery's.</exception>
    public static AnswerReading Of(string question, string answer)
    {
        Matter matter = Matters.Of(question);
        return new(
            Find(voice => Phrases.Openers(voice).Any(opener => answer.StartsWith(opener + " ", StringComparison.Ordinal))),
            matter.Facts.Any(fact => answer.Contains($" {fact} ", StringComparison.Ordinal)),
            Find(voice => Phrases.Closers(voice, matter.Intent).Any(closer => answer.EndsWith(" " + closer, StringComparison.Ordinal))));
    }

    /// <summary>Whether the answer is as a colleague would give it, from the first word to the last.</summary>
    public bool IsWholeIn(Voice voice) => Opener == voice && FactIsRight && Closer == voice;

    private static Voice? Find(Predicate<Voice> speaks) => speaks(Voice.Friendly) ? Voice.Friendly : speaks(Voice.Gruff) ? Voice.Gruff : null;
}
