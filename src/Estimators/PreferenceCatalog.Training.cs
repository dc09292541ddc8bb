using Microsoft.ML.Runtime;
using MiniMind.MLNet.Dpo;
using MiniMind.MLNet.Dpo.Estimators;

namespace Microsoft.ML;

/// <content>Training.</content>
public sealed partial class PreferenceCatalog
{
    /// <summary>The trainers.</summary>
    public PreferenceTrainersCatalog Trainers => new(_context);

    /// <summary>
    /// Tells which learning rates move the margin over a planned run without the chosen side losing more than it may: takes a few optimizer steps at several
    /// rates on a copy of the model, and measures held-out pairs.
    /// </summary>
    /// <param name="data">Prepared pairs, those that the run is to train on.</param>
    /// <param name="options">The planned run; its learning rate does not matter.</param>
    /// <param name="search">How to look; <see langword="null"/> for the defaults.</param>
    /// <returns>The range, the rate to take, and what was tried; its text shows all of it.</returns>
    /// <remarks>
    /// <para>The held-out pairs are some of <paramref name="data"/>, dealt by prompt; the model, the files, libtorch's random numbers and its threads stay as
    /// they are. The same seed gives the same answer. It takes memory for a copy of the weights, their gradients and the optimizer's state
    /// (<see cref="LearningRateSuggestion.PeakBytes"/>), and the share <see cref="LearningRateSuggestion.WorkShare"/> of the planned run's work.</para>
    /// <para>Of several processes each that calls it measures by itself, and all come to the same.</para>
    /// </remarks>
    /// <exception cref="ArgumentException">The options or the search are not valid; the message lists every fault.</exception>
    /// <exception cref="ArgumentOutOfRangeException">A column is missing or of another type.</exception>
    /// <exception cref="InvalidDataException">No pair can be trained on, or all pairs have one prompt.</exception>
    /// <exception cref="InsufficientMemoryException">Memory is short; the message says which options lower the need.</exception>
    /// <exception cref="OperationCanceledException">The options' token was cancelled.</exception>
    public LearningRateSuggestion SuggestLearningRate(IDataView data, DpoTrainer.Options options, LearningRateSearch? search = null)
    {
        ArgumentNullException.ThrowIfNull(data);
        ArgumentNullException.ThrowIfNull(options);
        options.Validate();
        search ??= options.LearningRateSearch ?? new LearningRateSearch();
        if (search.Faults().ToList() is { Count: > 0 } faults)
            throw new ArgumentException($"The search for a learning rate is not valid: {string.Join("; ", faults)}.", nameof(search));
        using IChannel channel = Environment.Register(nameof(SuggestLearningRate)).Start("Measure");
        return MemoryAdvice.Run(options, () => new LearningRateMeasurement(_context, options, search, channel).Run(data));
    }
}
