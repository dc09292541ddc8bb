using MiniMind.MLNet.Dpo.Data;
using MiniMind.MLNet.Dpo.Training.Batches;

namespace MiniMind.MLNet.Dpo;

public sealed partial class SftTrainer
{
    /// <summary>How to fine-tune. Defaults are those of MiniMind's train_full_sft.py, but for what changes only speed.</summary>
    public sealed record Options : TrainingOptions
    {
        /// <summary>Starts from the defaults.</summary>
        public Options() => LearningRate = 1e-5;

        /// <summary>Column of input token ids: vector of int32.</summary>
        public string InputIdsColumnName { get; init; } = ColumnNames.Conversation + "InputIds";

        /// <summary>Column of labels: vector of int32.</summary>
        public string LabelsColumnName { get; init; } = ColumnNames.Conversation + "Labels";

        /// <summary>Column of the loss mask, 0 or 1: vector of single.</summary>
        public string LossMaskColumnName { get; init; } = ColumnNames.Conversation + "LossMask";

        /// <summary>
        /// Column of a conversation's tokens before it was cut to the maximum length: int32. Need not be there; without it nobody is told what was cut.
        /// </summary>
        public string TokenCountColumnName { get; init; } = ColumnNames.Conversation + "TokenCount";

        /// <summary>Column of the row's line in its file, for messages: int64. Need not be there.</summary>
        public string LineNumberColumnName { get; init; } = ColumnNames.LineNumber;

        /// <summary>
        /// Column that says how much a conversation counts, a number of any type: 2 is the row twice, 0 the row left out. It is used where it is there, and
        /// need not be there under its default name; <see langword="null"/> leaves the weights out of account.
        /// </summary>
        public string? WeightColumnName { get; init; } = ColumnNames.Weight;

        internal override BatchShape BatchShape => PlainShape;

        /// <summary>Refuses weights that the options cannot give effect to.</summary>
        /// <exception cref="ArgumentException">Conversations have weights, and the rule of accumulation does not take them.</exception>
        internal void RequireWeights(IReadOnlyList<Response> conversations)
        {
            if (PairWeights.AreGiven(conversations) && this is { Accumulation: AccumulationRule.PerBatch, AccumulationSteps: > 1 })
            {
                throw new ArgumentException(
                    $"The conversations have weights, which are averaged over a step, but {nameof(Accumulation)} {Accumulation} averages over each of its "
                        + $"{AccumulationSteps} batches. Set {nameof(WeightColumnName)} to null to leave the weights out of account.");
            }
        }

        private protected override IEnumerable<string> OwnFaults() =>
            new[]
            {
                (nameof(InputIdsColumnName), InputIdsColumnName), (nameof(LabelsColumnName), LabelsColumnName),
                (nameof(LossMaskColumnName), LossMaskColumnName), (nameof(LineNumberColumnName), LineNumberColumnName),
                (nameof(TokenCountColumnName), TokenCountColumnName), (nameof(WeightColumnName), WeightColumnName ?? ColumnNames.Weight),
            }.Where(column => string.IsNullOrWhiteSpace(column.Item2)).Select(column => $"{column.Item1} is empty")
                .Concat(Validation?.Faults(supervised: true, hasReference: false) ?? []);
    }
}
