namespace MakeQuickStart.Bakery;

/// <summary>The texts from which the small model is made, and the preferences that it has never seen.</summary>
/// <param name="Conversations">For supervised fine-tuning: both colleagues, equally often.</param>
/// <param name="Train">Preferences for DPO.</param>
/// <param name="HeldOut">
/// Preferences about other matters. None of these questions is in <paramref name="Conversations"/>; matters that need no learning by heart
/// (orders, pick-ups) are not there in any wording.
/// </param>
internal sealed record BakeryData(
    IReadOnlyList<Turn[]> Conversations, IReadOnlyList<Preference> Train, IReadOnlyList<Preference> HeldOut)
{
    private const int ConversationCount = 9000;
    private const int TrainPerIntent = 60;
    private const int HeldOutPerIntent = 15;
    private const int HeldOutMattersPercent = 20;
    private const int SecondTurnPercent = 20;

    /// <summary>Draws everything from one seed.</summary>
    public static BakeryData Create(ulong seed)
    {
        SeededRandom random = new(seed);
        Counter counter = new(random);
        List<Preference> train = [];
        List<Preference[]> heldOutByIntent = [];
        List<Matter[]> mattersToLearn = [];
        HashSet<string> asked = [];
        foreach (IGrouping<Intent, Matter> ofIntent in Matters.All.GroupBy(matter => matter.Intent))
        {
            List<Matter> matters = [.. ofIntent];
            random.Shuffle(matters);
            int heldOutMatters = Math.Max(1, matters.Count * HeldOutMattersPercent / 100);
            heldOutByIntent.Add([.. Compare(counter, random, matters[..heldOutMatters], HeldOutPerIntent, asked)]);
            train.AddRange(Compare(counter, random, matters[heldOutMatters..], TrainPerIntent, asked));
            mattersToLearn.Add([.. matters.Where((matter, i) => i >= heldOutMatters || !matter.FromPrompt)]);
        }
        random.Shuffle(train);

        // One of each intent, then the next of each: whoever looks at the first few sees all kinds.
        List<Preference> heldOut = [.. Enumerable.Range(0, HeldOutPerIntent).SelectMany(i => heldOutByIntent.Select(preferences => preferences[i]))];
        HashSet<string> heldOutQuestions = [.. heldOut.Select(preference => preference.Question)];
        return new(Converse(counter, random, mattersToLearn, heldOutQuestions), train, heldOut);
    }

    private static IEnumerable<Preference> Compare(Counter counter, SeededRandom random, IReadOnlyList<Matter> matters, int count, HashSet<string> asked)
    {
        for (int made = 0; made < count;)
        {
            Matter matter = random.Pick(matters);
            string question = counter.Ask(matter);
            if (!asked.Add(question))
                continue;
            string fact = counter.State(matter);
            yield return new(question, counter.Answer(matter.Intent, fact, Voice.Friendly), counter.Answer(matter.Intent, fact, Voice.Gruff));
            made++;
        }
    }

    private static List<Turn[]> Converse(Counter counter, SeededRandom random, IReadOnlyList<Matter[]> matters, HashSet<string> heldOutQuestions)
    {
        // In the order of Intent: more of those with more to learn.
        ReadOnlySpan<int> weights = [12, 12, 22, 20, 8, 8, 18];
        List<Turn[]> conversations = new(ConversationCount);
        while (conversations.Count < ConversationCount)
        {
            Turn[] turns = new Turn[random.Next(100) < SecondTurnPercent ? 2 : 1];
            for (int i = 0; i < turns.Length; i++)
            {
                Matter matter = random.Pick(matters[random.PickIndex(weights)]);
                turns[i] = new(counter.Ask(matter), counter.Answer(matter.Intent, counter.State(matter), (Voice)random.Next(2)));
            }
            if (!turns.Any(turn => heldOutQuestions.Contains(turn.Question)))
                conversations.Add(turns);
        }
        return conversations;
    }
}
