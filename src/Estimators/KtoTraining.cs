using Microsoft.ML;
using Microsoft.ML.Runtime;
using MiniMind.MLNet.Dpo.CpuKernels.Native;
using MiniMind.MLNet.Dpo.Data;
using MiniMind.MLNet.Dpo.Modeling;
using MiniMind.MLNet.Dpo.Training;
using MiniMind.MLNet.Dpo.Training.Batches;
using MiniMind.MLNet.Dpo.Training.Distributed;
using MiniMind.MLNet.Dpo.Training.Guards;
using MiniMind.MLNet.Dpo.Training.Heads;
using MiniMind.MLNet.Dpo.Training.Loop;
using MiniMind.MLNet.Dpo.Training.Passes;
using MiniMind.MLNet.Dpo.Training.References;

namespace MiniMind.MLNet.Dpo.Estimators;

/// <summary>One run of the trainer on feedback: data into memory, networks onto the device, steps, transformer.</summary>
internal sealed class KtoTraining(MLContext context, KtoTrainer.Options options, ICommunicator communicator, IChannel channel)
{
    private readonly ForwardPasses _passes = TrainingEngine.ForwardPasses(options, channel);

    public KtoTransformer Run(IDataView input)
    {
        RunAgreement.RequireOptions(options, communicator);
        using ThreadScope threads = new(options.Threads);
        using NativeHeap? heap = TrainingEngine.Heap(options); // the reference's passes come first
        ComputeSettings compute = ComputeSettings.Resolve(context, options, communicator);
        using Tf32Scope tf32 = new(options.AllowTf32, compute, message => channel.Warning(MessageSensitivity.None, "{0}", message));
        FeedbackReader reader = new(options.InputColumns, options.Model.Config.VocabularySize, EndTokens.Of(options.Model.Tokenizer));
        (IReadOnlyList<FeedbackExample> rows, IReadOnlyList<SkippedPair> skipped, TruncationReport? truncation) =
            reader.Read(input, communicator, options.CancellationToken);
        TrainingEngine.RequireLength(options, rows.Select(row => (row.Response, row.Line)));
        BadRowReport? badRows = BadRowReport.Find(input.Schema);
        Announce(rows, skipped, truncation, badRows, compute);
        FeedbackWatch watching = new(options, compute, communicator, channel, _passes);
        IReadOnlyList<FeedbackExample> heldOut = watching.HeldOutRows(reader);

        TrainedPart trained = TrainedPart.Create(options, compute, hasReference: true, options.ReferenceModel);
        (MiniMindNetwork policy, SharedNetwork reference) = (trained.Policy, trained.Reference!);
        try
        {
            TrainedPart.Announce(options, policy, communicator, channel, () => BatchBuilder.Responses(
                [.. rows.Take(options.AutoBatch ? 1 : options.BatchSize).Select(row => row.Response)], BatchShape.Packed, headOnResponseOnly: true, 0, 0,
                    balanceRealTokensOnly: false));
            TrainingState state = Train(policy, reference.Network, rows, skipped, truncation, watching, heldOut, input.Schema, compute);
            TrainingSummary summary = new()
            {
                Examples = rows.Count, Skipped = skipped, Truncation = truncation, BadRows = badRows, Steps = state.Step, History = state.History,
                StopReason = state.StopReason, Elapsed = state.Elapsed, Evaluations = state.Evaluations, Warnings = state.Warnings,
                ReturnedStep = state.ReturnedStep ?? state.Step, Precision = compute.Precision, Device = compute.Device.ToString(),
            };
            KtoScoring scoring = new()
            {
                Loss = options.Loss, Beta = options.Beta, DesirableWeight = options.DesirableWeight, UndesirableWeight = options.UndesirableWeight,
                Baseline = Baseline(state), BatchSize = options.ScoringBatchSize, MaxLogitsMegabytes = TrainingEngine.LogitsMegabytes(options, compute),
                Precision = compute.Precision, FusedKernels = options.FusedKernels, InputColumns = options.InputColumns, ScoreColumns = options.ScoreColumns,
            };
            SharedNetwork? kept = options.KeepReference ? reference : null;
            if (kept is null)
                reference.Release();
            PretrainedModel model = options.Model;
            return new KtoTransformer(new SharedNetwork(policy), kept, model.Tokenizer, model.ChatTemplate, scoring, summary, model.Origin,
                options.Adapter?.EmbedBase ?? true);
        }
        catch
        {
            policy.Dispose();
            reference.Release();
            throw;
        }
    }

