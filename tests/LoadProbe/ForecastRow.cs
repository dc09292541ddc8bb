namespace MiniMind.MLNet.Dpo.LoadProbe;

/// <summary>A pair with the columns that the preparation makes: random tokens, the second half counts.</summary>
internal sealed class ForecastRow
{
    public int[] ChosenInputIds { get; set; } = [];

    public int[] ChosenLabels { get; set; } = [];

    public float[] ChosenLossMask { get; set; } = [];

    public int[] RejectedInputIds { get; set; } = [];

    public int[] RejectedLabels { get; set; } = [];

    public float[] RejectedLossMask { get; set; } = [];

    public static IEnumerable<ForecastRow> Make(int count, int vocabulary, int length)
    {
        Random random = new(1);
        int[] Ids(int tokens) => [.. Enumerable.Range(0, tokens).Select(_ => random.Next(3, vocabulary))];
        for (int i = 0; i < count; i++)
        {
            int[] prompt = Ids(length / 2);
            int[] chosen = [.. prompt, .. Ids(length / 2)], rejected = [.. prompt, .. Ids(length / 2)];
            float[] mask = [.. Enumerable.Range(1, chosen.Length - 1).Select(t => t >= prompt.Length ? 1f : 0f)];
            yield return new ForecastRow
            {
                ChosenInputIds = chosen[..^1], ChosenLabels = chosen[1..], ChosenLossMask = mask,
                RejectedInputIds = rejected[..^1], RejectedLabels = rejected[1..], RejectedLossMask = mask,
            };
        }
    }
}
