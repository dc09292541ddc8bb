using Microsoft.Extensions.Logging;
using MiniMind.MLNet.Dpo.CpuKernels.Native;
using MiniMind.MLNet.Dpo.Estimators;
using MiniMind.MLNet.Dpo.Training.Batches;
using MiniMind.MLNet.Dpo.Training.Distributed;

namespace MiniMind.MLNet.Dpo;

/// <summary>What all trainers of language models can be told.</summary>
public abstract record TrainingOptions
{
    internal const string ConsoleWarningsSwitch = "MiniMind.MLNet.Dpo.ConsoleWarnings";

    private protected TrainingOptions()
    {
    }

    /// <summary>The model to start from. Required.</summary>
    public required PretrainedModel Model { get; init; }

    /// <summary>What is trained in place of the model's own weights: matrices of a low rank beside them; <see langword="null"/> to train the weights.</summary>
    public LoraOptions? Adapter { get; init; }

    /// <summary>How many decoder layers, from the lowest on, stay as they are, with the embedding and a head that is the same matrix; 0 to train all. What is
    /// frozen is shared with the model and costs no memory.</summary>
    public int FreezeLayers { get; init; }

    /// <summary>The peak learning rate.</summary>
    public double LearningRate { get; init; }

    /// <summary>How the learning rate goes over the run.</summary>
    public ScheduleOptions Schedule { get; init; } = ScheduleOptions.MiniMindCosine;

    /// <summary>What steps the weights.</summary>
    public OptimizerOptions Optimizer { get; init; } = OptimizerOptions.AdamW();

    /// <summary>The most that the gradients' L2 norm may be; infinity for no limit.</summary>
    public double MaxGradientNorm { get; init; } = 1.0;

    /// <summary>Pairs or conversations in one forward pass of each process.</summary>
    public int BatchSize { get; init; } = 4;

    /// <summary>Forward passes in one optimizer step.</summary>
    public int AccumulationSteps { get; init; } = 1;

    /// <summary>What a step of several forward passes divides its loss by, and what the learning rate counts.</summary>
    public AccumulationRule Accumulation { get; init; } = AccumulationRule.PerExample;

    /// <summary>Passes over the data.</summary>
    public int Epochs { get; init; } = 1;

    /// <summary>Whether the order changes from epoch to epoch; without, every epoch has the order of the data.</summary>
    /// <remarks>
    /// With it, the step with the most tokens comes first in each epoch, so that memory peaks at once; not where all rows are padded to
    /// <see cref="MaxLength"/>.
    /// </remarks>
    public bool Shuffle { get; init; } = true;

    /// <summary>Seed of the order and of dropout.</summary>
    public int Seed { get; init; } = 42;

    /// <summary>Row length for <see cref="BatchPadding.MaxLength"/>: that of the preparation. Longer rows are an error there.</summary>
    public int MaxLength { get; init; } = 1024;

    /// <summary>How sequences of different lengths share a batch.</summary>
    public BatchPadding Padding { get; init; } = BatchPadding.None;

    /// <summary>Whether the head runs only where a label counts; with <see cref="BatchPadding.MaxLength"/> it does in any case.</summary>
    public bool HeadOnResponsesOnly { get; init; } = true;

    /// <summary>The most that the logits of one pass may take; larger ones are made in slices, with the same result. In MiB.</summary>
    /// <remarks>By default what is fastest: on a CPU 28, or room for 256 tokens where the vocabulary is large, and at most 128; on other devices 128.</remarks>
    public int? MaxLogitsMegabytes { get; init; }

    /// <summary>The most rows (tokens) of one forward pass; larger batches run in parts with the same result. 0 for no limit.</summary>
    public int MaxRowsPerPass { get; init; }

    /// <summary>
    /// Whether a pass that does not fit into memory is run in halves, with all passes after it, instead of ending the run: the step's examples, its loss and
    /// its gradients stay the same.
    /// </summary>
    /// <remarks>
    /// The passes of a precomputed reference and of evaluations are halved in the same way. Each process halves for itself, with a warning, and sends its
    /// gradients after the backward pass. Experts' load-balancing loss, one of each pass, then is that of the smaller passes.
    /// </remarks>
    public bool AutoBatch { get; init; }

    /// <summary>Whether layers are computed again in the backward pass instead of keeping their activations: less memory, a third more time.</summary>
    public bool GradientCheckpointing { get; init; }

    /// <summary>
    /// Whether layers, dense or of experts, and the head run through this library's own kernels on a CPU with AVX-512, and fp32 products on AMD
    /// processors through oneDNN; otherwise libtorch's operations one by one, with the same result.
    /// </summary>
    /// <remarks>
    /// A step then takes about half the memory, and half the time on AMD processors. Elsewhere, and with dropout, libtorch's operations run in any case.
    /// </remarks>
    public bool FusedKernels { get; init; } = true;

    /// <summary>The element type of matrix products.</summary>
    public ComputePrecision Precision { get; init; } = ComputePrecision.DeviceDefault;

