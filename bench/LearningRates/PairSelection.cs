using System.Text.Json;
using Microsoft.ML;

namespace MiniMind.MLNet.Dpo.Bench.LearningRates;

/// <summary>Which pairs of a file to train and to test on, without a prompt in both.</summary>
/// <param name="Data">A file of preferences, JSONL.</param>
/// <param name="Answers">Only pairs with one of these as chosen answer; empty for all.</param>
/// <param name="Pairs">Pairs to train on, at most.</param>
/// <param name="HeldOut">Pairs to test on, at most.</param>
/// <param name="MaxLength">Tokens per side.</param>
internal sealed record PairSelection(string Data, IReadOnlyList<string> Answers, int Pairs, int HeldOut, int MaxLength)
{
    private const int Seed = 42;

    /// <summary>The most characters that prompt and longer answer of a pair have together; others are passed over.</summary>
    public int MostCharacters { get; init; } = int.MaxValue;

    /// <summary>Prepared pairs of the two sets.</summary>
    public (IDataView Train, IDataView HeldOut) Load(MLContext context, PretrainedModel model)
    {
        IDataView all = context.Preferences.LoadFromJsonl(Data);
        PreferencePair[] rows = [.. context.Data.CreateEnumerable<PreferencePair>(all, reuseRowObject: false).Where(IsWanted)];
        new Random(Seed).Shuffle(rows);
        double share = Math.Clamp((double)HeldOut / Math.Min(rows.Length, HeldOut + Pairs), 0.05, 0.5);
        IDataView taken = context.Data.LoadFromEnumerable(rows.Take(Pairs + HeldOut + HeldOut / 2));
        DataOperationsCatalog.TrainTestData split = context.Preferences.TrainTestSplit(taken, share, seed: Seed);
        ITransformer prepare = context.Transforms.PreparePreferencePairs(model, new PreferencePreparationOptions { MaxLength = MaxLength })
            .Fit(split.TrainSet);
        return (
            prepare.Transform(context.Data.TakeRows(split.TrainSet, Pairs)),
            prepare.Transform(context.Data.TakeRows(split.TestSet, HeldOut)));
    }

    private bool IsWanted(PreferencePair row)
    {
        if (Math.Max(row.Chosen.Length, row.Rejected.Length) > MostCharacters)
            return false;
        if (Answers.Count == 0)
            return true;
        using JsonDocument messages = JsonDocument.Parse(row.Chosen);
        return Answers.Contains(messages.RootElement.EnumerateArray().Last().GetProperty("content").GetString());
    }
}
