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

    public FeedForward(IParameterSource source, string name, int hiddenSize, int intermediateSize) : base(nameof(FeedForward))
    {
        _gate = new Projection(source, name + ".gate_proj", hiddenSize, intermediateSize);
        _down = new Projection(source, name + ".down_proj", intermediateSize, hiddenSize);
        _up = new Projection(source, name + ".up_proj", hiddenSize, intermediateSize);
        RegisterComponents();
    }

    /// <summary>Its linear layers.</summary>
    internal (Projection Gate, Projection Up, Projection Down) Linears => (_gate, _up, _down);

    /// <summary>(N, hidden) to the same.</summary>
    public override Tensor forward(Tensor hidden, ForwardContext context)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor gated = nn.functional.silu(_gate.forward(hidden, context.Training)) * _up.forward(hidden, context.Training); // (N, intermediate)
        return _down.forward(gated, context.Training).MoveToOuterDisposeScope(); // (N, hidden)
    }
}
