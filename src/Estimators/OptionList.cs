using System.Collections;
using System.Reflection;

namespace MiniMind.MLNet.Dpo.Estimators;

/// <summary>A trainer's options as names and values, the same for the same options in every process.</summary>
internal static class OptionList
{
    private const string Unset = "none";

    // what changes nothing that is learnt, or is known by a hash (the models, the data that columns name) or by what it came to (device, threads)
    private static readonly HashSet<string> s_freeToDiffer =
    [
        nameof(TrainingOptions.Model), nameof(DpoTrainer.Options.ReferenceModel), nameof(TrainingOptions.Checkpoints),
            nameof(TrainingOptions.CancellationToken), nameof(TrainingOptions.StopToken),
        nameof(TrainingOptions.Communicator), nameof(TrainingOptions.Progress), nameof(TrainingOptions.Forecast), nameof(TrainingOptions.Logger),
            nameof(TrainingOptions.ConsoleWarnings), nameof(TrainingOptions.RunDirectory),
        nameof(TrainingOptions.LogInterval), nameof(TrainingOptions.Threads), nameof(TrainingOptions.Device), nameof(TrainingOptions.AutoBatch),
            nameof(TrainingOptions.TuneNativeHeap),
        nameof(DpoTrainer.Options.KeepReference), nameof(DpoTrainer.Options.UnusablePairs), nameof(DpoTrainer.Options.ScoringBatchSize),
        nameof(DpoTrainer.Options.ReferenceCacheFolder), nameof(DpoTrainer.Options.InputColumns), nameof(DpoTrainer.Options.ScoreColumns),
        nameof(DpoTrainer.Options.LearningRateSearch),
        nameof(SftTrainer.Options.InputIdsColumnName), nameof(SftTrainer.Options.LabelsColumnName), nameof(SftTrainer.Options.LossMaskColumnName),
        nameof(SftTrainer.Options.LineNumberColumnName), nameof(SftTrainer.Options.TokenCountColumnName),
        nameof(SftTrainer.Options.WeightColumnName),
    ];

    private static readonly string[] s_guardsOfFeedback =
    [
        $"{nameof(TrainingOptions.Guards)}.{nameof(GuardOptions.OneSidedFeedback)}", $"{nameof(TrainingOptions.Guards)}.{nameof(GuardOptions.StuckBaseline)}",
    ];

    /// <summary>The options that a resumed run must share with its checkpoint. A new option is one of them until it is named here.</summary>
    public static IEnumerable<KeyValuePair<string, string>> OfRun(TrainingOptions options) =>
        Of("", options, property => !s_freeToDiffer.Contains(property.Name) && (property.Name != nameof(options.Accumulation) || CountsBatches(options)))
            .Where(option => option.Key != nameof(DpoTrainer.Options.Loss) || !HasFirstLoss(options))
            .Where(option => option.Key != nameof(options.Adapter) || options.Adapter is not null)
            .Where(option => option.Key != nameof(options.FreezeLayers) || options.FreezeLayers > 0) // nor had they parts that are not trained
            .Where(option => option.Key != $"{nameof(options.Adapter)}.{nameof(LoraOptions.EmbedBase)}")
            .Where(option => option.Key != nameof(DpoTrainer.Options.Margin)
                || options is DpoTrainer.Options { Margin: not null }) // earlier checkpoints have none
            .Where(option => option is not { Key: nameof(DpoTrainer.Options.ReferenceSync), Value: Unset }) // unknown to earlier checkpoints
            .Where(option => options is KtoTrainer.Options || !s_guardsOfFeedback.Contains(option.Key)) // they see nothing there, and are unknown, too
            .Prepend(new("Trainer", options.GetType().DeclaringType!.Name));

    /// <summary>
    /// Whether a step depends on how it is cut into batches. Otherwise the rule of accumulation changes nothing, and is not listed: checkpoints from before
    /// there was one have none.
    /// </summary>
    public static bool CountsBatches(TrainingOptions options) => options is { Accumulation: AccumulationRule.PerBatch, AccumulationSteps: > 1 };

    // checkpoints from before there was a choice of losses have none
    private static bool HasFirstLoss(TrainingOptions options) => options is DpoTrainer.Options { Loss: var loss } && loss == PreferenceLoss.Sigmoid();

    private static IEnumerable<KeyValuePair<string, string>> Of(string prefix, object options, Func<PropertyInfo, bool> counts) =>
        options.GetType().GetProperties(BindingFlags.Public | BindingFlags.Instance).Where(counts)
            .SelectMany(property => OfValue(prefix + property.Name, property.GetValue(options)));

    private static IEnumerable<KeyValuePair<string, string>> OfValue(string name, object? value) => value switch
    {
        null => [new(name, Unset)],
        string or bool or Enum or IFormattable => [new(name, InvariantText.Of(value))],
        OptimizerOptions optimizer => [new(name, optimizer.Description)],
        PreferenceLoss loss => [new(name, InvariantText.Of(loss))],
        ScheduleOptions schedule => [new(name, schedule.Description)],
        IEnumerable values => values.Cast<object?>().SelectMany((item, i) => OfValue($"{name}[{i}]", item)),
        _ when value.GetType().Assembly == typeof(OptionList).Assembly => Of(name + ".", value, _ => true),
        _ => [], // data views, callbacks: no text says what they are
    };
}
