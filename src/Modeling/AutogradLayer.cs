using MiniMind.MLNet.Dpo.CpuKernels.Native;
using TorchSharp;
using static TorchSharp.torch;

namespace MiniMind.MLNet.Dpo.Modeling;

/// <summary>A decoder layer whose graph, cut at its input, autograd keeps.</summary>
internal sealed class AutogradLayer : ILayerPass
{
    private readonly Tensor _input;

    /// <summary>Runs the layer forward on an input that is cut off from what made it.</summary>
    public AutogradLayer(DecoderBlock layer, ForwardContext context, Tensor residual)
    {
        int known = context.AuxiliaryLosses.Count;
        _input = residual.detach().requires_grad_(); // (N, hidden)
        Output = layer.forward(_input, context); // (N, hidden)
        AuxiliaryLoss = context.AuxiliaryLosses.Count > known ? context.AuxiliaryLosses[^1] : null;
    }

    /// <inheritdoc />
    public Tensor Output { get; }

    /// <inheritdoc />
    public Tensor? AuxiliaryLoss { get; }

    /// <inheritdoc />
    public Tensor Backward(Tensor gradient, double auxiliaryWeight)
    {
        using DisposeScope scope = NewDisposeScope();
        if (AuxiliaryLoss is { } auxiliary)
            autograd.backward([Output, auxiliary], [gradient, ScalarOperations.FullLike(auxiliary, auxiliaryWeight)]);
        else
            Output.backward([gradient]);
        Output.Dispose();
        Tensor inputGradient = _input.grad!.MoveToOuterDisposeScope(); // (N, hidden)
        _input.Dispose();
        return inputGradient;
    }
}
