using MiniMind.MLNet.Dpo.CpuKernels.Native;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace MiniMind.MLNet.Dpo.Modeling.Adapters;

/// <summary>What an adapter adds to a linear layer: y = W x + s B (A x), with A and B of a low rank (Hu et al. 2021, arXiv 2106.09685).</summary>
/// <remarks>
/// With a magnitude m (DoRA, Liu et al. 2024, arXiv 2402.09353), each output is multiplied by m over the L2 norm of its row of W + s B A, which counts as a
/// constant in gradients.
/// Dropout acts on the input of A alone.
/// </remarks>
internal sealed class LowRankPair : IDisposable
{
    /// <summary>Takes the tensors over.</summary>
    /// <param name="a">(r, input).</param>
    /// <param name="b">(output, r).</param>
    /// <param name="magnitude">(output); <see langword="null"/> without DoRA.</param>
    /// <param name="alpha">What the scale is made of; see <see cref="Scale"/>.</param>
    /// <param name="rankStabilized">Whether the scale is alpha over the square root of r.</param>
    /// <param name="dropout">The share of A's input that training drops.</param>
    /// <param name="trained">Whether steps change it.</param>
    public LowRankPair(Tensor a, Tensor b, Tensor? magnitude, double alpha, bool rankStabilized, double dropout, bool trained)
    {
        Parameter Own(Tensor tensor) => new(tensor.DetachFromDisposeScope(), requires_grad: trained);
        (A, B, Magnitude) = (Own(a), Own(b), magnitude is null ? null : Own(magnitude));
        (Alpha, RankStabilized, Dropout, IsTrained) = (alpha, rankStabilized, dropout, trained);
    }

    /// <summary>(r, input), fp32.</summary>
    public Parameter A { get; }

    /// <summary>(output, r), fp32.</summary>
    public Parameter B { get; }

    /// <summary>DoRA's length of each output's row, (output), fp32; <see langword="null"/> without.</summary>
    public Parameter? Magnitude { get; }

    /// <summary>What the scale is made of.</summary>
    public double Alpha { get; }

    /// <summary>Whether the scale is alpha over the square root of the rank (Kalajdzievski 2023, arXiv 2312.03732), not over the rank.</summary>
    public bool RankStabilized { get; }

    /// <summary>The share of A's input that training drops.</summary>
    public double Dropout { get; }

    /// <summary>Whether steps change it.</summary>
    public bool IsTrained { get; }

    /// <summary>The rank r.</summary>
    public long Rank => A.shape[0];

    /// <summary>Width of the layer's input.</summary>
    public long Input => A.shape[1];

    /// <summary>Width of the layer's output.</summary>
    public long Output => B.shape[0];

    /// <summary>The factor s of B A.</summary>
    public double Scale => Alpha / (RankStabilized ? Math.Sqrt(Rank) : Rank);

    /// <summary>Adds to what the layer's matrix gives, with a graph where gradients are on.</summary>
    /// <param name="product">W x, (N, output).</param>
    /// <param name="input">x, (N, input), in the same element type.</param>
    /// <param name="matrix">W.</param>
    /// <param name="training">Whether dropout acts.</param>
    /// <returns>(N, output), in the current scope.</returns>
    public Tensor AddTo(Tensor product, Tensor input, StoredMatrix matrix, bool training)
    {
        ScalarType type = product.dtype;
        Tensor seen = training && Dropout > 0 ? nn.functional.dropout(input, Dropout) : input; // (N, input)
        Tensor low = nn.functional.linear(seen, A.to(type)).Mul(Scale); // (N, r)
        Tensor sum = product.Add(nn.functional.linear(low, B.to(type))); // (N, output)
        return Magnitude is null ? sum : sum * (Magnitude / RowNorms(matrix)).to(type); // (N, output)
    }

    /// <summary>The L2 norm of each row of W + s B A, (output), fp32, cut off from the graph, in the current scope.</summary>
    /// <remarks>Without a matrix of that size: the squares are those of W's rows and two terms of B's with A Wᵀ and A Aᵀ.</remarks>
    public Tensor RowNorms(StoredMatrix matrix)
    {
        using DisposeScope scope = NewDisposeScope();
        using IDisposable noGradient = no_grad();
        Tensor dense = matrix.Dense(A.dtype), scaled = B.Mul(Scale); // (output, input), (output, r)
        Tensor norms = dense.norm(1, keepdim: false); // (output)
        Tensor mixed = nn.functional.linear(dense, A).Mul(2).Add(nn.functional.linear(scaled, nn.functional.linear(A, A))); // (output, r)
        return (norms * norms).Add((mixed * scaled).sum(1)).sqrt_().MoveToOuterDisposeScope(); // (output)
    }

    /// <summary>The matrix with what is added to it, (output, input), fp32, in the current scope: as the layer computes without dropout.</summary>
    /// <param name="matrix">W.</param>
    public Tensor Merge(StoredMatrix matrix)
    {
        using DisposeScope scope = NewDisposeScope();
        using IDisposable noGradient = no_grad();
        Tensor sum = matrix.Dense(ScalarType.Float32).Add(B.mm(A).Mul(Scale)); // (output, input)
        if (Magnitude is not null)
            sum = sum * (Magnitude / RowNorms(matrix)).unsqueeze(1); // (output, input)
        return sum.MoveToOuterDisposeScope();
    }

    /// <summary>A pair of its own with the same numbers.</summary>
    /// <param name="device">Where it lies.</param>
    /// <param name="trained">Whether steps change it.</param>
    /// <param name="dropout">The share of A's input that training drops.</param>
    public LowRankPair Clone(Device device, bool trained, double dropout)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor Copy(Tensor tensor) => tensor.detach().to(device, copy: true);
        return new LowRankPair(Copy(A), Copy(B), Magnitude is null ? null : Copy(Magnitude), Alpha, RankStabilized, dropout, trained);
    }

    /// <inheritdoc />
    public void Dispose()
    {
        A.Dispose();
        B.Dispose();
        Magnitude?.Dispose();
    }
}
