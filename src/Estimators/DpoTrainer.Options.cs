using MiniMind.MLNet.Dpo.Training.Batches;
using MiniMind.MLNet.Dpo.Training.Forecast;
using MiniMind.MLNet.Dpo.Training.Losses;

namespace MiniMind.MLNet.Dpo;

public sealed partial class DpoTrainer
{
    /// <summary>
    /// How to train. Defaults are those of MiniMind's train_dpo.py, but for the reduction (see <see cref="Reduction"/>) and for what changes only speed.
    /// </summary>
    public sealed record Options : TrainingOptions
    {
        private readonly double? _beta;
        private readonly LogProbReduction? _reduction;

        /// <summary>Starts from the defaults.</summary>
        public Options() => LearningRate = WeightChange.Preset;

        /// <summary>What is made smaller: DPO's sigmoid loss, unless another one is chosen.</summary>
        public PreferenceLoss Loss { get; init; } = PreferenceLoss.Sigmoid();

        /// <summary>Another model as the frozen reference; same tokenizer.</summary>
        public PretrainedModel? ReferenceModel { get; init; }

        /// <summary>Where the reference's log-probabilities come from.</summary>
        public ReferenceMode Reference { get; init; } = ReferenceMode.Auto;

        /// <summary>Whether the reference follows the policy, and how; <see langword="null"/> keeps it as it is. It needs a reference that runs live.</summary>
        public ReferenceSyncOptions? ReferenceSync { get; init; }

        /// <summary>
        /// A folder for precomputed log-probabilities of references, so that later runs on the same pairs need not compute them; <see langword="null"/> keeps
        /// them in memory only.
        /// A file is found by a hash of the reference's weights, the pairs' token ids, labels and masks, and the precision and layout that they are computed
        /// with. Old files are not removed.
        /// </summary>
        public string? ReferenceCacheFolder { get; init; }

        /// <summary>
        /// How strongly a step away from the reference counts: larger stays closer to it. By default what the loss recommends, 0.15 for the sigmoid loss.
        /// </summary>
        /// <remarks>Where <see cref="Loss"/> has no beta, setting it is an error, and rewards have the factor 1.</remarks>
        public double Beta
        {
            get => _beta ?? Loss?.DefaultBeta ?? 1;
            init => _beta = value;
        }

        /// <summary>
        /// How a response's token log-probabilities become one number. By default what the loss recommends: the mean for the sigmoid loss, as in MiniMind's
        /// published walkthrough.
        /// </summary>
        public LogProbReduction Reduction
        {
            get => _reduction ?? Loss?.DefaultReduction ?? LogProbReduction.Mean;
            init => _reduction = value;
        }

        /// <summary>
        /// What the data's margins (<see cref="PairColumns.Margin"/>) are for; <see langword="null"/>, the default, for data without. Taken by
        /// <see cref="PreferenceLoss.Sigmoid"/>.
        /// </summary>
        public PreferenceMargin? Margin { get; init; }

        /// <summary>Whether a pair's shared prompt runs through the network once. Needs <see cref="BatchPadding.None"/>.</summary>
        public bool SharePrompts { get; init; } = true;

        /// <summary>
        /// Whether the transformer keeps the reference, which rewards and margins need; without it, it has half the size and gives log-probabilities only.
        /// </summary>
        public bool KeepReference { get; init; } = true;

        /// <summary>What happens to pairs that carry no preference.</summary>
        public UnusablePairs UnusablePairs { get; init; } = UnusablePairs.Skip;

        /// <summary>Rows that one forward pass of the trained transformer's scoring takes at most.</summary>
        public int ScoringBatchSize { get; init; } = 16;

        /// <summary>
        /// Measures before the first step which learning rates would do, as <c>mlContext.Preferences.SuggestLearningRate</c> does, and tells it in the
        /// forecast, with a warning where <see cref="TrainingOptions.LearningRate"/> is none of them; <see langword="null"/> does not measure.
        /// The run stays the same.
        /// </summary>
        /// <remarks>A run that goes on from a checkpoint does not measure again.</remarks>
        public LearningRateSearch? LearningRateSearch { get; init; }

        /// <summary>Names of the columns that are read.</summary>
        public PairColumns InputColumns { get; init; } = new();

        /// <summary>Names of the columns that scoring adds.</summary>
        public ScoreColumns ScoreColumns { get; init; } = new();