    private TrainingState Train(
        MiniMindNetwork policy, MiniMindNetwork reference, IReadOnlyList<FeedbackExample> rows, IReadOnlyList<SkippedPair> skipped,
        TruncationReport? truncation, FeedbackWatch watching, IReadOnlyList<FeedbackExample> heldOut, DataViewSchema schema, ComputeSettings compute)
    {
        BatchOptions batches = TrainingEngine.BatchOptions(options, compute);
        IEnumerable<KeyValuePair<string, string>> Inputs() =>
        [
            new("Data", $"{rows.Count} answers, SHA-256 {Fingerprint.Of(rows)}"),
            new("Validation.Data", heldOut.Count == 0 ? "none" : $"{heldOut.Count} answers, SHA-256 {Fingerprint.Of(heldOut)}"),
            new("Reference", Fingerprint.Named(reference)),
        ];
        RunAgreement.RequireInputs(() => [.. Inputs(), .. TrainedPart.Inputs(options)], communicator);
        BaselineEstimate baseline = new(rows, batches, Cut, communicator, _passes);
        using FeedbackTask task = new(policy, reference, rows, options.Objective, batches, baseline);
        if (options.ReferenceModel is null)
        {
            StartCheck.PolicyEqualsReference(policy, new LiveReference(reference, batches.LogitsBudget), task, batches,
                [.. Enumerable.Range(0, Math.Min(options.AutoBatch ? 1 : options.BatchSize, rows.Count))]);
        }

        using TrainingWatch watch = watching.Create(policy, reference, rows, heldOut, truncation);
        return TrainingEngine.Run(options, policy, task, compute, communicator, channel, watch, Inputs,
            () => RunDescriber.Feedback(options, rows, skipped, truncation, schema, compute));
    }

    /// <summary>Passes without gradients are cut as training's are.</summary>
    private IReadOnlyList<int[]> Cut(IReadOnlyList<Response> mismatched) => RowGroups.Of(
        mismatched.Count, group => group.Sum(i => (long)mismatched[i].NeededLength), options.BatchSize, options.MaxRowsPerPass);

    /// <summary>The baseline as it was measured last: on held-out answers, where there are some, of the weights that are returned.</summary>
    private static double Baseline(TrainingState state)
    {
        long returned = state.ReturnedStep ?? state.Step;
        ValidationPoint? evaluation = state.Evaluations.LastOrDefault(point => point.Step == returned);
        return evaluation?.Metrics.GetValueOrDefault(MetricNames.Baseline) ??
            state.History.LastOrDefault()?.Metrics.GetValueOrDefault(MetricNames.Baseline) ?? 0;
    }

    private void Announce(IReadOnlyList<FeedbackExample> rows, IReadOnlyList<SkippedPair> skipped, TruncationReport? truncation, BadRowReport? badRows,
        ComputeSettings compute)
    {
        if (rows.Count == 0)
        {
            throw skipped.Count == 0 ? new InvalidDataException("The data has no answers to train on.")
                : UnusableStart.Error(skipped, truncation, "answers", hasMore: false);
        }

        if (communicator.Rank != 0)
            return; // all ranks have read the same
        if (badRows is { BadRowCount: > 0 })
            channel.Warning(MessageSensitivity.None, "{0}", badRows);
        if (truncation is { LosesAnything: true })
            channel.Warning(MessageSensitivity.None, "{0}", truncation);
        if (skipped.Count > 0)
        {
            channel.Warning(MessageSensitivity.None, "{0} answers have no token to learn and are left out, the first in line {1}: {2}", skipped.Count,
                skipped[0].Line, skipped[0].Reason);
        }

        if (options.Loss == KtoLoss.Kto && options.BatchSize * options.AccumulationSteps * communicator.Size == 1)
        {
            channel.Warning(MessageSensitivity.None, "{0}",
                "Each step has one answer, so that the baseline z is that of a single prompt with the answer of the next row, which says little. Raise " +
                "BatchSize or AccumulationSteps (16 answers a step, or more), or choose KtoLoss.ApoZeroUnpaired, which needs no baseline.");
        }

        channel.Info(MessageSensitivity.None, "{0} answers, {1} of them good ones, {2} parameters, {3}", rows.Count, rows.Count(row => row.IsGood),
            options.Model.ParameterCount, compute.Describe());
    }
}
