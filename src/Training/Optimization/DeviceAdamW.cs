using MiniMind.MLNet.Dpo.CpuKernels.Native;
using static TorchSharp.torch;

namespace MiniMind.MLNet.Dpo.Training.Optimization;

/// <summary>AdamW by libtorch's kernel that reads and writes everything once, which TorchSharp does not wrap.</summary>
/// <remarks>
/// Operation by operation, a step moves each parameter's numbers some twenty times between memory and processor; this one moves them seven times. It computes
/// the same in another order of roundings.
/// </remarks>
internal static class DeviceAdamW
{
    /// <summary>Updates values, means and mean squares; all tensors have the same length, fp32.</summary>
    /// <param name="values">The parameters.</param>
    /// <param name="gradients">Their gradients; scaled in place where a scale is given.</param>
    /// <param name="mean">Means of the gradients.</param>
    /// <param name="meanSquare">Means of their squares.</param>
    /// <param name="step">Counted from 1.</param>
    /// <param name="learningRate">The step's.</param>
    /// <param name="weightDecay">The share of the weights that a step with learning rate 1 would take away.</param>
    /// <param name="options">Betas and epsilon.</param>
    /// <param name="gradientScale">What gradients are multiplied by before.</param>
    public static void Apply(
        Tensor values, Tensor gradients, Tensor mean, Tensor meanSquare, long step, double learningRate, double weightDecay, AdamWOptions options,
        double gradientScale)
    {
        Tensor steps = ScalarOperations.Full([], step, ScalarType.Float32, values.device);
        // the kernel divides by it
        LibtorchValue scale = gradientScale == 1
            ? LibtorchValue.None
            : LibtorchValue.Optional(ScalarOperations.Full([], 1 / gradientScale, ScalarType.Float32, values.device));
        LibtorchCall.Invoke("aten::_fused_adamw_", "", 0,
            LibtorchValue.List(values), LibtorchValue.List(gradients), LibtorchValue.List(mean), LibtorchValue.List(meanSquare), LibtorchValue.List(null),
            LibtorchValue.List(steps), LibtorchValue.Of(learningRate), LibtorchValue.Of(options.Beta1), LibtorchValue.Of(options.Beta2),
            LibtorchValue.Of(weightDecay), LibtorchValue.Of(options.Epsilon), LibtorchValue.Of(false), LibtorchValue.Of(false), scale, LibtorchValue.None);
    }
}
