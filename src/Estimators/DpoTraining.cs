using Microsoft.ML;
using Microsoft.ML.Runtime;
using MiniMind.MLNet.Dpo.CpuKernels.Native;
using MiniMind.MLNet.Dpo.Data;
using MiniMind.MLNet.Dpo.Modeling;
using MiniMind.MLNet.Dpo.Training.Batches;
using MiniMind.MLNet.Dpo.Training.Distributed;
using MiniMind.MLNet.Dpo.Training.Guards;
using MiniMind.MLNet.Dpo.Training.Heads;
using MiniMind.MLNet.Dpo.Training.Loop;
using MiniMind.MLNet.Dpo.Training.Losses;
using MiniMind.MLNet.Dpo.Training.Passes;
using MiniMind.MLNet.Dpo.Training.References;

namespace MiniMind.MLNet.Dpo.Estimators;

/// <summary>One run of the DPO trainer: data into memory, networks onto the device, steps, transformer.</summary>
internal sealed class DpoTraining(MLContext context, DpoTrainer.Options options, ICommunicator communicator, IChannel channel)
{
    private readonly ForwardPasses _passes = TrainingEngine.ForwardPasses(options, channel);

    public DpoTransformer Run(IDataView input)
    {
        RunAgreement.RequireOptions(options, communicator);
        using ThreadScope threads = new(options.Threads);
        using NativeHeap? heap = TrainingEngine.Heap(options); // the reference's passes come first
        ComputeSettings compute = ComputeSettings.Resolve(context, options, communicator);
        using Tf32Scope tf32 = new(options.AllowTf32, compute, message => channel.Warning(MessageSensitivity.None, "{0}", message));
        (IReadOnlyList<PreferenceExample> pairs, IReadOnlyList<SkippedPair> skipped, TruncationReport? truncation) =
            new PreferenceExampleReader(options.InputColumns, options.UnusablePairs, options.Model.Config.VocabularySize,
                EndTokens.Of(options.Model.Tokenizer), options.Margin)
                .Read(input, communicator, options.CancellationToken);
        TrainingEngine.RequireLength(options, pairs.SelectMany(pair => new[] { (pair.Chosen, pair.Line), (pair.Rejected, pair.Line) }));
        BadRowReport? badRows = BadRowReport.Find(input.Schema);
        Announce(pairs, skipped, truncation, badRows, compute);
        PreferenceWatch watching = new(context, options, compute, communicator, channel, _passes);
        IReadOnlyList<PreferenceExample> heldOut = watching.HeldOutPairs();
        options.RequireWeights(pairs, heldOut);

        TrainedPart trained = TrainedPart.Create(options, compute, options.HasReference, options.ReferenceModel, options.ReferenceStays);
        (MiniMindNetwork policy, SharedNetwork? reference) = (trained.Policy, trained.Reference);
        try
        {
            TrainedPart.Announce(options, policy, communicator, channel, () => BatchBuilder.Pairs(
                [.. pairs.Take(options.AutoBatch ? 1 : options.BatchSize)], BatchShape.Packed, headOnResponseOnly: true, 0, 0, balanceRealTokensOnly: false));
            TrainingState state = Train(policy, reference?.Network, pairs, skipped, truncation, watching, heldOut, input, compute);
            TrainingSummary summary = new()
            {
                Examples = pairs.Count, Skipped = skipped, Truncation = truncation, BadRows = badRows, Steps = state.Step, History = state.History,
                StopReason = state.StopReason,
                Elapsed = state.Elapsed, Evaluations = state.Evaluations, Warnings = state.Warnings, ReturnedStep = state.ReturnedStep ?? state.Step,
                Precision = compute.Precision, Device = compute.Device.ToString(),
            };
            ScoringOptions scoring = Scoring(options, compute);
            SharedNetwork? kept = options.KeepReference ? reference : null;
            if (kept is null)
                reference?.Release();
            PretrainedModel model = options.Model;
            return new DpoTransformer(new SharedNetwork(policy), kept, model.Tokenizer, model.ChatTemplate, scoring, summary, model.Origin,
                options.Adapter?.EmbedBase ?? true);
        }
        catch
        {
            policy.Dispose();
            reference?.Release();
            throw;
        }
    }

