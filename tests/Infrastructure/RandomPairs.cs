using MiniMind.MLNet.Dpo.Training.Batches;


namespace MiniMind.MLNet.Dpo.Tests.Infrastructure;

/// <summary>Made-up preference pairs of varied lengths: a shared prompt, two answers, sometimes a first turn that counts too.</summary>
internal static class RandomPairs
{
    public static IReadOnlyList<PreferenceExample> Make(int count, int vocabulary, int seed, int promptLength = 12, int answerLength = 9)
    {
        Random random = new(seed);
        int[] Ids(int length) => [.. Enumerable.Range(0, length).Select(_ => random.Next(3, vocabulary))];
        return [.. Enumerable.Range(0, count).Select(i =>
        {
            int[] prompt = Ids(random.Next(1, promptLength + 1));
            int counted = i % 3 == 0 ? Math.Min(2, prompt.Length - 1) : 0; // an earlier assistant turn inside the shared prompt
            Response Side() => Shifted([.. prompt, .. Ids(random.Next(2, answerLength + 1)), 2, 4], prompt.Length, counted);
            return new PreferenceExample(Side(), Side(), i + 1);
        })];
    }

    private static Response Shifted(int[] ids, int promptLength, int countedInPrompt)
    {
        byte[] mask = [.. Enumerable.Range(0, ids.Length)
            .Select(t => (byte)(t >= promptLength && t < ids.Length - 1 || t >= 1 && t <= countedInPrompt ? 1 : 0))];
        return new Response(ids[..^1], ids[1..], mask[1..]);
    }
}
