using MiniMind.MLNet.Dpo.Modeling;
using MiniMind.MLNet.Dpo.Training.Optimization;
using static TorchSharp.torch;

namespace MiniMind.MLNet.Dpo.Training.Loop;

/// <summary>How often and in which order the training loop steps.</summary>
internal sealed record LoopOptions
{
    /// <summary>Passes over the examples.</summary>
    public int Epochs { get; init; } = 1;

    /// <summary>Examples in one forward pass of each process.</summary>
    public int BatchSize { get; init; } = 4;

    /// <summary>Forward passes in one optimizer step.</summary>
    public int AccumulationSteps { get; init; } = 1;

    /// <summary>What a step divides its loss by, and what the schedule counts.</summary>
    public AccumulationRule Accumulation { get; init; } = AccumulationRule.PerExample;

    /// <summary>The most rows of one forward pass; a batch with more is run in parts, with the same result. 0 for no limit.</summary>
    public long RowBudget { get; init; }

    /// <summary>
    /// Whether a pass that does not fit into memory is halved, with all after it, and the step begun again; gradients are then sent after the backward pass.
    /// </summary>
    public bool AutoBatch { get; init; }

    /// <summary>Seed of the order.</summary>
    public long Seed { get; init; } = 42;

    /// <summary>Whether the order changes from epoch to epoch; otherwise it is the given one.</summary>
    public bool Shuffle { get; init; } = true;

    /// <summary>
    /// Whether, of a shuffled order, each epoch's first step is the full step with the most rows, counted as one pass, so that memory peaks at once.
    /// </summary>
    public bool LongestFirst { get; init; }

    /// <summary>The peak learning rate.</summary>
    public double LearningRate { get; init; } = 4e-8;

    /// <summary>The learning rate's course.</summary>
    public LearningRateSchedule Schedule { get; init; } = new MiniMindCosineSchedule();

    /// <summary>The most that the gradients' norm may be; infinity for no limit.</summary>
    public double MaxGradientNorm { get; init; } = 1.0;

    /// <summary>
    /// The least elements of finished gradients that processes on CPUs send while their backward pass goes on with the layers below; <see langword="null"/> to
    /// send all after it.
    /// </summary>
    public long? SmallestExchange { get; init; } = 1 << 18; // 1 MiB: what is smaller takes longer to start than to send

    /// <summary>How passes compute.</summary>
    public ComputeMode Mode { get; init; } = ScalarType.Float32;
}
