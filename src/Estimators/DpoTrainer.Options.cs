using MiniMind.MLNet.Dpo.Training;
using MiniMind.MLNet.Dpo.Training.Forecast;

namespace MiniMind.MLNet.Dpo;

public sealed partial class DpoTrainer
{
    /// <summary>How to train. Defaults are those of MiniMind's train_dpo.py, but for the reduction (see <see cref="Reduction"/>) and for what changes only speed.</summary>
    public sealed record Options : TrainingOptions
    {
        /// <summary>Starts from the defaults.</summary>
        public Options() => LearningRate = WeightChange.Preset;

        /// <summary>Another model as the frozen reference; same tokenizer.</summary>
        public PretrainedModel? ReferenceModel { get; init; }

        /// <summary>Where the reference's log-probabilities come from.</summary>
        public ReferenceMode Reference { get; init; } = ReferenceMode.Auto;

        /// <summary>
        /// A folder for precomputed log-probabilities of references, so that later runs on the same pairs need not compute them; <see langword="null"/> keeps them in memory only.
        /// A file is found by a hash of the reference's weights, the pairs' token ids, labels and masks, and the precision and layout that they are computed with. Old files are not removed.
        /// </summary>
        public string? ReferenceCacheFolder { get; init; }

        /// <summary>How strongly a step away from the reference counts: larger stays closer to it.</summary>
        public double Beta { get; init; } = 0.15;

        /// <summary>How a response's token log-probabilities become one number. The default is the mean, as in MiniMind's published walkthrough.</summary>
        public LogProbReduction Reduction { get; init; } = LogProbReduction.Mean;

        /// <summary>Whether a pair's shared prompt runs through the network once. Needs <see cref="BatchPadding.None"/>.</summary>
        public bool SharePrompts { get; init; } = true;

        /// <summary>Whether the transformer keeps the reference, which rewards and margins need; without it, it has half the size and gives log-probabilities only.</summary>
        public bool KeepReference { get; init; } = true;

        /// <summary>What happens to pairs that carry no preference.</summary>
        public UnusablePairs UnusablePairs { get; init; } = UnusablePairs.Skip;

        /// <summary>Rows that one forward pass of the trained transformer's scoring takes at most.</summary>
        public int ScoringBatchSize { get; init; } = 16;

        /// <summary>Names of the columns that are read.</summary>
        public PairColumns InputColumns { get; init; } = new();

        /// <summary>Names of the columns that scoring adds.</summary>
        public ScoreColumns ScoreColumns { get; init; } = new();

        /// <summary>
        /// The settings under which training gives, step by step, what MiniMind's train_dpo.py gives: sums, its order, its padded batches, its rule for
        /// accumulation. What only watches or keeps the run is added by <c>with</c>.
        /// </summary>
        /// <remarks>
        /// Its <c>accumulation_steps</c> is <see cref="TrainingOptions.AccumulationSteps"/>, added by <c>with</c>. Where the batches of an epoch are no
        /// multiple of it, the script steps once more after the last
        /// batch, but writes its file before that: the file of the script lacks the last epoch's unfinished step, the model here has it.
        /// </remarks>
        /// <param name="model">The model to start from.</param>
        /// <param name="epochs">Passes over the pairs.</param>
        /// <param name="batchSize">Pairs in one forward pass.</param>
        /// <param name="learningRate">The peak learning rate.</param>
        /// <param name="maxLength">Its <c>max_seq_len</c>; prepare the pairs with the same, the header pattern rule and MiniMind's think-block rule.</param>
        /// <param name="beta">Its <c>beta</c>.</param>
        public static Options MiniMind(
            PretrainedModel model, int epochs = 1, int batchSize = 4, double learningRate = 4e-8, int maxLength = 1024, double beta = 0.15) => new()
            {
                Model = model, Epochs = epochs, BatchSize = batchSize, LearningRate = learningRate, MaxLength = maxLength, Beta = beta,
                Reduction = LogProbReduction.Sum, Reference = ReferenceMode.Live, Padding = BatchPadding.MaxLength, SharePrompts = false,
                HeadOnResponsesOnly = false, Accumulation = AccumulationRule.PerBatch, Precision = ComputePrecision.Fp32, Seed = 42, UnusablePairs = UnusablePairs.Keep,
            };

        internal override BatchShape BatchShape => Padding == BatchPadding.None && SharePrompts ? BatchShape.PackedWithSharedPrefix : PlainShape;

        private protected override IEnumerable<string> OwnFaults()
        {
            foreach (string fault in Validation?.Faults(supervised: false, hasReference: Reference != ReferenceMode.None) ?? []) yield return fault;
            if (!(Beta > 0 && double.IsFinite(Beta))) yield return $"{nameof(Beta)} is {Beta}; it must be above 0";
            if (ScoringBatchSize < 1) yield return $"{nameof(ScoringBatchSize)} is {ScoringBatchSize}; it must be at least 1";
            if (SharePrompts && Padding != BatchPadding.None) yield return $"{nameof(SharePrompts)} needs {nameof(Padding)} {BatchPadding.None}, but it is {Padding}";
            if (Reference == ReferenceMode.None && ReferenceModel is not null) yield return $"{nameof(ReferenceModel)} is set, but {nameof(Reference)} is {ReferenceMode.None}";
            if (ReferenceCacheFolder is not null && string.IsNullOrWhiteSpace(ReferenceCacheFolder)) yield return $"{nameof(ReferenceCacheFolder)} is empty";
            if (ReferenceCacheFolder is not null && Reference is ReferenceMode.Live or ReferenceMode.None)
                yield return $"{nameof(ReferenceCacheFolder)} keeps what is precomputed, but {nameof(Reference)} is {Reference}";
            if (ReferenceModel is not null && Model is not null && !ReferenceModel.Tokenizer.TokenizerJson.Span.SequenceEqual(Model.Tokenizer.TokenizerJson.Span))
                yield return $"{nameof(ReferenceModel)} has another tokenizer than {nameof(Model)}";
            if (UnusablePairs == UnusablePairs.Keep && (Reduction != LogProbReduction.Sum || Padding == BatchPadding.None))
                yield return $"{nameof(UnusablePairs)} {UnusablePairs.Keep} needs {nameof(Reduction)} {LogProbReduction.Sum} and padded batches, but they are {Reduction} and {nameof(Padding)} {Padding}";
            if (InputColumns is null || ScoreColumns is null) yield return $"{nameof(InputColumns)} and {nameof(ScoreColumns)} must not be null";
        }
    }
}
