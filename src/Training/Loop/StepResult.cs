using static TorchSharp.torch;

namespace MiniMind.MLNet.Dpo.Training.Loop;

/// <summary>What one optimizer step did.</summary>
internal sealed class StepResult
{
    /// <summary>The step, counted from 1.</summary>
    public required long Step { get; init; }

    /// <summary>The epoch, counted from 0.</summary>
    public required int Epoch { get; init; }

    /// <summary>The step's learning rate.</summary>
    public required double LearningRate { get; init; }

    /// <summary>Sums of the task's metrics over <see cref="OwnExamples"/>, (K), fp64, on the device; the receiver disposes it.</summary>
    public required Tensor MetricSums { get; init; }

    /// <summary>What the sums, added over all processes, are to be divided by.</summary>
    public required double Weight { get; init; }

    /// <summary>The step's examples, those of all processes.</summary>
    public required IReadOnlyList<int> Examples { get; init; }

    /// <summary>The examples that this process computed, in order; all of them where there is one.</summary>
    public required IReadOnlyList<int> OwnExamples { get; init; }

    /// <summary>Input tokens of <see cref="Examples"/>, without sharing and padding.</summary>
    public required long Tokens { get; init; }

    /// <summary>Rows that this process's network computed.</summary>
    public required long Rows { get; init; }

    /// <summary>How long it took, on CUDA until the device had its orders.</summary>
    public TimeSpan Duration { get; set; }

    /// <summary>Whether the gradients were not finite, so that the weights stayed as they were.</summary>
    public bool Skipped { get; init; }
}
