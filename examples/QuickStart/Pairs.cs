using Microsoft.Extensions.AI;
using Microsoft.ML;
using MiniMind.MLNet.Dpo;

namespace QuickStart;

/// <summary>Loads the preference pairs, and shows what they look like.</summary>
internal static class Pairs
{
    private const double HeldOutShare = 0.1;
    private const int FirstSeed = 42, LastSeed = 141;

    /// <summary>The bakery's two files, or a split of the user's one.</summary>
    public static (IDataView Train, IDataView HeldOut) Load(MLContext mlContext, QuickStartOptions options)
    {
        if (options.Data is null)
            return (Shipped(mlContext, "train.jsonl"), Shipped(mlContext, "heldout.jsonl"));
        return Split(mlContext, mlContext.Preferences.LoadFromJsonl(options.Data, options.FileOptions));
    }

    /// <summary>Holds a tenth of the prompts out. Where there are so few that a side is empty, they are dealt again.</summary>
    /// <exception cref="InvalidDataException">There are no two prompts.</exception>
    private static (IDataView Train, IDataView HeldOut) Split(MLContext mlContext, IDataView pairs)
    {
        for (int seed = FirstSeed; ; seed++)
        {
            var split = mlContext.Preferences.TrainTestSplit(pairs, HeldOutShare, seed: seed);
            try
            {
                _ = Rows(mlContext, split.TrainSet).First();
                _ = Rows(mlContext, split.TestSet).First();
                return (split.TrainSet, split.TestSet);
            }
            catch (InvalidDataException) when (seed < LastSeed && Prompts.MoreThanOne(Rows(mlContext, pairs)))
            {
            }
        }
    }

    /// <summary>Prints how many pairs there are and one of them.</summary>
    public static void Show(MLContext mlContext, IDataView train, IDataView heldOut)
    {
        PreferencePair example = Rows(mlContext, train).First();
        Console.WriteLine($"""
            Data
              {Counted(mlContext, train)} to train on, {Counted(mlContext, heldOut)} held out; the first one:
              prompt    {Prompts.Shorten(Prompts.BeforeAnswer(example.Chosen)[^1].Text)}
              chosen    {Prompts.Shorten(Prompts.Answer(example.Chosen))}
              rejected  {Prompts.Shorten(Prompts.Answer(example.Rejected))}
            """);
    }

    /// <summary>What the first pairs ask.</summary>
    public static IReadOnlyList<IReadOnlyList<ChatMessage>> FirstPrompts(MLContext mlContext, IDataView pairs, int count) =>
        [.. Rows(mlContext, pairs).Take(count).Select(pair => Prompts.BeforeAnswer(pair.Chosen))];

    private static string Counted(MLContext mlContext, IDataView pairs)
    {
        int count = Rows(mlContext, pairs).Count();
        return count == 1 ? "1 pair" : $"{count} pairs";
    }

    private static IDataView Shipped(MLContext mlContext, string name) =>
        mlContext.Preferences.LoadFromJsonl(Path.Combine(AppContext.BaseDirectory, "data", name));

    private static IEnumerable<PreferencePair> Rows(MLContext mlContext, IDataView pairs) =>
        mlContext.Data.CreateEnumerable<PreferencePair>(pairs, reuseRowObject: false);
}
