using MiniMind.MLNet.Dpo.Modeling.Attention;
using TorchSharp;
using static TorchSharp.torch;

namespace MiniMind.MLNet.Dpo.Modeling;

/// <summary>A pass that keeps only each layer's input and runs the layer again in the backward pass (Chen et al. 2016, arXiv 1604.06174).</summary>
internal sealed class CheckpointedPass : INetworkPass
{
    private readonly MiniMindNetwork _network;
    private readonly Tensor _inputIds;
    private readonly ForwardContext _context;
    private readonly List<Tensor> _layerInputs = [];
    private readonly Tensor _lastInput;
    private readonly Tensor _normalised;

    public CheckpointedPass(MiniMindNetwork network, Tensor inputIds, IAttentionLayout layout, ScalarType computeType, Tensor? tokenWeights)
    {
        if (network.Config.Dropout > 0)
            throw new NotSupportedException($"The model drops {network.Config.Dropout:P0} of its activations, and a recomputed layer would drop others. Switch gradient checkpointing or dropout off.");
        (_network, _inputIds) = (network, inputIds);
        _context = network.NewContext(inputIds, layout, training: true, computeType, tokenWeights, null);
        Tensor residual;
        using (no_grad())
        {
            residual = network.Stack.Embed(inputIds, _context); // (N, hidden)
            foreach (DecoderBlock layer in network.Stack.Layers)
            {
                _layerInputs.Add(residual);
                residual = layer.forward(residual, _context);
            }
        }
        AuxiliaryLoss = _context.AuxiliaryLosses.Count == 0 ? null : _context.AuxiliaryLosses.Aggregate((sum, loss) => sum + loss);
        _lastInput = residual.detach().requires_grad_();
        _normalised = network.Stack.Normalise(_lastInput, _context);
        Hidden = _normalised.detach();
    }

    public Tensor Hidden { get; }

    public Tensor? AuxiliaryLoss { get; }

    public void Backward(Tensor hiddenGradient, double auxiliaryWeight)
    {
        using DisposeScope scope = NewDisposeScope();
        _normalised.backward([hiddenGradient]);
        Tensor gradient = _lastInput.grad!; // (N, hidden)
        for (int i = _layerInputs.Count - 1; i >= 0; i--)
        {
            using DisposeScope layerScope = NewDisposeScope();
            Tensor input = _layerInputs[i].detach().requires_grad_();
            _context.AuxiliaryLosses.Clear();
            Tensor output = _network.Stack.Layers[i].forward(input, _context);
            if (_context.AuxiliaryLosses is [{ } auxiliary])
                autograd.backward([output, auxiliary], [gradient, full_like(auxiliary, auxiliaryWeight)]);
            else
                output.backward([gradient]);
            gradient = input.grad!.MoveToOuterDisposeScope(); // (N, hidden)
        }
        _network.Stack.Embed(_inputIds, _context).backward([gradient]);
    }
}
