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

        internal override BatchShape BatchShape => PlainShape;

        private protected override IEnumerable<string> OwnFaults() =>
            new[]
            {
                (nameof(InputIdsColumnName), InputIdsColumnName), (nameof(LabelsColumnName), LabelsColumnName),
                (nameof(LossMaskColumnName), LossMaskColumnName), (nameof(LineNumberColumnName), LineNumberColumnName),
                (nameof(TokenCountColumnName), TokenCountColumnName),
            }.Where(column => string.IsNullOrWhiteSpace(column.Item2)).Select(column => $"{column.Item1} is empty")
                .Concat(Validation?.Faults(supervised: true, hasReference: false) ?? []);
    }
}