        /// <summary>
        /// The settings under which training gives, step by step, what MiniMind's train_dpo.py gives: sums, its order, its batches, its rule for
        /// accumulation. Padding that no loss depends on is not computed. What only watches or keeps the run is added by <c>with</c>.
        /// </summary>
        /// <remarks>
        /// Its <c>accumulation_steps</c> is <see cref="TrainingOptions.AccumulationSteps"/>, added by <c>with</c>. Where the batches of an epoch are no
        /// multiple of it, the script steps once more after the last batch, but writes its file before that: the file of the script lacks the last epoch's
        /// unfinished step, the model here has it.
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
                HeadOnResponsesOnly = false, Accumulation = AccumulationRule.PerBatch, Precision = ComputePrecision.Fp32, Seed = 42,
                UnusablePairs = UnusablePairs.Keep,
            };

        /// <summary>The loss with its beta and reduction.</summary>
        internal PreferenceObjective Objective => new(Loss, Beta, Reduction, Margin);

        /// <summary>Whether the reference stays as it is, so that its log-probabilities may be kept.</summary>
        internal bool ReferenceStays => ReferenceSync is null;

        /// <summary>Whether there is a reference.</summary>
        internal bool HasReference => Loss.UsesReference && Reference != ReferenceMode.None;

        internal override BatchShape BatchShape => Padding == BatchPadding.None && SharePrompts ? BatchShape.PackedWithSharedPrefix : PlainShape;

        private protected override IEnumerable<string> OwnFaults()
        {
            foreach (string fault in Validation?.Faults(supervised: false, hasReference: Loss is null || HasReference) ?? [])
                yield return fault;
            foreach (string fault in LossFaults())
                yield return fault;
            if (!(Beta > 0 && double.IsFinite(Beta)))
                yield return $"{nameof(Beta)} is {Beta}; it must be above 0";
            if (ScoringBatchSize < 1)
                yield return $"{nameof(ScoringBatchSize)} is {ScoringBatchSize}; it must be at least 1";
            if (SharePrompts && Padding != BatchPadding.None)
                yield return $"{nameof(SharePrompts)} needs {nameof(Padding)} {BatchPadding.None}, but it is {Padding}";
            if (Reference == ReferenceMode.None && ReferenceModel is not null)
                yield return $"{nameof(ReferenceModel)} is set, but {nameof(Reference)} is {ReferenceMode.None}";
            if (ReferenceCacheFolder is not null && string.IsNullOrWhiteSpace(ReferenceCacheFolder))
                yield return $"{nameof(ReferenceCacheFolder)} is empty";
            if (ReferenceCacheFolder is not null && Reference is ReferenceMode.Live or ReferenceMode.None)
                yield return $"{nameof(ReferenceCacheFolder)} keeps what is precomputed, but {nameof(Reference)} is {Reference}";
            if (ReferenceModel is not null && Model is not null
                && !ReferenceModel.Tokenizer.TokenizerJson.Span.SequenceEqual(Model.Tokenizer.TokenizerJson.Span))
            {
                yield return $"{nameof(ReferenceModel)} has another tokenizer than {nameof(Model)}";
            }

            foreach (string fault in SyncFaults())
                yield return fault;
            foreach (string fault in LearningRateSearch?.Faults() ?? [])
                yield return $"{nameof(LearningRateSearch)}.{fault}";
            if (LearningRateSearch is not null && Communicator is { Size: > 1 })
            {
                yield return $"{nameof(LearningRateSearch)} measures in one process, but {nameof(Communicator)} has {Communicator.Size}; call " +
                    "SuggestLearningRate before";
            }

            if (UnusablePairs == UnusablePairs.Keep && (Reduction != LogProbReduction.Sum || Padding == BatchPadding.None))
            {
                yield return $"{nameof(UnusablePairs)} {UnusablePairs.Keep} needs {nameof(Reduction)} {LogProbReduction.Sum} and padded batches, but they " +
                    $"are {Reduction} and {nameof(Padding)} {Padding}";
            }

            if (InputColumns is null || ScoreColumns is null)
                yield return $"{nameof(InputColumns)} and {nameof(ScoreColumns)} must not be null";
        }

