using Microsoft.ML.Runtime;
using MiniMind.MLNet.Dpo.Modeling;
using MiniMind.MLNet.Dpo.Training.Batches;
using MiniMind.MLNet.Dpo.Training.Distributed;
using MiniMind.MLNet.Dpo.Training.Guards;
using MiniMind.MLNet.Dpo.Training.Heads;
using MiniMind.MLNet.Dpo.Training.Loop;
using MiniMind.MLNet.Dpo.Training.Validation;

namespace MiniMind.MLNet.Dpo.Estimators;

/// <summary>Sets up what watches a run on feedback.</summary>
internal sealed class FeedbackWatch(KtoTrainer.Options options, ComputeSettings compute, ICommunicator communicator, IChannel channel, ForwardPasses passes)
{
    /// <summary>Reads the held-out answers, where there are some.</summary>
    /// <exception cref="InvalidDataException">There is none that can be measured.</exception>
    public IReadOnlyList<FeedbackExample> HeldOutRows(FeedbackReader reader)
    {
        if (options.Validation is not { } validation)
            return [];
        (IReadOnlyList<FeedbackExample> rows, IReadOnlyList<SkippedPair> skipped, _) =
            reader.Read(validation.Data, communicator, options.CancellationToken);
        if (rows.Count == 0)
        {
            throw new InvalidDataException(
                "The validation data has no answer to " +
                $"measure{(skipped.Count == 0 ? "" : $"; {skipped.Count} have no token to learn, the first in line {skipped[0].Line}: {skipped[0].Reason}")}.");
        }

        if (skipped.Count > 0 && communicator.Rank == 0)
        {
            channel.Warning(MessageSensitivity.None, "{0} validation answers have no token to learn and are left out, the first in line {1}: {2}",
                skipped.Count, skipped[0].Line, skipped[0].Reason);
        }

        return rows;
    }

    /// <summary>Makes the watch.</summary>
    /// <param name="policy">What is trained.</param>
    /// <param name="reference">What it is compared with.</param>
    /// <param name="rows">The training answers.</param>
    /// <param name="heldOut">The validation answers; empty for no validation.</param>
    /// <param name="truncation">What the maximum length took from the training answers, where that is known.</param>
    public TrainingWatch Create(
        MiniMindNetwork policy, MiniMindNetwork reference, IReadOnlyList<FeedbackExample> rows, IReadOnlyList<FeedbackExample> heldOut,
        TruncationReport? truncation)
    {
        FeedbackValidationOptions measuring = new(
            options.BatchSize, options.MaxRowsPerPass, options.Validation?.KlPairs ?? 0, compute.Mode,
            TrainingEngine.BatchOptions(options, compute).LogitsBudget);
        return new TrainingWatch(options, compute, communicator, channel)
        {
            Validation = heldOut.Count == 0 ? null
                : new FeedbackValidation(policy, reference, heldOut, options.Objective, measuring, communicator, passes),
            Truncation = truncation,
            Prompts = heldOut.Count == 0 ? [] : AnswerPrompts.Of(
                [.. heldOut.Select(row => row.Response)], options.Validation!.SamplePrompts, policy.Config.MaxPositions - 1),
            Preferences = new PreferenceTerms(
                options.Objective, rows.Average(row => (double)row.Response.LossTokens), options.ReferenceModel is null, options.LearningRate)
            {
                Words = GuardWords.Feedback,
            },
            Further = [.. Guards(rows)],
            Reference = reference,
        };
    }

    private IEnumerable<ITrainingObserver> Guards(IReadOnlyList<FeedbackExample> rows)
    {
        GuardOptions guards = options.Guards;
        int good = rows.Count(row => row.IsGood);
        if (guards.OneSidedFeedback != GuardAction.Off)
            yield return new OneSidedGuard(guards.OneSidedFeedback, good, rows.Count - good, options.Objective);
        if (guards.StuckBaseline != GuardAction.Off && options.Objective.HasBaseline)
            yield return new StuckBaselineGuard(guards.StuckBaseline, options.Objective);
    }
}
