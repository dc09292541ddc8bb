using MiniMind.MLNet.Dpo.Training.Batches;


namespace MiniMind.MLNet.Dpo.Tests.Infrastructure;

/// <summary>Made-up pairs with a prompt of eight tokens and answers of a given length.</summary>
internal static class LongPairs
{
    public const int Prompt = 8;

    public static PreferenceExample[] Make(int vocabulary, int seed, params (int Chosen, int Rejected)[] answers)
    {
        Random random = new(seed);
        int[] Ids(int length) => [.. Enumerable.Range(0, length).Select(_ => random.Next(3, vocabulary))];
        return [.. answers.Select((lengths, i) =>
        {
            int[] prompt = Ids(Prompt);
            Response Side(int length)
            {
                int[] ids = [.. prompt, .. Ids(length)];
                return new Response(ids[..^1], ids[1..], [.. Enumerable.Range(1, ids.Length - 1).Select(t => (byte)(t >= Prompt ? 1 : 0))]);
            }
            return new PreferenceExample(Side(lengths.Chosen), Side(lengths.Rejected), i + 1);
        })];
    }
}
