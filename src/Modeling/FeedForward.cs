using TorchSharp;
using TorchSharp.Utils;
using static TorchSharp.torch;

namespace MiniMind.MLNet.Dpo.Modeling;

/// <summary>A gated feed-forward layer, SwiGLU or GeGLU (Shazeer 2020, arXiv 2002.05202).</summary>
internal sealed class FeedForward : nn.Module<Tensor, ForwardContext, Tensor>, IFusedFeedForward
{
    [ComponentName(Name = "gate_proj")]
    private readonly Projection _gate;
    [ComponentName(Name = "down_proj")]
    private readonly Projection _down;
    [ComponentName(Name = "up_proj")]
    private readonly Projection _up;

    private readonly Activation _activation;

    public FeedForward(IParameterSource source, string name, int hiddenSize, int intermediateSize, Activation activation = Activation.Silu)
        : base(nameof(FeedForward))
    {
        _activation = activation;
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
        Tensor gate = _gate.forward(hidden, context.Training); // (N, intermediate)
        Tensor activated = _activation == Activation.Silu ? nn.functional.silu(gate) : nn.functional.gelu(gate, TorchSharp.Modules.GELU.Approximate.tanh);
        Tensor gated = activated * _up.forward(hidden, context.Training); // (N, intermediate)
        return _down.forward(gated, context.Training).MoveToOuterDisposeScope(); // (N, hidden)
    }

    /// <inheritdoc />
    public IFeedForwardPass Fuse(Tensor rows, ForwardContext context) =>
        new GatedPass((_gate, _up, _down), _activation == Activation.GeluTanh, rows, context);
}
