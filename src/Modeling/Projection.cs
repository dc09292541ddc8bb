using MiniMind.MLNet.Dpo.CpuKernels.Native;
using MiniMind.MLNet.Dpo.Modeling.Adapters;
using TorchSharp;
using TorchSharp.Modules;
using TorchSharp.Utils;
using static TorchSharp.torch;

namespace MiniMind.MLNet.Dpo.Modeling;

/// <summary>A linear layer whose weight, and bias where it has one, are cast to the element type of its input, and what an adapter adds to it.</summary>
internal sealed class Projection : nn.Module<Tensor, bool, Tensor>
{
    [ComponentName(Name = "weight")]
    private readonly Parameter _weight;
    [ComponentName(Name = "bias")]
    private readonly Parameter? _bias;

    /// <summary>Creates the layer.</summary>
    /// <param name="source">Gives the weight, and the bias.</param>
    /// <param name="name">The layer's name in a checkpoint.</param>
    /// <param name="inputSize">Width of the input.</param>
    /// <param name="outputSize">Width of the output.</param>
    /// <param name="bias">Whether it has a bias.</param>
    public Projection(IParameterSource source, string name, int inputSize, int outputSize, bool bias = false) : base(nameof(Projection))
    {
        Matrix = source.Matrix(name + ".weight", outputSize, inputSize);
        Pair = source.PairOf(name);
        _weight = Matrix.Weight;
        if (bias)
            _bias = source.Vector(name + ".bias", outputSize);
        RegisterComponents();
    }

    /// <summary>The matrix, (output, input).</summary>
    public StoredMatrix Matrix { get; }

    /// <summary>What an adapter adds; <see langword="null"/> without.</summary>
    public LowRankPair? Pair { get; }

    /// <summary>The weight as it is kept, (output, input).</summary>
    public Parameter Weight => _weight;

    /// <summary>The bias, (output), fp32, where there is one.</summary>
    public Parameter? Bias => _bias;

    /// <summary>(N, input) to (N, output).</summary>
    public override Tensor forward(Tensor input, bool training)
    {
        if (Matrix.Format == FrozenFormat.Float32 && Pair is null && _bias is null)
            return LinearProduct.Of(input, _weight.to(input.dtype)); // (N, output)
        using DisposeScope scope = NewDisposeScope();
        Tensor product = LinearProduct.Of(input, Matrix.Dense(input.dtype)); // (N, output)
        if (Pair is not null)
            product = Pair.AddTo(product, input, Matrix, training);
        return (_bias is null ? product : product.Add(_bias.to(input.dtype))).MoveToOuterDisposeScope(); // (N, output)
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing)
            Matrix.Dispose();
        base.Dispose(disposing);
    }
}
