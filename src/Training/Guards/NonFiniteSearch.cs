using MiniMind.MLNet.Dpo.Modeling;
using MiniMind.MLNet.Dpo.Training.Batches;
using MiniMind.MLNet.Dpo.Training.Loop;
using TorchSharp;
using static TorchSharp.torch;

namespace MiniMind.MLNet.Dpo.Training.Guards;

/// <summary>Finds the examples that a loss or gradient is not finite for, by computing them one by one.</summary>
internal static class NonFiniteSearch
{
    /// <summary>
    /// Those of the given examples whose loss or gradient is not finite with the weights as they are. The gradients are zero before and after.
    /// </summary>
    public static IReadOnlyList<int> Among(IEnumerable<int> examples, TrainingState state, ComputeMode mode)
    {
        List<int> found = [];
        foreach (int example in examples)
        {
            using DisposeScope scope = NewDisposeScope();
            DeviceBatch batch = new(state.Task.Build([example]), mode, state.Parameters.Device);
            Tensor sums = state.Task.Accumulate(batch, [example], 1 / state.Task.Weight([example])); // (K)
            if (!sums.isfinite().all().item<bool>() || !double.IsFinite(state.Parameters.GradientNorm()))
                found.Add(example);
            state.Parameters.ZeroGradients();
        }
        return found;
    }
}
