using MiniMind.MLNet.Dpo.Training.Batches;
using MiniMind.MLNet.Dpo.Training.Losses;

namespace MiniMind.MLNet.Dpo;

public sealed partial class KtoTrainer
{
    /// <summary>How to train on feedback. Defaults are those under which KTO was published.</summary>
    public sealed record Options : TrainingOptions
    {
        /// <summary>Starts from the defaults.</summary>
        public Options() => LearningRate = 1e-6;

        /// <summary>What is made smaller.</summary>
        public KtoLoss Loss { get; init; } = KtoLoss.Kto;

        /// <summary>How strongly a step away from the reference counts: larger stays closer to it.</summary>
        public double Beta { get; init; } = 0.1;

        /// <summary>
        /// What a good answer's loss is multiplied by. KTO was published with weighted counts of good and bad answers between 1 to 1 and 4 to 3: with few good
        /// answers, raise it.
        /// </summary>
        public double DesirableWeight { get; init; } = 1;

        /// <summary>What a bad answer's loss is multiplied by; with few bad answers, raise it.</summary>
        public double UndesirableWeight { get; init; } = 1;

        /// <summary>Another model as the frozen reference; same tokenizer. By default the model itself as it was.</summary>
        public PretrainedModel? ReferenceModel { get; init; }

        /// <summary>
        /// Whether the transformer keeps the reference, which rewards need; without it, it has half the size and gives log-probabilities only.
        /// </summary>
        public bool KeepReference { get; init; } = true;

        /// <summary>Rows that one forward pass of the trained transformer's scoring takes at most.</summary>
        public int ScoringBatchSize { get; init; } = 16;

        /// <summary>Names of the columns that are read.</summary>
        public FeedbackColumns InputColumns { get; init; } = new();

        /// <summary>Names of the columns that scoring adds.</summary>
        public FeedbackScoreColumns ScoreColumns { get; init; } = new();

        /// <summary>The loss with its beta and weights.</summary>
        internal FeedbackObjective Objective => new(Loss == KtoLoss.Kto, Beta, DesirableWeight, UndesirableWeight);

        internal override BatchShape BatchShape => PlainShape;

        private protected override IEnumerable<string> OwnFaults()
        {
            foreach (string fault in Validation?.Faults(supervised: false, hasReference: true, feedback: true) ?? [])
                yield return fault;
            if (!Enum.IsDefined(Loss))
                yield return $"{nameof(Loss)} is {Loss}; it can be {string.Join(", ", Enum.GetNames<KtoLoss>())}";
            foreach ((string name, double value) in new[]
            {
                (nameof(Beta), Beta), (nameof(DesirableWeight), DesirableWeight), (nameof(UndesirableWeight), UndesirableWeight),
            })
            {
                if (!(value > 0 && double.IsFinite(value)))
                    yield return $"{name} is {value}; it must be above 0";
            }
            if (ScoringBatchSize < 1)
                yield return $"{nameof(ScoringBatchSize)} is {ScoringBatchSize}; it must be at least 1";
            if (ReferenceModel is not null && Model is not null
                && !ReferenceModel.Tokenizer.TokenizerJson.Span.SequenceEqual(Model.Tokenizer.TokenizerJson.Span))
            {
                yield return $"{nameof(ReferenceModel)} has another tokenizer than {nameof(Model)}";
            }

            foreach ((string option, IReadOnlyList<string>? names) in new[]
            {
                (nameof(InputColumns), InputColumns?.All), (nameof(ScoreColumns), ScoreColumns?.All),
            })
            {
                if (names is null)
                    yield return $"{option} is null";
                else if (names.Any(string.IsNullOrWhiteSpace))
                    yield return $"{option} has an empty name";
                else if (names.Distinct().Count() < names.Count)
                    yield return $"{option} names a column twice";
            }
        }
    }
}
