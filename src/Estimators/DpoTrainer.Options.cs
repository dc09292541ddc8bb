using Microsoft.ML;
using MiniMind.MLNet.Dpo.Training;

namespace MiniMind.MLNet.Dpo;

public sealed partial class DpoTrainer
{
    /// <summary>How to train. Defaults are those of MiniMind's train_dpo.py, but for the reduction (see <see cref="Reduction"/>) and for what changes only speed.</summary>
    public sealed class Options
    {
        /// <summary>The model to start from, which is also the frozen reference unless <see cref="ReferenceModel"/> is set. Required.</summary>
        public required PretrainedModel Model { get; init; }

        /// <summary>Another model as the frozen reference; same tokenizer.</summary>
        public PretrainedModel? ReferenceModel { get; init; }

        /// <summary>Where the reference's log-probabilities come from.</summary>
        public ReferenceMode Reference { get; init; } = ReferenceMode.Auto;

        /// <summary>How strongly a step away from the reference counts: larger stays closer to it.</summary>
        public double Beta { get; init; } = 0.15;

        /// <summary>How a response's token log-probabilities become one number. The default is the mean, as in MiniMind's published walkthrough.</summary>
        public LogProbReduction Reduction { get; init; } = LogProbReduction.Mean;

        /// <summary>The peak learning rate. DPO refines: with sums around 5e-8 to 1e-6, with means more.</summary>
        public double LearningRate { get; init; } = 4e-8;

        /// <summary>How the learning rate goes over the run.</summary>
        public ScheduleOptions Schedule { get; init; } = ScheduleOptions.MiniMindCosine;

        /// <summary>What steps the weights.</summary>
        public OptimizerOptions Optimizer { get; init; } = OptimizerOptions.AdamW();

        /// <summary>The most that the gradients' L2 norm may be; infinity for no limit.</summary>
        public double MaxGradientNorm { get; init; } = 1.0;

        /// <summary>Pairs in one forward pass.</summary>
        public int BatchSize { get; init; } = 4;

        /// <summary>Forward passes in one optimizer step.</summary>
        public int AccumulationSteps { get; init; } = 1;

        /// <summary>Passes over the pairs.</summary>
        public int Epochs { get; init; } = 1;

        /// <summary>Whether the order changes from epoch to epoch.</summary>
        public bool Shuffle { get; init; } = true;

        /// <summary>Seed of the order and of dropout.</summary>
        public int Seed { get; init; } = 42;

        /// <summary>Row length for <see cref="BatchPadding.MaxLength"/>: that of the preparation. Longer pairs are an error there.</summary>
        public int MaxLength { get; init; } = 1024;

        /// <summary>How sequences of different lengths share a batch.</summary>
        public BatchPadding Padding { get; init; } = BatchPadding.None;

        /// <summary>Whether a pair's shared prompt runs through the network once. Needs <see cref="BatchPadding.None"/>.</summary>
        public bool SharePrompts { get; init; } = true;

        /// <summary>Whether the head runs only where a label counts.</summary>
        public bool HeadOnResponsesOnly { get; init; } = true;

        /// <summary>The most that the logits of one pass may take; larger ones are made in slices, twice. In MiB.</summary>
        public int MaxLogitsMegabytes { get; init; } = 512;

        /// <summary>The most rows (tokens) of one forward pass; larger batches run in parts with the same result. 0 for no limit.</summary>
        public int MaxRowsPerPass { get; init; }

        /// <summary>Whether layers are computed again in the backward pass instead of keeping their activations: less memory, a third more time.</summary>
        public bool GradientCheckpointing { get; init; }

        /// <summary>The element type of matrix products.</summary>
        public ComputePrecision Precision { get; init; } = ComputePrecision.DeviceDefault;

        /// <summary>Where to compute.</summary>
        public ComputeDevice Device { get; init; } = ComputeDevice.FromContext;

        /// <summary>Whether the transformer keeps the reference, which rewards and margins need; without it, it has half the size and gives log-probabilities only.</summary>
        public bool KeepReference { get; init; } = true;

        /// <summary>CPU threads of libtorch while training; <see langword="null"/> leaves the process's setting.</summary>
        public int? Threads { get; init; }

