using Microsoft.Extensions.AI;
using Microsoft.ML;
using MiniMind.MLNet.Dpo;

namespace QuickStart;

/// <summary>Loads the preference pairs, and shows what they look like.</summary>
internal static class Pairs
{
    private const double HeldOutShare = 0.1;

    /// <summary>The bakery's two files, or a split of the user's one.</summary>
    public static (IDataView Train, IDataView HeldOut) Load(MLContext mlContext, QuickStartOptions options)
    {
        if (options.Data is null) return (Shipped(mlContext, "train.jsonl"), Shipped(mlContext, "heldout.jsonl"));
        var split = mlContext.Data.TrainTestSplit(mlContext.Preferences.LoadFromJsonl(options.Data, options.FileOptions), HeldOutShare);
        return (split.TrainSet, split.TestSet);
    }

    /// <summary>Prints how many pairs there are and one of them.</summary>
    public static void Show(MLContext mlContext, IDataView train, IDataView heldOut)
    {
        PreferencePair example = Rows(mlContext, train).First();
        Console.WriteLine($"""
            Data
              {Rows(mlContext, train).Count()} pairs to train on, {Rows(mlContext, heldOut).Count()} held out; the first one:
              prompt    {Prompts.Shorten(Prompts.BeforeAnswer(example.Chosen)[^1].Text)}
              chosen    {Prompts.Shorten(Prompts.Answer(example.Chosen))}
              rejected  {Prompts.Shorten(Prompts.Answer(example.Rejected))}
            """);
    }

    /// <summary>What the first pairs ask.</summary>
    public static IReadOnlyList<IReadOnlyList<ChatMessage>> FirstPrompts(MLContext mlContext, IDataView pairs, int count) =>
        [.. Rows(mlContext, pairs).Take(count).Select(pair => Prompts.BeforeAnswer(pair.Chosen))];

    private static IDataView Shipped(MLContext mlContext, string name) =>
        mlContext.Preferences.LoadFromJsonl(Path.Combine(AppContext.BaseDirectory, "data", name));

    private static IEnumerable<PreferencePair> Rows(MLContext mlContext, IDataView pairs) =>
        mlContext.Data.CreateEnumerable<PreferencePair>(pairs, reuseRowObject: false);
}