    /// <summary>
    /// Whether a GPU may round the factors of fp32 matrix products to TF32 (10 bits of fraction), several times faster; <see langword="null"/> leaves the
    /// process's setting, which is off unless the app changed it.
    /// </summary>
    /// <remarks>
    /// It acts on CUDA devices with <see cref="Precision"/> <see cref="ComputePrecision.Fp32"/>; where a run comes to something else, a warning in the log says
    /// that it does nothing.
    /// </remarks>
    public bool? AllowTf32 { get; init; }

    /// <summary>Where to compute.</summary>
    public ComputeDevice Device { get; init; } = ComputeDevice.FromContext;

    /// <summary>CPU threads of libtorch while training; <see langword="null"/> leaves the process's setting.</summary>
    /// <remarks>
    /// Runs that train at the same time each have their own, and other threads of the app keep theirs. Where libtorch has no numbers of threads (outside
    /// Linux), the run that began last rules for matrix products. All is put back when the last run ends.
    /// By itself libtorch takes as many as the process has processors; on Linux this library keeps it within a container's quota. Beside other work that is
    /// the fastest too; a warning says so when steps come to take several times as long as they did.
    /// </remarks>
    public int? Threads { get; init; }

    /// <summary>
    /// Whether freed memory is kept for the next step for as long as the run lasts: that of large tensors by this library, and the rest by glibc, the C library
    /// of most Linux systems, which is told to keep blocks of up to 32 MiB and gives them back every minute, or, with <see cref="GradientCheckpointing"/>, to
    /// give blocks of a megabyte and more back at once.
    /// </summary>
    /// <remarks>
    /// <para>On Linux with x86-64, tensors of 64 KiB and more on the CPU lie in blocks that the library reuses while a run lasts, whoever makes them; without,
    /// a process grows to twice the forecast in some hundred steps. At the end they go back to the system.</para>
    /// <para>By default it is where the process has glibc; <see langword="true"/> is an error elsewhere, and <see langword="false"/> leaves the process's heap
    /// alone.</para>
    /// <para>The gain: the system clears every page that it hands out, and without this many pages are handed out anew in each step; and the process does not
    /// grow from gaps between freed blocks. With <see cref="GradientCheckpointing"/>, those gaps would take about as much memory as the layers that it saves.
    /// The cost: both of glibc's thresholds (<c>M_MMAP_THRESHOLD</c>, <c>M_TRIM_THRESHOLD</c>) are the whole process's, so that what else an app allocates
    /// natively meanwhile is kept longer too; and every trim costs the next step some tenths of a second.</para>
    /// <para>At the end, however it comes, the last of the runs at work puts back what the environment told glibc, or what it comes to by itself. It no longer
    /// moves its thresholds then, and they cannot be asked for: an app that sets them by <c>mallopt</c> itself sets them again, or turns this off.</para>
    /// </remarks>
    public bool? TuneNativeHeap { get; init; }

    /// <summary>
    /// Connects the processes that train together, from <see cref="ProcessGroup.Join"/>; <see langword="null"/> for this process alone. It stays the caller's.
    /// </summary>
    /// <remarks>
    /// <para>All processes fit the same options, the same model and all of the same data. A step takes <see cref="BatchSize"/> times
    /// <see cref="AccumulationSteps"/> examples
    /// on each, their gradients are summed, and all hold the same weights: n processes do what one does with n times the batch. Rank 0 reports.</para>
    /// <para>On GPUs give each its own: <c>Device = ComputeDevice.Cuda(ProcessGroup.LocalRank)</c>. On CPUs share the cores of a machine out with
    /// <see cref="Threads"/>.</para>
    /// <para>While it fits, a process that throws, hangs or dies ends all of them, with its error, within the communicator's timeout.</para>
    /// </remarks>
    public ICommunicator? Communicator { get; init; }

    /// <summary>Steps between measurements.</summary>
    public int LogInterval { get; init; } = 10;

    /// <summary>Gets a report at every measurement.</summary>
    public IProgress<DpoProgress>? Progress { get; init; }

    /// <summary>Where the run keeps itself, to go on after a stop; <see langword="null"/> keeps nothing.</summary>
    public CheckpointOptions? Checkpoints { get; init; }

    /// <summary>
    /// Gets a line at every measurement, evaluation, start and end, in events with numbers of their own; <see langword="null"/> for none. ML.NET's own log has
    /// them in any case.
    /// </summary>
    public ILogger? Logger { get; init; }

    /// <summary>
    /// Whether warnings (of guards, of skipped and cut rows, of a learning rate that moves next to nothing) are written to standard error, each once.
    /// </summary>
    /// <remarks>
    /// By default they are where neither <see cref="Progress"/> nor <see cref="Logger"/> is set, so that a run in which something is amiss never looks as
    /// if all were well. The switch <c>MiniMind.MLNet.Dpo.ConsoleWarnings</c> of <see cref="AppContext"/>, set to <see langword="false"/>, turns that
    /// default off for an app. ML.NET's own log has them in any case.
    /// </remarks>
    public bool? ConsoleWarnings { get; init; }

