using Microsoft.ML.Runtime;
using MiniMind.MLNet.Dpo.Modeling;
using MiniMind.MLNet.Dpo.Training;
using MiniMind.MLNet.Dpo.Training.Validation;

namespace MiniMind.MLNet.Dpo.Estimators;

/// <summary>Sets up what watches a supervised run.</summary>
internal sealed class SupervisedWatch(SftTrainer.Options options, ConversationReader reader, ComputeSettings compute, IChannel channel)
{
    /// <summary>Makes the watch.</summary>
    /// <exception cref="InvalidDataException">The validation data has no conversation that can be measured.</exception>
    public TrainingWatch Create(MiniMindNetwork network)
    {
        if (options.Validation is not { } validation) return new TrainingWatch(options, compute, channel);
        (IReadOnlyList<Response> responses, _, IReadOnlyList<SkippedPair> skipped) = reader.Read(validation.Data, options.CancellationToken);
        if (responses.Count == 0) throw new InvalidDataException($"The validation data has no conversation to measure; {skipped.Count} rows have an empty loss mask.");
        if (skipped.Count > 0) channel.Warning(MessageSensitivity.None, "{0} validation conversations have an empty loss mask and are left out, the first in line {1}", skipped.Count, skipped[0].Line);
        IReadOnlyList<int[]> groups = RowGroups.Of(responses.Count, i => responses[i].NeededLength, options.BatchSize, options.MaxRowsPerPass);
        return new TrainingWatch(options, compute, channel)
        {
            Validation = new SupervisedValidation(network, responses, groups, compute.Type, TrainingEngine.BatchOptions(options, compute).LogitsBudget),
            Prompts = AnswerPrompts.Of(responses, validation.SamplePrompts, network.Config.MaxPositions - 1),
        };
    }
}
