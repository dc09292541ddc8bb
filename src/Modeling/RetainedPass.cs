using MiniMind.MLNet.Dpo.Modeling.Attention;
using TorchSharp;
using static TorchSharp.torch;

namespace MiniMind.MLNet.Dpo.Modeling;

/// <summary>A pass that keeps all activations for its backward pass: the fastest way where memory allows it.</summary>
internal sealed class RetainedPass : INetworkPass
{
    private readonly NetworkOutput _output;

    public RetainedPass(MiniMindNetwork network, Tensor inputIds, IAttentionLayout layout, ScalarType computeType, Tensor? tokenWeights)
    {
        _output = network.Forward(inputIds, layout, training: true, computeType, tokenWeights);
        Hidden = _output.Hidden.detach();
        AuxiliaryLoss = _output.AuxiliaryLoss?.detach();
    }

    public Tensor Hidden { get; }

    public Tensor? AuxiliaryLoss { get; }

    public void Backward(Tensor hiddenGradient, double auxiliaryWeight)
    {
        using DisposeScope scope = NewDisposeScope();
        if (_output.AuxiliaryLoss is { } auxiliary)
            autograd.backward([_output.Hidden, auxiliary], [hiddenGradient, full_like(auxiliary, auxiliaryWeight)]);
        else
            _output.Hidden.backward([hiddenGradient]);
    }
}
