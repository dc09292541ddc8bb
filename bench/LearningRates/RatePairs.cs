using System.Text.Json;
using Microsoft.ML;

namespace MiniMind.MLNet.Dpo.Bench.LearningRates;

/// <summary>Takes the pairs to train and to test on, without a prompt in both.</summary>
internal static class RatePairs
{
    private const int Seed = 42;

    /// <summary>Prepared pairs of the two sets.</summary>
    public static (IDataView Train, IDataView HeldOut) Load(MLContext context, PretrainedModel model, RateOptions options)
    {
        IDataView all = context.Preferences.LoadFromJsonl(options.Data);
        PreferencePair[] rows = [.. context.Data.CreateEnumerable<PreferencePair>(all, reuseRowObject: false).Where(row => IsWanted(row, options))];
        new Random(Seed).Shuffle(rows);
        double share = Math.Clamp((double)options.HeldOut / Math.Min(rows.Length, options.HeldOut + options.Pairs), 0.05, 0.5);
        IDataView taken = context.Data.LoadFromEnumerable(rows.Take(options.Pairs + options.HeldOut + options.HeldOut / 2));
        DataOperationsCatalog.TrainTestData split = context.Preferences.TrainTestSplit(taken, share, seed: Seed);
        ITransformer prepare = context.Transforms.PreparePreferencePairs(model, new PreferencePreparationOptions { MaxLength = options.MaxLength })
            .Fit(split.TrainSet);
        return (
            prepare.Transform(context.Data.TakeRows(split.TrainSet, options.Pairs)),
            prepare.Transform(context.Data.TakeRows(split.TestSet, options.HeldOut)));
    }

    private static bool IsWanted(PreferencePair row, RateOptions options)
    {
        if (options.Answers.Length == 0)
            return true;
        using JsonDocument messages = JsonDocument.Parse(row.Chosen);
        return options.Answers.Contains(messages.RootElement.EnumerateArray().Last().GetProperty("content").GetString());
    }
}
