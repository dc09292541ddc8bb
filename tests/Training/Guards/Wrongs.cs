using Microsoft.ML;
using MiniMind.MLNet.Dpo.Tests.Infrastructure;
using MiniMind.MLNet.Dpo.Training;

namespace MiniMind.MLNet.Dpo.Tests.Training.Guards;

/// <summary>Runs with one thing wrong, and one with nothing wrong.</summary>
internal static class Wrongs
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

    /// <summary>What was found, in order of the guards.</summary>
    public static IEnumerable<TrainingGuard> Found(TrainingSummary summary) => summary.Warnings.Select(warning => warning.Guard).Order();
}
