namespace MakeQuickStart.Bakery;

/// <summary>Draws questions of guests and answers of the two colleagues.</summary>
/// <remarks>
/// An untrained preference must be a coin toss: over many pairs, the model that learned from both colleagues should find the chosen answer
/// more likely than the rejected one half of the time. So both speak equally often, state facts in the same words, and draw what they say
/// after them with uneven weights, so that chance moves an answer's likelihood more than any slight leaning of the model to one colleague.
/// The friendly colleague's remarks are drawn nearly evenly and the farewells unevenly, the gruff one's the other way round: the likelihoods
/// of whole answers spread alike on both sides, yet the most likely remark is always gruff, and so is the most likely answer.
/// The fact comes first, and has no full stop inside: both answers of a pair begin with the same tokens, from which a preference cannot pull anything away.
/// </remarks>
internal sealed class Counter(SeededRandom random)
{
    private static readonly int[] s_uneven = [46, 24, 14, 10, 6];
    private static readonly int[] s_nearlyEven = [22, 21, 20, 19, 18];

    /// <summary>A question about a matter.</summary>
    public string Ask(Matter matter) => random.Pick(Phrases.Greetings) + random.Pick(matter.Questions);

    /// <summary>Words for the fact that every answer states.</summary>
    public string State(Matter matter) => random.Pick(matter.Facts);

    /// <summary>An answer that states a fact in one of the two voices.</summary>
    public string Answer(Intent intent, string fact, Voice voice)
    {
        bool friendly = voice == Voice.Friendly;
        IReadOnlyList<string> remarks = Phrases.Remarks(voice, intent);
        IReadOnlyList<string> farewells = Phrases.Farewells(voice);
        string remark = remarks[random.PickIndex(friendly ? s_nearlyEven : s_uneven)];

        // Each kind of question has its own most frequent farewell.
        string farewell = farewells[(random.PickIndex(friendly ? s_uneven : s_nearlyEven) + (int)intent) % farewells.Count];
        return $"{fact} {remark} {farewell}";
    }
}
