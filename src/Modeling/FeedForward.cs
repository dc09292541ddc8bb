using TorchSharp;
using TorchSharp.Modules;
using TorchSharp.Utils;
using static TorchSharp.torch;

namespace MiniMind.MLNet.Dpo.Modeling;

/// <summary>A SwiGLU feed-forward layer (Shazeer 2020, arXiv 2002.05202).</summary>
internal sealed class FeedForward : nn.Module<Tensor, ForwardContext, Tensor>
{
    [ComponentName(Name = "gate_proj")]
    private readonly Projection _gate;
    [ComponentName(Name = "down_proj")]
    private readonly Projection _down;
    [ComponentName(Name = "up_proj")]
    private readonly Projection _up;

    public FeedForward(int hiddenSize, int intermediateSize) : base(nameof(FeedForward))
    {
        _gate = new Projection(hiddenSize, intermediateSize);
        _down = new Projection(intermediateSize, hiddenSize);
        _up = new Projection(hiddenSize, intermediateSize);
        RegisterComponents();
    }

    /// <summary>Its parameters, (output, input) each.</summary>
    internal (Parameter Gate, Parameter Up, Parameter Down) Weights => (_gate.Weight, _up.Weight, _down.Weight);

    /// <summary>(N, hidden) to the same.</summary>
    public override Tensor forward(Tensor hidden, ForwardContext context)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor gated = nn.functional.silu(_gate.forward(hidden)) * _up.forward(hidden); // (N, intermediate)
        return _down.forward(gated).MoveToOuterDisposeScope(); // (N, hidden)
    }
}
