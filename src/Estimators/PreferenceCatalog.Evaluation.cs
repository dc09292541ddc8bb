using MiniMind.MLNet.Dpo;
using MiniMind.MLNet.Dpo.Estimators;
using MiniMind.MLNet.Dpo.Training.Distributed;

namespace Microsoft.ML;

/// <content>Evaluation.</content>
public sealed partial class PreferenceCatalog
{
    /// <summary>Measures how well scored pairs agree with their labels: the chosen side should have the higher reward.</summary>
    /// <param name="data">Has the columns that <see cref="DpoTransformer"/> adds.</param>
    /// <param name="columns">Their names; <see langword="null"/> for the defaults.</param>
    /// <exception cref="ArgumentOutOfRangeException">A column is missing or of another type.</exception>
    /// <exception cref="InvalidOperationException">No pair has a score.</exception>
    public PreferenceMetrics Evaluate(IDataView data, ScoreColumns? columns = null)
    {
        ArgumentNullException.ThrowIfNull(data);
        return PreferenceEvaluator.Evaluate(data, columns ?? new ScoreColumns(), new SingleProcess());
    }

    /// <summary>
    /// Measures as one of several processes: each scores its part of the pairs, and all get the result of all pairs. Every process calls it, with the same
    /// data.
    /// </summary>
    /// <remarks>
    /// Scores are computed when they are read, so a process runs the networks on its part only; what comes before them in the pipeline is read by all.
    /// </remarks>
    /// <param name="data">Has the columns that <see cref="DpoTransformer"/> adds; the same rows in the same order on every process.</param>
    /// <param name="communicator">Connects the processes; an error of one ends all, as <see cref="DistributedGuard"/> does.</param>
    /// <param name="columns">The columns' names; <see langword="null"/> for the defaults.</param>
    /// <exception cref="ArgumentOutOfRangeException">A column is missing or of another type.</exception>
    /// <exception cref="InvalidOperationException">No pair has a score, or the processes have different numbers of pairs.</exception>
    public PreferenceMetrics Evaluate(IDataView data, ICommunicator communicator, ScoreColumns? columns = null)
    {
        ArgumentNullException.ThrowIfNull(data);
        ArgumentNullException.ThrowIfNull(communicator);
        PreferenceMetrics? metrics = null;
        DistributedGuard.Run(communicator, () => metrics = PreferenceEvaluator.Evaluate(data, columns ?? new ScoreColumns(), communicator));
        return metrics!;
    }
}