    /// <summary>How the transformer that training gives back scores.</summary>
    public static ScoringOptions Scoring(DpoTrainer.Options options, ComputeSettings compute) => new()
    {
        Beta = options.Beta, Reduction = options.Reduction, BatchSize = options.ScoringBatchSize,
        MaxLogitsMegabytes = TrainingEngine.LogitsMegabytes(options, compute), Precision = compute.Precision, FusedKernels = options.FusedKernels,
        InputColumns = options.InputColumns, ScoreColumns = options.ScoreColumns, ReferenceFree = !options.HasReference, Loss = options.Loss,
        Margin = options.Margin,
    };

    private TrainingState Train(
        MiniMindNetwork policy, MiniMindNetwork? reference, IReadOnlyList<PreferenceExample> pairs, IReadOnlyList<SkippedPair> skipped,
            TruncationReport? truncation,
        PreferenceWatch watching, IReadOnlyList<PreferenceExample> heldOut, IDataView input, ComputeSettings compute)
    {
        BatchOptions batches = TrainingEngine.BatchOptions(options, compute);
        IEnumerable<KeyValuePair<string, string>> Inputs() =>
        [
            new("Data", $"{pairs.Count} pairs, SHA-256 {Fingerprint.Of(pairs)}{Fingerprint.OfNumbers(pairs)}"),
            new("Validation.Data", heldOut.Count == 0 ? "none" : $"{heldOut.Count} pairs, SHA-256 {Fingerprint.Of(heldOut)}{Fingerprint.OfNumbers(heldOut)}"),
        ];
        RunAgreement.RequireInputs(() => [.. Inputs(), .. TrainedPart.Inputs(options),
            new("Reference", reference is null ? "none" : Fingerprint.Named(reference))], communicator);
        IReferenceLogProbs referenceLogProbs = ReferenceLogProbs(policy, reference, pairs, batches, compute);
        PreferenceTask task = new(policy, referenceLogProbs, pairs, options.Objective, batches);
        if (reference is not null && options.ReferenceModel is null)
        {
            StartCheck.PolicyEqualsReference(policy, referenceLogProbs, task, batches,
                [.. Enumerable.Range(0, Math.Min(options.AutoBatch ? 1 : options.BatchSize, pairs.Count))]);
        }

        using TrainingWatch watch = watching.Create(policy, reference, referenceLogProbs, pairs, heldOut, truncation);
        return TrainingEngine.Run(
            options, policy, task, compute, communicator, channel, watch,
            () => Inputs()
                .Append(new("Reference", reference is null ? "none"
                : $"{(referenceLogProbs is PrecomputedReference ? "precomputed" : "live")}, {Fingerprint.Named(reference)}")),
            () => RunDescriber.Preferences(options, referenceLogProbs, pairs, skipped, truncation, input.Schema, compute,
                () => DiagnosisSamples.Of(context, input, options.Validation?.Data)));
    }