        private IEnumerable<string> LossFaults()
        {
            if (Loss is null)
            {
                yield return $"{nameof(Loss)} is not set";
                yield break;
            }
            string name = $"{nameof(Loss)} {Loss.Name}";
            if (_beta is { } beta && Loss.DefaultBeta is null)
                yield return $"{nameof(Beta)} is {beta}, but {name} has none; leave it out";
            if (!Loss.Takes(Reduction))
            {
                yield return $"{nameof(Reduction)} is {Reduction}, but {name} takes " +
                    $"{string.Join(" or ", Enum.GetValues<LogProbReduction>().Where(Loss.Takes))} only";
            }

            if (Margin is not null && !Loss.TakesMargins)
                yield return $"{nameof(Margin)} is set, but {name} takes no margins";
            if (!Loss.UsesReference && (Reference is ReferenceMode.Live or ReferenceMode.Precomputed || ReferenceModel is not null
                || ReferenceCacheFolder is not null))
            {
                yield return $"{name} has no reference; leave out {nameof(Reference)}, {nameof(ReferenceModel)} and {nameof(ReferenceCacheFolder)}";
            }

            if (Loss.NeedsReference && Reference == ReferenceMode.None)
                yield return $"{name} measures each side against the reference, but {nameof(Reference)} is {ReferenceMode.None}";
            if (Loss.Direction != GradientDirection.Coupled)
                yield break;
            foreach (string option in SplittingOptions())
                yield return $"{name} couples the pairs of a step, which {option} would take apart";
        }

        /// <summary>Refuses weights that the options cannot give effect to.</summary>
        /// <exception cref="ArgumentException">Pairs have weights, and a loss or a rule does not take them.</exception>
        internal void RequireWeights(IReadOnlyList<PreferenceExample> pairs, IReadOnlyList<PreferenceExample> heldOut)
        {
            bool areTrained = PairWeights.AreGiven(pairs);
            if (!areTrained && !PairWeights.AreGiven(heldOut))
                return;
            string remedy = $"Set {nameof(InputColumns)}.{nameof(PairColumns.Weight)} to null to leave the weights out of account.";
            if (Loss.Direction == GradientDirection.Coupled)
                throw new ArgumentException($"The pairs have weights, but {nameof(Loss)} {Loss.Name} couples the pairs of a step and takes none. {remedy}");
            if (areTrained && this is { Accumulation: AccumulationRule.PerBatch, AccumulationSteps: > 1 })
            {
                throw new ArgumentException(
                    $"The pairs have weights, which are averaged over a step, but {nameof(Accumulation)} {Accumulation} averages over each of "
                        + $"its {AccumulationSteps} batches. {remedy}");
            }
        }

        private IEnumerable<string> SyncFaults()
        {
            if (ReferenceSync is not { } sync)
                yield break;
            foreach (string fault in sync.Faults())
                yield return $"{nameof(ReferenceSync)}.{fault}";
            if (Loss is not null && !HasReference)
                yield return $"{nameof(ReferenceSync)} is set, but there is no reference";
            string? before = Reference == ReferenceMode.Precomputed ? $"{nameof(Reference)} {Reference}"
                : ReferenceCacheFolder is not null ? nameof(ReferenceCacheFolder) : null;
            if (before is not null)
                yield return $"{nameof(ReferenceSync)} changes the reference during the run, but {before} computes its log-probabilities before";
            if (Validation is { KeepBest: true } or { Patience: > 0 })
                yield return $"{nameof(ReferenceSync)} changes what evaluations measure against, so Validation.KeepBest and Patience cannot compare them";
            if (Adapter is not null || FreezeLayers > 0)
            {
                yield return $"{nameof(ReferenceSync)} moves a reference of its own, but with {(Adapter is null ? nameof(FreezeLayers) : nameof(Adapter))} " +
                    $"policy and reference share their frozen weights{(Adapter is null ? "" : ", and a mixture of two adapters is none of their rank")}";
            }

            if (Guards is { RollsBack: true })
                yield return $"{nameof(ReferenceSync)} changes the reference, which guards with {GuardAction.RollBack} do not take back";
        }

        private IEnumerable<string> SplittingOptions()
        {
            if (MaxRowsPerPass > 0)
                yield return $"{nameof(MaxRowsPerPass)} {MaxRowsPerPass}";
            if (AutoBatch)
                yield return nameof(AutoBatch);
            if (AccumulationSteps > 1)
                yield return $"{nameof(AccumulationSteps)} {AccumulationSteps}";
            if (Communicator is { Size: > 1 })
                yield return $"{nameof(Communicator)} with {Communicator.Size} processes";
        }
    }
}
