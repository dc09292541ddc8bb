using MiniMind.MLNet.Dpo.CpuKernels;
using MiniMind.MLNet.Dpo.CpuKernels.Native;
using MiniMind.MLNet.Dpo.Modeling.Attention;
using TorchSharp;
using static TorchSharp.torch;

namespace MiniMind.MLNet.Dpo.Modeling;

/// <summary>A forward pass, layer by layer, whose backward pass is asked for later, from the gradients of what it gave.</summary>
/// <remarks>
/// Every layer is cut off at its input, fused or with a graph of its own. Either what it leaves is kept for the backward pass: the fastest way where memory
/// allows it.
/// Or only the layer's input is kept, and the layer runs again in the backward pass (Chen et al. 2016, arXiv 1604.06174).
/// Its tensors live in the dispose scope in which it is made; those of a layer go with its backward pass.
/// </remarks>
internal sealed class LayeredPass
{
    private readonly DecoderStack _stack;
    private readonly Tensor _inputIds;
    private readonly ForwardContext _context;
    private readonly bool _recompute;
    private readonly int _lowest;
    private readonly Tensor _embedded;
    private readonly List<(Tensor Input, ILayerPass? Pass)> _layers = [];
    private readonly Tensor _lastInput;
    private readonly Tensor _normalised;

    /// <summary>Runs the network forward.</summary>
    /// <param name="network">The network.</param>
    /// <param name="inputIds">(N), int64, on the network's device.</param>
    /// <param name="layout">Which sequences the rows form.</param>
    /// <param name="mode">How passes compute.</param>
    /// <param name="tokenWeights">How often each row counts in the load-balancing loss, (N), fp32; <see langword="null"/> for once each.</param>
    /// <param name="recompute">Whether layers run again in the backward pass instead of keeping their activations.</param>
    /// <exception cref="NotSupportedException">Layers are to be recomputed, but the model uses dropout.</exception>
    public LayeredPass(MiniMindNetwork network, Tensor inputIds, IAttentionLayout layout, ComputeMode mode, Tensor? tokenWeights, bool recompute)
    {
        if (recompute && network.Drops)
        {
            throw new NotSupportedException($"The model drops {Math.Max(network.Config.Dropout, network.Adapter?.Config.Dropout ?? 0):P0} of its " +
                $"activations, and a recomputed layer would drop others. Switch gradient checkpointing or dropout off.");
        }

        (_stack, _inputIds, _recompute, _lowest) = (network.Stack, inputIds, recompute, network.Stack.LowestTrained);
        _context = network.NewContext(inputIds, layout, training: true, mode, tokenWeights, null);
        using (recompute ? no_grad() : null)
        {
            Tensor residual = _embedded = Embed(); // (N, hidden)
            foreach (DecoderBlock layer in _stack.Layers)
            {
                if (_layers.Count < _lowest)
                {
                    _layers.Add((residual, null));
                    residual = RunFrozen(layer, residual);
                    continue;
                }
                ILayerPass? pass = recompute ? null : Run(layer, residual);
                _layers.Add((residual, pass));
                residual = pass?.Output ?? layer.forward(residual, _context);
            }
            _lastInput = residual.detach().requires_grad_(); // (N, hidden)
        }
        AuxiliaryLoss = _context.AuxiliaryLosses.Count == 0 ? null
            : _context.AuxiliaryLosses.Select(loss => loss.detach()).Aggregate((sum, loss) => sum.Add(loss));
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
    /// <param name="stageFinished">Called with each <see cref="BackwardStage"/>, from the last to the first, once the gradients of its parameters are
    /// complete.</param>
    public void Backward(Tensor hiddenGradient, double auxiliaryWeight, Action<int>? stageFinished = null)
    {
        using DisposeScope scope = NewDisposeScope();
        _normalised.backward([hiddenGradient]);
        Tensor gradient = _lastInput.grad!; // (N, hidden)
        stageFinished?.Invoke(BackwardStage.Head(_layers.Count));
        for (int i = _layers.Count - 1; i >= 0; i--)
        {
            if (i >= _lowest)
                gradient = BackwardLayer(i, gradient, auxiliaryWeight); // (N, hidden)
            stageFinished?.Invoke(BackwardStage.Layer(i));
        }
        if (_lowest < 0)
            BackwardEmbedding(gradient);
        stageFinished?.Invoke(BackwardStage.Embedding);
    }

    private Tensor Embed()
    {
        using IDisposable? noGradient = _lowest < 0 ? null : no_grad();
        return _stack.Embed(_inputIds, _context); // (N, hidden)
    }

    /// <summary>Runs a layer below all that is trained: nothing of it is kept, its input neither.</summary>
    private Tensor RunFrozen(DecoderBlock layer, Tensor residual)
    {
        using IDisposable noGradient = no_grad();
        Tensor output = layer.forward(residual, _context); // (N, hidden)
        residual.Dispose();
        return output;
    }

    private ILayerPass Run(DecoderBlock layer, Tensor residual)
    {
        if (_context.Spans is null)
            return new AutogradLayer(layer, _context, residual);
        using IDisposable noGradient = no_grad();
        return layer.Fuse(residual.detach(), _context);
    }

    /// <summary>From the gradient of a layer's output to that of its input; what the layer kept is freed.</summary>
    private Tensor BackwardLayer(int layer, Tensor gradient, double auxiliaryWeight)
    {
        using DisposeScope scope = NewDisposeScope();
        using IDisposable? noGradient = _context.Spans is null ? null : no_grad();
        (Tensor input, ILayerPass? kept) = _layers[layer];
        ILayerPass pass = kept ?? Run(_stack.Layers[layer], input);
        Tensor inputGradient = pass.Backward(gradient, auxiliaryWeight).MoveToOuterDisposeScope(); // (N, hidden)
        gradient.Dispose();
        if (kept is null && layer > 0)
            input.Dispose(); // what the layer below gave
        return inputGradient;
    }

    private void BackwardEmbedding(Tensor gradient)
    {
        if (_context.Spans is null)
        {
            (_recompute ? _stack.Embed(_inputIds, _context) : _embedded).backward([gradient]);
            return;
        }
        using IDisposable noGradient = no_grad(); // straight into the gradient, without one of its own for the whole vocabulary
        KernelMatrix.GradientOf(_stack.EmbeddingWeight).IndexAddInPlace(0, _inputIds, _stack.Scaled(gradient));
    }
}
