using Microsoft.ML.Runtime;
using MiniMind.MLNet.Dpo.Modeling;
using MiniMind.MLNet.Dpo.Training.Batches;
using MiniMind.MLNet.Dpo.Training.Distributed;
using MiniMind.MLNet.Dpo.Training.Loop;
using MiniMind.MLNet.Dpo.Training.Validation;

namespace MiniMind.MLNet.Dpo.Estimators;

/// <summary>Sets up what watches a supervised run.</summary>
internal sealed class SupervisedWatch(SftTrainer.Options options, ComputeSettings compute, ICommunicator communicator, IChannel channel)
{
    /// <summary>Reads the held-out conversations, where there are some.</summary>
    /// <exception cref="InvalidDataException">There is none that can be measured.</exception>
    public IReadOnlyList<Response> HeldOutConversations(ConversationReader reader)
    {
        if (options.Validation is not { } validation)
            return [];
        (IReadOnlyList<Response> responses, _, IReadOnlyList<SkippedPair> skipped, _) = reader.Read(validation.Data, communicator, options.CancellationToken);
        if (responses.Count == 0)
        {
            throw new InvalidDataException(
                "The validation data has no conversation to " +
                $"measure{(skipped.Count == 0 ? "" : $"; {skipped.Count} have no token to learn, the first in line {skipped[0].Line}: {skipped[0].Reason}")}.");
        }

        skipped = [.. skipped.Where(row => row.Reason != WeightColumn.NoWeight)];
        if (skipped.Count > 0 && communicator.Rank == 0)
        {
            channel.Warning(MessageSensitivity.None, "{0} validation conversations have no token to learn and are left out, the first in line {1}: {2}",
                skipped.Count, skipped[0].Line, skipped[0].Reason);
        }

        return responses;
    }

    /// <summary>Makes the watch.</summary>
    /// <param name="network">What is trained.</param>
    /// <param name="heldOut">The validation conversations; empty for no validation.</param>
    /// <param name="truncation">What the maximum length took from the training conversations, where that is known.</param>
    public TrainingWatch Create(MiniMindNetwork network, IReadOnlyList<Response> heldOut, TruncationReport? truncation)
    {
        if (heldOut.Count == 0)
            return new TrainingWatch(options, compute, communicator, channel) { Truncation = truncation };
        IReadOnlyList<int[]> groups = RowGroups.Of(heldOut.Count, group => group.Sum(i => (long)heldOut[i].NeededLength), options.BatchSize,
            options.MaxRowsPerPass);
        return new TrainingWatch(options, compute, communicator, channel)
        {
            Truncation = truncation,
            Validation = new SupervisedValidation(network, heldOut, groups, compute.Mode, TrainingEngine.BatchOptions(options, compute).LogitsBudget,
                communicator, TrainingEngine.ForwardPasses(options, channel)),
            Prompts = AnswerPrompts.Of(heldOut, options.Validation!.SamplePrompts, network.Config.MaxPositions - 1),
        };
    }
}