        /// <summary>What happens to pairs that carry no preference.</summary>
        public UnusablePairs UnusablePairs { get; init; } = UnusablePairs.Skip;

        /// <summary>Steps between measurements.</summary>
        public int LogInterval { get; init; } = 10;

        /// <summary>Gets a report at every measurement.</summary>
        public IProgress<DpoProgress>? Progress { get; init; }

        /// <summary>Ends training after the step at hand.</summary>
        public CancellationToken CancellationToken { get; init; }

        /// <summary>Rows that one forward pass of the trained transformer's scoring takes at most.</summary>
        public int ScoringBatchSize { get; init; } = 16;

        /// <summary>Names of the columns that are read.</summary>
        public PairColumns InputColumns { get; init; } = new();

        /// <summary>Names of the columns that scoring adds.</summary>
        public ScoreColumns ScoreColumns { get; init; } = new();

        /// <summary>The settings under which training gives what MiniMind's train_dpo.py gives: sums, its order, its padded batches.</summary>
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
                HeadOnResponsesOnly = false, Precision = ComputePrecision.Fp32, Seed = 42,
            };

        internal void Validate()
        {
            List<string> faults = [];
            void Unless(bool valid, string fault)
            {
                if (!valid) faults.Add(fault);
            }
            Unless(Model is not null, $"{nameof(Model)} is not set");
            Unless(Beta > 0 && double.IsFinite(Beta), $"{nameof(Beta)} is {Beta}; it must be above 0");
            Unless(LearningRate >= 0 && double.IsFinite(LearningRate), $"{nameof(LearningRate)} is {LearningRate}; it must be 0 or more");
            Unless(MaxGradientNorm > 0, $"{nameof(MaxGradientNorm)} is {MaxGradientNorm}; it must be above 0 (infinity for no limit)");
            foreach ((string name, int value) in new[]
            {
                (nameof(BatchSize), BatchSize), (nameof(AccumulationSteps), AccumulationSteps), (nameof(Epochs), Epochs), (nameof(LogInterval), LogInterval),
                (nameof(MaxLogitsMegabytes), MaxLogitsMegabytes), (nameof(ScoringBatchSize), ScoringBatchSize), (nameof(Threads), Threads ?? 1),
            })
                Unless(value >= 1, $"{name} is {value}; it must be at least 1");
            Unless(MaxRowsPerPass >= 0, $"{nameof(MaxRowsPerPass)} is {MaxRowsPerPass}; it must be 0 or more");
            Unless(MaxLength >= 2, $"{nameof(MaxLength)} is {MaxLength}; it must be at least 2");
            Unless(!SharePrompts || Padding == BatchPadding.None, $"{nameof(SharePrompts)} needs {nameof(Padding)} {BatchPadding.None}, but it is {Padding}");
            Unless(Reference != ReferenceMode.None || ReferenceModel is null, $"{nameof(ReferenceModel)} is set, but {nameof(Reference)} is {ReferenceMode.None}");
            Unless(ReferenceModel is null || Model is null || ReferenceModel.Tokenizer.TokenizerJson.Span.SequenceEqual(Model.Tokenizer.TokenizerJson.Span), $"{nameof(ReferenceModel)} has another tokenizer than {nameof(Model)}");
            Unless(!GradientCheckpointing || Model is null || Model.Config.Dropout == 0, $"{nameof(GradientCheckpointing)} cannot be had with a model that uses dropout ({Model?.Config.Dropout})");
            Unless(Optimizer is not null && Schedule is not null && InputColumns is not null && ScoreColumns is not null, $"{nameof(Optimizer)}, {nameof(Schedule)}, {nameof(InputColumns)} and {nameof(ScoreColumns)} must not be null");
            if (faults.Count > 0) throw new ArgumentException("The options of the DPO trainer are not valid: " + string.Join("; ", faults) + ".");
        }

        internal BatchShape BatchShape => Padding switch
        {
            BatchPadding.None => SharePrompts ? BatchShape.PackedWithSharedPrefix : BatchShape.Packed,
            BatchPadding.Longest => BatchShape.PaddedToLongest,
            _ => BatchShape.PaddedToMaximum,
        };
    }
}
