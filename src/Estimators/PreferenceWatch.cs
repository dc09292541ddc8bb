using Microsoft.ML;
using Microsoft.ML.Runtime;
using MiniMind.MLNet.Dpo.Modeling;
using MiniMind.MLNet.Dpo.Training.Batches;
using MiniMind.MLNet.Dpo.Training.Distributed;
using MiniMind.MLNet.Dpo.Training.Guards;
using MiniMind.MLNet.Dpo.Training.Heads;
using MiniMind.MLNet.Dpo.Training.Loop;
using MiniMind.MLNet.Dpo.Training.References;
using MiniMind.MLNet.Dpo.Training.Validation;

namespace MiniMind.MLNet.Dpo.Estimators;

/// <summary>Sets up what watches a preference run.</summary>
internal sealed class PreferenceWatch(
    MLContext context, DpoTrainer.Options options, ComputeSettings compute, ICommunicator communicator, IChannel channel, ForwardPasses passes)
{
    private const int MostSampled = 64, LeastSampled = 20, SampledShare = 20; // pairs that the reference is tried on where it has not scored any

    /// <summary>Reads the held-out pairs, where there are some.</summary>
    /// <exception cref="InvalidDataException">There is none that can be measured.</exception>
    public IReadOnlyList<PreferenceExample> HeldOutPairs()
    {
        if (options.Validation is not { } validation)
            return [];
        PreferenceExampleReader reader = new(
            options.InputColumns, UnusablePairs.Skip, options.Model.Config.VocabularySize, EndTokens.Of(options.Model.Tokenizer), options.Margin);
        (IReadOnlyList<PreferenceExample> pairs, IReadOnlyList<SkippedPair> skipped, _) = reader.Read(validation.Data, communicator, options.CancellationToken);
        if (pairs.Count == 0)
        {
            throw new InvalidDataException(
                $"The validation data has no pair to " +
                $"measure{(skipped.Count == 0 ? "" : $"; {skipped.Count} carry no preference, the first in line {skipped[0].Line}: {skipped[0].Reason}")}.");
        }

        skipped = [.. skipped.Where(pair => pair.Reason != WeightColumn.NoWeight)];
        if (skipped.Count > 0 && communicator.Rank == 0)
        {
            channel.Warning(MessageSensitivity.None, "{0} validation pairs carry no preference and are left out, the first in line {1}: {2}", skipped.Count,
                skipped[0].Line, skipped[0].Reason);
        }

        return pairs;
    }

    /// <summary>Makes the watch.</summary>
    /// <param name="policy">What is trained.</param>
    /// <param name="reference">What it is compared with, if anything.</param>
    /// <param name="referenceLogProbs">Its log-probabilities of the training pairs.</param>
    /// <param name="pairs">The training pairs.</param>
    /// <param name="heldOut">The validation pairs; empty for no validation.</param>
    /// <param name="truncation">What the maximum length took from the training pairs, where that is known.</param>
    public TrainingWatch Create(
        MiniMindNetwork policy, MiniMindNetwork? reference, IReferenceLogProbs referenceLogProbs, IReadOnlyList<PreferenceExample> pairs,
            IReadOnlyList<PreferenceExample> heldOut,
        TruncationReport? truncation)
    {
        PreferenceValidationOptions measuring = new(
            options.Objective, options.BatchSize, options.MaxRowsPerPass, options.Validation?.KlPairs ?? 0, compute.Mode,
                TrainingEngine.BatchOptions(options, compute).LogitsBudget);
        PreferenceValidation? validation = heldOut.Count == 0 ? null
            : new PreferenceValidation(policy, reference, heldOut, measuring, communicator, options.CancellationToken, passes, options.ReferenceStays);
        double meanTokens = pairs.Average(pair => (pair.Chosen.LossTokens + pair.Rejected.LossTokens) / 2.0);
        return new TrainingWatch(options, compute, communicator, channel)
        {
            Validation = validation,
            Truncation = truncation,
            Prompts = validation is null ? [] : AnswerPrompts.Of(
                [.. heldOut.Select(pair => pair.Chosen)], options.Validation!.SamplePrompts, policy.Config.MaxPositions - 1),
            Preferences = new PreferenceTerms(
                options.Objective, meanTokens, reference is not null && options.ReferenceModel is null && options.ReferenceStays, options.LearningRate),
            ForecastRate = options.LearningRate,
            Sync = options.ReferenceSync is { } sync ? new ReferenceSync(policy, reference!, sync) : null,
            EasyPairs = reference is null ? null : () => CountEasy(reference, referenceLogProbs, pairs, measuring, validation),
            SuggestLearningRate = options.LearningRateSearch is not { } search ? null
                : () => new LearningRateMeasurement(context, options, search, channel).Run(pairs, compute),
            Reference = reference,
        };
    }

    /// <summary>On all pairs where the reference has scored them, else on the validation pairs, else on some.</summary>
    private (double Right, int Count) CountEasy(
        MiniMindNetwork reference, IReferenceLogProbs logProbs, IReadOnlyList<PreferenceExample> pairs, PreferenceValidationOptions measuring,
            PreferenceValidation? validation)
    {
        if (logProbs is PrecomputedReference all)
            return (ReferencePreference.CountRight(all, pairs, options.Reduction), pairs.Count);
        if (validation?.EasyForReference is { } right && validation.Count >= LeastSampled)
            return (right, validation.Count);
        if (pairs.Count < LeastSampled)
            return (0, 0);
        int count = Math.Clamp(pairs.Count / SampledShare, LeastSampled, MostSampled);
        PreferenceExample[] sample = [.. Enumerable.Range(0, count).Select(i => pairs[(int)((long)i * pairs.Count / count)])];
        PreferenceValidation scored = new(reference, reference, sample, measuring with { KlPairs = 0 }, communicator, options.CancellationToken, passes);
        return (scored.EasyForReference!.Value, count);
    }
}
