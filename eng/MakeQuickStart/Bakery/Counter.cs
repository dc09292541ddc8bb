namespace MakeQuickStart.Bakery;

/// <summary>Draws questions of guests and answers of the two colleagues.</summary>
/// <remarks>
/// An untrained preference must be a coin toss: over many pairs, the model that learned from both colleagues should find the chosen answer
/// more likely than the rejected one half of the time. So both speak equally often, state facts in the same words, and draw what they say
/// around them with uneven weights, so that chance moves an answer's likelihood more than any slight leaning of the model to one colleague.
/// The friendly colleague's openers are drawn nearly evenly and the closers unevenly, the gruff one's the other way round: the likelihoods
/// of whole answers spread alike on both sides, yet the single most likely first word is always gruff, and the most likely answer with it.
/// </remarks>
internal sealed class Counter(SeededRandom random)
{
    private static readonly int[] Uneven = [40, 24, 16, 12, 8];
    private static readonly int[] NearlyEven = [24, 22, 20, 18, 16];

    /// <summary>A question about a matter.</summary>
    public string Ask(Matter matter) => random.Pick(Phrases.Greetings) + random.Pick(matter.Questions);

    /// <summary>Words for the fact that every answer states.</summary>
    public string State(Matter matter) => random.Pick(matter.Facts);

    /// <summary>An answer in one of the two voices around a fact.</summary>
    public string Answer(Intent intent, string fact, Voice voice)
    {
        bool friendly = voice == Voice.Friendly;
        IReadOnlyList<string> openers = Phrases.Openers(voice);
        IReadOnlyList<string> closers = Phrases.Closers(voice, intent);

        // Each kind of question has its own most frequent opener.
        string opener = openers[(random.PickIndex(friendly ? NearlyEven : Uneven) + (int)intent) % openers.Count];
        string closer = closers[random.PickIndex(friendly ? Uneven : NearlyEven)];
        return $"{opener} {fact} {closer}";
    }
}
