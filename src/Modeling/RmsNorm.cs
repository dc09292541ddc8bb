using MiniMind.MLNet.Dpo.CpuKernels.Native;
using TorchSharp;
using TorchSharp.Modules;
using TorchSharp.Utils;
using static TorchSharp.torch;

namespace MiniMind.MLNet.Dpo.Modeling;

/// <summary>Root-mean-square normalisation over the last axis, computed in fp32 (Zhang and Sennrich 2019, arXiv 1910.07467).</summary>
internal sealed class RmsNorm : nn.Module<Tensor, ScalarType, Tensor>
{
    [ComponentName(Name = "weight")]
    private readonly Parameter _weight;
    private readonly double _epsilon;

    /// <summary>Creates the layer; the weight is not initialised.</summary>
    public RmsNorm(int size, double epsilon) : base(nameof(RmsNorm))
    {
        _weight = new Parameter(empty(size));
        _epsilon = epsilon;
        RegisterComponents();
    }

    /// <summary>The weight, (size), fp32.</summary>
    public Parameter Weight => _weight;

    /// <summary>Normalises (..., size) and returns it in the given element type.</summary>
    public override Tensor forward(Tensor input, ScalarType resultType)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor wide = input.to(ScalarType.Float32);
        Tensor norm = wide.norm(-1, keepdim: true); // (..., 1), in one pass over the input, as is its gradient
        Tensor inverse = (norm * norm).Div(wide.shape[^1]).Add(_epsilon).rsqrt(); // (..., 1)
        return (_weight * (wide * inverse)).to(resultType).MoveToOuterDisposeScope(); // (..., size)
    }
}
