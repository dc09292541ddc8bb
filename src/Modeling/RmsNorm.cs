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
    private readonly bool _unitOffset;

    /// <summary>Creates the layer.</summary>
    /// <param name="source">Gives the weight.</param>
    /// <param name="name">The layer's name in a checkpoint.</param>
    /// <param name="size">Width of what is normalised.</param>
    /// <param name="epsilon">Added under the root.</param>
    /// <param name="unitOffset">Whether it multiplies by one plus the weight.</param>
    public RmsNorm(IParameterSource source, string name, int size, double epsilon, bool unitOffset = false) : base(nameof(RmsNorm))
    {
        _weight = source.Vector(name + ".weight", size);
        (_epsilon, _unitOffset) = (epsilon, unitOffset);
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
        Tensor scale = _unitOffset ? _weight.Add(1) : _weight; // (size)
        return (scale * (wide * inverse)).to(resultType).MoveToOuterDisposeScope(); // (..., size)
    }
}
