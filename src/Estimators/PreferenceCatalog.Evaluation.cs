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

    /// <summary>Scores pairs with models as they are, nothing trained: what a trainer with these options would give back if training had made this
    /// policy.</summary>
    /// <param name="policy">The model that is scored.</param>
    /// <param name="options">
    /// What it is measured against (<see cref="DpoTrainer.Options.ReferenceModel"/>, else <see cref="TrainingOptions.Model"/>), and the loss, beta
    /// and reduction in which.
    /// </param>
    /// <returns>Computes on the CPU and shares the models' weights; dispose it when done.</returns>
    /// <exception cref="ArgumentException">The options are not valid, or the policy's tokenizer is another one than the reference's.</exception>
    public DpoTransformer Scorer(PretrainedModel policy, DpoTrainer.Options options)
    {
        ArgumentNullException.ThrowIfNull(policy);
        ArgumentNullException.ThrowIfNull(options);
        options.Validate();
        PretrainedModel? reference = options.HasReference ? options.ReferenceModel ?? options.Model : null;
        if (reference is not null && !reference.Tokenizer.TokenizerJson.Span.SequenceEqual(policy.Tokenizer.TokenizerJson.Span))
            throw new ArgumentException("The policy has another tokenizer than what it is to be measured against, so that their numbers are of other tokens.");
        ComputeSettings compute = ComputeSettings.Resolve(_context, options with { Device = ComputeDevice.Cpu }, new SingleProcess());
        TrainingSummary nothing = new()
        {
            Examples = 0, Skipped = [], BadRows = null, Steps = 0, History = [], Elapsed = TimeSpan.Zero, Evaluations = [], Warnings = [], ReturnedStep = 0,
            Precision = compute.Precision, Device = compute.Device.ToString(),
        };
        return new DpoTransformer(policy.Network.Share(), reference?.Network.Share(), policy.Tokenizer, policy.ChatTemplate,
            DpoTraining.Scoring(options, compute), nothing, policy.Origin);
    }
}
