using MiniMind.MLNet.Dpo.Modeling.Attention;
using TorchSharp;
using static TorchSharp.torch;

namespace MiniMind.MLNet.Dpo.Modeling;

/// <summary>A forward pass, layer by layer, whose backward pass is asked for later, from the gradients of what it gave.</summary>
/// <remarks>
/// Every layer has a graph of its own, cut at the layer's input. Either it is kept for the backward pass: the fastest way where memory allows it.
/// Or only the layer's input is kept, and the layer runs again in the backward pass (Chen et al. 2016, arXiv 1604.06174).
/// Its tensors live in the dispose scope in which it is made; those of a layer go with its backward pass.
/// </remarks>
internal sealed class LayeredPass
{
    private readonly DecoderStack _stack;
    private readonly Tensor _inputIds;
    private readonly ForwardContext _context;
    private readonly bool _recompute;
    private readonly Tensor _embedded;
    private readonly List<LayerGraph> _layers = [];
    private readonly Tensor _lastInput;
    private readonly Tensor _normalised;

    /// <summary>Runs the network forward.</summary>
    /// <param name="network">The network.</param>
    /// <param name="inputIds">(N), int64, on the network's device.</param>
    /// <param name="layout">Which sequences the rows form.</param>
    /// <param name="computeType">The element type of matrix products.</param>
    /// <param name="tokenWeights">How often each row counts in the load-balancing loss, (N), fp32; <see langword="null"/> for once each.</param>
    /// <param name="recompute">Whether layers run again in the backward pass instead of keeping their activations.</param>
    /// <exception cref="NotSupportedException">Layers are to be recomputed, but the model uses dropout.</exception>
    public LayeredPass(MiniMindNetwork network, Tensor inputIds, IAttentionLayout layout, ScalarType computeType, Tensor? tokenWeights, bool recompute)
    {
        if (recompute && network.Config.Dropout > 0)
            throw new NotSupportedException($"The model drops {network.Config.Dropout:P0} of its activations, and a recomputed layer would drop others. Switch gradient checkpointing or dropout off.");
        (_stack, _inputIds, _recompute) = (network.Stack, inputIds, recompute);
        _context = network.NewContext(inputIds, layout, training: true, computeType, tokenWeights, null);
        using (recompute ? no_grad() : null)
        {
            Tensor residual = _embedded = _stack.Embed(inputIds, _context); // (N, hidden)
            foreach (DecoderBlock layer in _stack.Layers)
            {
                LayerGraph graph = recompute ? new LayerGraph(residual, layer.forward(residual, _context), null) : Run(layer, residual);
                _layers.Add(graph);
                residual = graph.Output;
            }
            _lastInput = residual.detach().requires_grad_(); // (N, hidden)
        }
        AuxiliaryLoss = _context.AuxiliaryLosses.Count == 0 ? null : _context.AuxiliaryLosses.Select(loss => loss.detach()).Aggregate((sum, loss) => sum + loss);
        _normalised = _stack.Normalise(_lastInput, _context);
        Hidden = _normalised.detach();
    }

    /// <summary>Normalised hidden states, (N, hidden), cut off from the graph; gradients with respect to it go to <see cref="Backward"/>.</summary>
    public Tensor Hidden { get; }

    /// <summary>Sum of the load-balancing losses, a scalar cut off from the graph; <see langword="null"/> for a dense model.</summary>
    public Tensor? AuxiliaryLoss { get; }

    /// <summary>Adds to the parameters' gradients; to be called once.</summary>
    /// <param name="hiddenGradient">Gradient of the loss with respect to <see cref="Hidden"/>, (N, hidden).</param>
    /// <param name="auxiliaryWeight">Derivative of the loss with respect to <see cref="AuxiliaryLoss"/>.</param>
    /// <param name="stageFinished">Called with each <see cref="BackwardStage"/>, from the last to the first, once the gradients of its parameters are complete.</param>
    public void Backward(Tensor hiddenGradient, double auxiliaryWeight, Action<int>? stageFinished = null)
    {
        using DisposeScope scope = NewDisposeScope();
        _normalised.backward([hiddenGradient]);
        Tensor gradient = _lastInput.grad!; // (N, hidden)
        stageFinished?.Invoke(BackwardStage.Head(_layers.Count));
        for (int i = _layers.Count - 1; i >= 0; i--)
        {
            gradient = BackwardLayer(i, gradient, auxiliaryWeight); // (N, hidden)
            stageFinished?.Invoke(BackwardStage.Layer(i));
        }
        (_recompute ? _stack.Embed(_inputIds, _context) : _embedded).backward([gradient]);
        stageFinished?.Invoke(BackwardStage.Embedding);
    }

    /// <summary>Runs one layer on an input that is cut off from what made it.</summary>
    private LayerGraph Run(DecoderBlock layer, Tensor residual)
    {
        int known = _context.AuxiliaryLosses.Count;
        Tensor input = residual.detach().requires_grad_(); // (N, hidden)
        Tensor output = layer.forward(input, _context); // (N, hidden)
        return new LayerGraph(input, output, _context.AuxiliaryLosses.Count > known ? _context.AuxiliaryLosses[^1] : null);
    }

    /// <summary>From the gradient of a layer's output to that of its input; what the layer kept is freed.</summary>
    private Tensor BackwardLayer(int layer, Tensor gradient, double auxiliaryWeight)
    {
        using DisposeScope scope = NewDisposeScope();
        LayerGraph kept = _layers[layer], graph = _recompute ? Run(_stack.Layers[layer], kept.Input) : kept;
        if (graph.AuxiliaryLoss is { } auxiliary)
            autograd.backward([graph.Output, auxiliary], [gradient, full_like(auxiliary, auxiliaryWeight)]);
        else
            graph.Output.backward([gradient]);
        gradient.Dispose();
        kept.Output.Dispose();
        Tensor inputGradient = graph.Input.grad!.MoveToOuterDisposeScope(); // (N, hidden)
        graph.Input.Dispose();
        return inputGradient;
    }

    /// <summary>One layer's graph, from its input to what it gives; without one where the layer is recomputed.</summary>
    private sealed record LayerGraph(Tensor Input, Tensor Output, Tensor? AuxiliaryLoss);
}