    /// <summary>Where metrics, curves and a description of the run are written; <see langword="null"/> for nowhere.</summary>
    public RunDirectoryOptions? RunDirectory { get; init; }

    /// <summary>Ends training after the step at hand, with a checkpoint if those are kept.</summary>
    public CancellationToken CancellationToken { get; init; }

    /// <summary>Ends training after the step at hand, too, but gives back what was trained until then, where <see cref="CancellationToken"/> throws.</summary>
    /// <remarks>
    /// The last evaluation is made and the records are completed; with <see cref="Checkpoints"/> the same options go on from there the next time.
    /// </remarks>
    public CancellationToken StopToken { get; init; }

    /// <summary>Evaluation during training; <see langword="null"/> for none.</summary>
    public ValidationOptions? Validation { get; init; }

    /// <summary>What is watched for, and what follows.</summary>
    public GuardOptions Guards { get; init; } = new();

    /// <summary>Gets the forecast of memory and work before the first step, and again with the time left after the first steps.</summary>
    public IProgress<TrainingForecast>? Forecast { get; init; }

    /// <summary>How the rows of a batch are laid out.</summary>
    internal abstract BatchShape BatchShape { get; }

    /// <summary>The rows' layout where prompts are not shared.</summary>
    private protected BatchShape PlainShape => Padding switch
    {
        BatchPadding.None => BatchShape.Packed,
        BatchPadding.Longest => BatchShape.PaddedToLongest,
        _ => BatchShape.PaddedToMaximum,
    };

    /// <summary>What is wrong with the options that a trainer adds.</summary>
    private protected abstract IEnumerable<string> OwnFaults();

    /// <summary>Throws where the options cannot be used.</summary>
    /// <exception cref="ArgumentException">The message lists every fault.</exception>
    internal void Validate()
    {
        List<string> faults = [];
        void Unless(bool valid, string fault)
        {
            if (!valid)
                faults.Add(fault);
        }
        Unless(Model is not null, $"{nameof(Model)} is not set");
        Unless(LearningRate >= 0 && double.IsFinite(LearningRate), $"{nameof(LearningRate)} is {LearningRate}; it must be 0 or more");
        Unless(MaxGradientNorm > 0, $"{nameof(MaxGradientNorm)} is {MaxGradientNorm}; it must be above 0 (infinity for no limit)");
        foreach ((string name, int value) in new[]
        {
            (nameof(BatchSize), BatchSize), (nameof(AccumulationSteps), AccumulationSteps), (nameof(Epochs), Epochs), (nameof(LogInterval), LogInterval),
            (nameof(MaxLogitsMegabytes), MaxLogitsMegabytes ?? 1), (nameof(Threads), Threads ?? 1),
        })
        {
            Unless(value >= 1, $"{name} is {value}; it must be at least 1");
        }

        Unless(Enum.IsDefined(Accumulation), $"{nameof(Accumulation)} is {Accumulation}; it can be {string.Join(", ", Enum.GetNames<AccumulationRule>())}");
        Unless(MaxRowsPerPass >= 0, $"{nameof(MaxRowsPerPass)} is {MaxRowsPerPass}; it must be 0 or more");
        Unless(MaxLength >= 2, $"{nameof(MaxLength)} is {MaxLength}; it must be at least 2");
        Unless(!GradientCheckpointing || Model is null || Model.Config.Dropout == 0,
            $"{nameof(GradientCheckpointing)} cannot be had with a model that uses dropout ({Model?.Config.Dropout})");
        Unless(AllowTf32 != true || Precision is not (ComputePrecision.Bf16 or ComputePrecision.Fp16),
            $"{nameof(AllowTf32)} is about fp32 matrix products, but {nameof(Precision)} is {Precision}");
        Unless(TuneNativeHeap != true || NativeHeap.Available,
            $"{nameof(TuneNativeHeap)} is about glibc's heap, but this process has another C library; leave it unset");
        Unless(Optimizer is not null, $"{nameof(Optimizer)} is not set");
        Unless(Schedule is not null, $"{nameof(Schedule)} is not set");
        Unless(Guards is not null, $"{nameof(Guards)} is not set; use {nameof(GuardOptions)}.{nameof(GuardOptions.None)} for none");
        faults.AddRange(TrainedPart.Faults(this));
        faults.AddRange(Guards?.Faults() ?? []);
        faults.AddRange(Checkpoints?.Faults() ?? []);
        faults.AddRange(RunDirectory?.Faults().Select(fault => $"{nameof(RunDirectory)}.{fault}") ?? []);
        Unless(RunDirectory is not { Files: RunFiles.Answers } || Validation is { SamplePrompts: > 0 },
            $"{nameof(RunDirectory)}.{nameof(RunDirectoryOptions.Files)} is {RunFiles.Answers} alone, but no answers are made without " +
            "Validation.SamplePrompts");
        faults.AddRange(OwnFaults());
        if (faults.Count > 0)
            throw new ArgumentException("The options of the trainer are not valid: " + string.Join("; ", faults) + ".");
    }
}
