using MiniMind.MLNet.Dpo.CpuKernels;
using MiniMind.MLNet.Dpo.Modeling.Adapters;
using TorchSharp;
using static TorchSharp.torch;

namespace MiniMind.MLNet.Dpo.Modeling;

/// <summary>A gated feed-forward layer without autograd.</summary>
internal sealed class GatedPass : IFeedForwardPass
{
    private readonly LinearPass _gate, _up, _down;
    private readonly bool _gelu;
    private readonly Tensor _gated, _raised;

    /// <summary>Runs it forward.</summary>
    /// <param name="linears">Its layers.</param>
    /// <param name="gelu">Whether the activation is GELU by its hyperbolic tangent; otherwise it is SiLU.</param>
    /// <param name="rows">(N, hidden) in the compute type.</param>
    /// <param name="context">The pass.</param>
    public GatedPass((Projection Gate, Projection Up, Projection Down) linears, bool gelu, Tensor rows, ForwardContext context)
    {
        _gelu = gelu;
        LinearPass Of(Projection linear) => new(linear.Matrix, linear.Pair, context.ComputeType, context, linear.Bias);
        (_gate, _up, _down) = (Of(linears.Gate), Of(linears.Up), Of(linears.Down));
        (_gated, _raised) = (_gate.Of(rows), _up.Of(rows)); // (N, intermediate)
        using DisposeScope scope = NewDisposeScope();
        Output = _down.Of(GatedKernel.Forward(_gated, _raised, gelu)).MoveToOuterDisposeScope(); // (N, hidden)
    }

    /// <inheritdoc />
    public Tensor Output { get; }

    /// <inheritdoc />
    public Tensor? AuxiliaryLoss => null;

    /// <inheritdoc />
    public Tensor[] Backward(Tensor gradient, Tensor rows, double auxiliaryWeight)
    {
        using (DisposeScope scope = NewDisposeScope())
        {
            Tensor product = _down.Back(gradient); // (N, intermediate)
            GatedKernel.BackwardInPlace(_gated, _raised, product, _gelu);
            _down.AddGradient(gradient, product);
        }
        _gate.AddGradient(_gated, rows);
        _up.AddGradient(_raised, rows);
        return [_gate.Back(_gated), _up.Back(_raised)]; // (N, hidden) each
    }

    /// <inheritdoc />
    public void Dispose()
    {
        foreach (LinearPass matrix in new[] { _gate, _up, _down })
            matrix.Dispose();
        foreach (Tensor tensor in new[] { _gated, _raised, Output })
            tensor.Dispose();
    }
}
