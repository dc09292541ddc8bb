using MiniMind.MLNet.Dpo.Training.Batches;


namespace MiniMind.MLNet.Dpo.Bench.Growth;

/// <summary>Pairs of random tokens with exact lengths.</summary>
internal static class SyntheticPairs
{
    /// <param name="count">Pairs.</param>
    /// <param name="vocabulary">Ids are below this.</param>
    /// <param name="prompt">Tokens that both sides begin with.</param>
    /// <param name="answer">Counted tokens of either side.</param>
    public static IReadOnlyList<PreferenceExample> Make(int count, int vocabulary, int prompt, int answer)
    {
        Random random = new(1);
        int[] Ids(int tokens) => [.. Enumerable.Range(0, tokens).Select(_ => random.Next(3, vocabulary))];
        return [.. Enumerable.Range(0, count).Select(i =>
        {
            int[] shared = Ids(prompt);
            Response Side()
            {
                int[] ids = [.. shared, .. Ids(answer)];
                return new Response(ids[..^1], ids[1..], [.. Enumerable.Range(1, ids.Length - 1).Select(t => (byte)(t >= prompt ? 1 : 0))]);
            }
            return new PreferenceExample(Side(), Side(), i + 1);
        })];
    }
}
