using static TorchSharp.torch;

namespace MiniMind.MLNet.Dpo.Training;

/// <summary>What one optimizer step did.</summary>
internal sealed class StepResult
{
    /// <summary>The step, counted from 1.</summary>
    public required long Step { get; init; }

    /// <summary>The epoch, counted from 0.</summary>
    public required int Epoch { get; init; }

    /// <summary>The step's learning rate.</summary>
    public required double LearningRate { get; init; }

    /// <summary>Sums of the task's metrics over the step's examples, (K), on the device; the receiver disposes it.</summary>
    public required Tensor MetricSums { get; init; }

    /// <summary>What the sums are to be divided by.</summary>
    public required double Weight { get; init; }

    /// <summary>The step's examples.</summary>
    public required IReadOnlyList<int> Examples { get; init; }

    /// <summary>Input tokens of the examples, without sharing and padding.</summary>
    public required long Tokens { get; init; }

    /// <summary>Rows that the network computed.</summary>
    public required long Rows { get; init; }

    /// <summary>Whether the gradients were not finite, so that the weights stayed as they were.</summary>
    public bool Skipped { get; init; }
}
