namespace MiniMind.MLNet.Dpo.Bench.MemoryForecast;

/// <summary>A pair with the columns that the preparation makes: random tokens, the second half counts.</summary>
internal sealed class PreparedRow
{
    public int[] ChosenInputIds { get; set; } = [];

    public int[] ChosenLabels { get; set; } = [];

    public float[] ChosenLossMask { get; set; } = [];

    public int[] RejectedInputIds { get; set; } = [];

    public int[] RejectedLabels { get; set; } = [];

    public float[] RejectedLossMask { get; set; } = [];

    public static IEnumerable<PreparedRow> Make(int count, int vocabulary, int length)
    {
        Random random = new(1);
        int[] Ids(int tokens) => [.. Enumerable.Range(0, tokens).Select(_ => random.Next(3, vocabulary))];
        for (int i = 0; i < count; i++)
        {
            int[] prompt = Ids(length / 2);
            int[] chosen = [.. prompt, .. Ids(random.Next(length / 4, length / 2 + 1))],
                rejected = [.. prompt, .. Ids(random.Next(length / 4, length / 2 + 1))];
            float[] Mask(int[] ids) => [.. Enumerable.Range(1, ids.Length - 1).Select(t => t >= prompt.Length ? 1f : 0f)];
            yield return new PreparedRow
            {
                ChosenInputIds = chosen[..^1], ChosenLabels = chosen[1..], ChosenLossMask = Mask(chosen),
                RejectedInputIds = rejected[..^1], RejectedLabels = rejected[1..], RejectedLossMask = Mask(rejected),
            };
        }
    }
}