    private IReferenceLogProbs ReferenceLogProbs(
        MiniMindNetwork policy, MiniMindNetwork? reference, IReadOnlyList<PreferenceExample> pairs, BatchOptions batches, ComputeSettings compute)
    {
        if (reference is null)
            return new AbsentReference();
        bool once = options.Epochs > 1 || options.ReferenceCacheFolder is not null;
        bool live = options.Reference == ReferenceMode.Live || !options.ReferenceStays || options.Reference == ReferenceMode.Auto && !once;
        if (live)
            return new LiveReference(reference, batches.LogitsBudget);
        PreferenceTask layout = new(policy, new AbsentReference(), pairs, options.Objective, batches);
        int[][] groups = [.. Enumerable.Range(0, pairs.Count).Chunk(options.BatchSize)];
        PrecomputedReference Compute()
        {
            if (communicator.Rank == 0)
                channel.Info(MessageSensitivity.None, "the reference's log-probabilities of {0} pairs are computed once", pairs.Count);
            return PrecomputedReference.Compute(reference, groups, layout.Build, compute.Mode, batches.LogitsBudget, communicator,
                options.CancellationToken, _passes);
        }
        if (options.ReferenceCacheFolder is not { } folder)
            return Compute();
        ReferenceCache cache = new(folder, message => channel.Warning(MessageSensitivity.None, "{0}", message));
        return cache.GetOrCompute(ReferenceKey.Of(reference, pairs, options.BatchSize, batches, options.Objective.HasTails),
            pairs.Count * PairTerms.Parts(options.Loss.Statistics), communicator, Compute);
    }

    private void Announce(IReadOnlyList<PreferenceExample> pairs, IReadOnlyList<SkippedPair> skipped, TruncationReport? truncation, BadRowReport? badRows,
        ComputeSettings compute)
    {
        bool reports = communicator.Rank == 0; // all ranks have read the same
        if (reports && badRows is { BadRowCount: > 0 })
            channel.Warning(MessageSensitivity.None, "{0}", badRows);
        if (reports && truncation is { LosesAnything: true })
            channel.Warning(MessageSensitivity.None, "{0}", truncation);
        int weightless = skipped.Count(pair => pair.Reason == WeightColumn.NoWeight);
        if (reports && weightless > 0)
            channel.Info(MessageSensitivity.None, "{0} pairs of weight 0 are left out", weightless);
        if (reports && skipped.Count > weightless)
        {
            channel.Warning(MessageSensitivity.None, "{0} pairs carry no preference and are left out: {1}", skipped.Count - weightless,
                string.Join("; ", skipped.Where(pair => pair.Reason != WeightColumn.NoWeight).GroupBy(s => s.Reason)
                    .Select(g => $"{g.Key} ({g.Count()}: lines {string.Join(", ", g.Take(10).Select(s => s.Line))}{(g.Count() > 10 ? ", ..." : "")})")));
        }

        if (pairs.Count == 0)
        {
            throw skipped.Count == 0 ? new InvalidDataException("The data has no pairs to train on.")
                : UnusableStart.Error(skipped, truncation, "pairs", hasMore: false);
        }

        int sharing = options.Reduction == LogProbReduction.Mean ? pairs.Count(pair => pair.SharesEarlierAnswer) : 0;
        if (reports && sharing > 0)
        {
            channel.Warning(MessageSensitivity.None,
                "In {0} of {1} pairs an earlier answer that both sides share counts in the loss. With Reduction {2} it moves the margin, " +
                "since each side is divided by its own number of tokens{3}. " +
                "PreferencePreparationOptions.CountedAnswers decides which answers count: Every (the default), Last or AfterParting.",
                sharing, pairs.Count, LogProbReduction.Mean, options.Loss.Takes(LogProbReduction.Sum) ? $"; with {LogProbReduction.Sum} it cancels" : "");
        }

        if (reports && PairWeights.AreGiven(pairs))
        {
            channel.Info(MessageSensitivity.None, "pairs are weighed: {0} weights from {1} to {2}, {3} in all",
                pairs.Count, pairs.Min(pair => pair.Weight), pairs.Max(pair => pair.Weight), pairs.Sum(pair => pair.Weight));
        }

        if (reports)
        {
            foreach (string warning in options.Objective.Warnings())
                channel.Warning(MessageSensitivity.None, "{0}", warning);
        }

        if (reports)
            channel.Info(MessageSensitivity.None, "{0} pairs, {1} parameters, {2}", pairs.Count, options.Model.ParameterCount, compute.Describe());
    }
}
