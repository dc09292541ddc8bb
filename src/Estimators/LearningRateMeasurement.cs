using System.Diagnostics;
using Microsoft.ML;
using Microsoft.ML.Runtime;
using MiniMind.MLNet.Dpo.Modeling;
using MiniMind.MLNet.Dpo.Training.Batches;
using MiniMind.MLNet.Dpo.Training.Distributed;
using MiniMind.MLNet.Dpo.Training.Forecast;
using MiniMind.MLNet.Dpo.Training.Heads;
using MiniMind.MLNet.Dpo.Training.Validation;

namespace MiniMind.MLNet.Dpo.Estimators;

/// <summary>Looks for the learning rates of a planned run by trial steps on a copy of its model.</summary>
/// <param name="context">Whose GPU setting is used.</param>
/// <param name="options">The planned run; its learning rate does not matter.</param>
/// <param name="search">How to look.</param>
/// <param name="channel">ML.NET's log.</param>
internal sealed class LearningRateMeasurement(MLContext context, DpoTrainer.Options options, LearningRateSearch search, IChannel channel)
{
    private const double LeastNats = 0.5; // per response, what LeastMargin is of sums with beta 0.1
    private readonly ForwardPasses _passes = TrainingEngine.ForwardPasses(options, channel);
    private readonly SingleProcess _alone = new();

    /// <summary>Reads the pairs and measures.</summary>
    /// <exception cref="InvalidDataException">There are no pairs to train on, or all have one prompt.</exception>
    public LearningRateSuggestion Run(IDataView input)
    {
        using ThreadScope threads = new(options.Threads);
        ComputeSettings compute = ComputeSettings.Resolve(context, options, _alone);
        using Tf32Scope tf32 = new(options.AllowTf32, compute, message => channel.Warning(MessageSensitivity.None, "{0}", message));
        PreferenceExampleReader reader = new(options.InputColumns, UnusablePairs.Skip, options.Model.Config.VocabularySize,
            EndTokens.Of(options.Model.Tokenizer), options.Margin);
        (IReadOnlyList<PreferenceExample> pairs, IReadOnlyList<SkippedPair> skipped, TruncationReport? truncation) =
            reader.Read(input, _alone, options.CancellationToken);
        if (pairs.Count == 0)
        {
            throw skipped.Count == 0 ? new InvalidDataException("The data has no pairs to train on.")
                : UnusableStart.Error(skipped, truncation, "pairs", hasMore: false);
        }

        return Run(pairs, compute);
    }

    /// <summary>Measures on pairs that were read, within the caller's settings of threads.</summary>
    public LearningRateSuggestion Run(IReadOnlyList<PreferenceExample> pairs, ComputeSettings compute)
    {
        long start = Stopwatch.GetTimestamp();
        TrainedPart part = TrainedPart.Create(options, compute, options.HasReference, options.ReferenceModel);
        try
        {
            return Measure(part.Policy, part.Reference?.Network, pairs, compute) with { Elapsed = Stopwatch.GetElapsedTime(start) };
        }
        finally
        {
            part.Policy.Dispose();
            part.Reference?.Release();
        }
    }

    private LearningRateSuggestion Measure(MiniMindNetwork policy, MiniMindNetwork? reference, IReadOnlyList<PreferenceExample> pairs, ComputeSettings compute)
    {
        int seed = search.Seed ?? options.Seed;
        HeldOutSlice slice = HeldOutSlice.Of(pairs, search.HeldOutPairs, seed);
        BatchOptions batches = TrainingEngine.BatchOptions(options, compute);
        PreferenceValidationOptions measuring = new(options.Objective, options.BatchSize, options.MaxRowsPerPass, 0, compute.Mode, batches.LogitsBudget);
        HeldOutPairs heldOut = new(reference, slice.Kept, measuring, _passes, options.CancellationToken);
        using RateTrials trials = new(options, search.Steps, seed, policy, reference, pairs, slice.Others, heldOut, compute, batches, _passes);
        double drop = search.MaxChosenDrop ?? options.Guards.MaxChosenDrop / 2;
        double tokens = pairs.Average(pair => (pair.Chosen.LossTokens + pair.Rejected.LossTokens) / 2.0);
        RateBounds bounds = new(Math.Min(search.LeastMargin, LeastNats / (options.Objective.NatsPerToken(1, tokens) * tokens)), options.Guards.MaxMargin, drop);
        List<LearningRateTrial> done = [];
        while (done.Count < search.MaxTrials && bounds.Next(done, trials.First) is { } rate)
        {
            done.Add(trials.Try(rate, bounds));
            channel.Info(MessageSensitivity.None, "trial of LearningRate {0:G2}: {1}", rate, done[^1].Verdict);
        }
        (double? low, double? high, double? recommended) = bounds.Range(done);
        return new LearningRateSuggestion
        {
            Low = low, High = high, Recommended = recommended, Trials = [.. done.OrderBy(trial => trial.Rate)], PlannedSteps = trials.PlannedSteps,
            HeldOutPairs = slice.Kept.Count, MaxChosenDrop = drop, WorkShare = trials.WorkShare, Elapsed = TimeSpan.Zero, PeakBytes = trials.PeakBytes,
        };
    }
}
