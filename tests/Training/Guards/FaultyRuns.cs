using Microsoft.ML;
using MiniMind.MLNet.Dpo.Tests.Infrastructure;
using MiniMind.MLNet.Dpo.Training.Batches;

namespace MiniMind.MLNet.Dpo.Tests.Training.Guards;

/// <summary>Runs with one thing wrong, and one with nothing wrong.</summary>
internal static class FaultyRuns
{
    /// <summary>Pairs that can be told apart by their tokens: chosen answers have even ids, rejected ones odd.</summary>
    public static IDataView Separable(MLContext context, int count, int seed)
    {
        Random random = new(seed);
        int[] Ids(int length, int odd) => [.. Enumerable.Range(0, length).Select(_ => random.Next(10, 500) * 2 + odd)];
        return context.Data.LoadFromEnumerable(Enumerable.Range(1, count).Select(line =>
        {
            int[] prompt = Ids(random.Next(3, 10), 0);
            return SmallModel.Row(new PreferenceExample(Answer(prompt, Ids(random.Next(5, 9), 0)), Answer(prompt, Ids(random.Next(5, 9), 1)), line));
        }).ToList());
    }

    /// <summary>A prompt and an answer that counts.</summary>
    public static Response Answer(int[] prompt, int[] answer)
    {
        int[] ids = [.. prompt, .. answer];
        return new Response(ids[..^1], ids[1..], [.. Enumerable.Range(1, ids.Length - 1).Select(t => (byte)(t >= prompt.Length ? 1 : 0))]);
    }

    /// <summary>Pairs whose sides are the same but for the order of the first two tokens: what makes one unlikely makes the other unlikely.</summary>
    public static IDataView Alike(MLContext context, int count, int seed)
    {
        Random random = new(seed);
        int[] Ids(int length) => [.. Enumerable.Range(0, length).Select(_ => random.Next(10, 1000))];
        return context.Data.LoadFromEnumerable(Enumerable.Range(1, count).Select(line =>
        {
            int[] prompt = Ids(4), chosen = Ids(12);
            return SmallModel.Row(new PreferenceExample(Answer(prompt, chosen), Answer(prompt, [chosen[1], chosen[0], .. chosen[2..]]), line));
        }).ToList());
    }
}
