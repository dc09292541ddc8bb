using MiniMind.MLNet.Dpo.CpuKernels;
using MiniMind.MLNet.Dpo.CpuKernels.Native;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace MiniMind.MLNet.Dpo.Modeling.Adapters;

/// <summary>A linear layer in a pass without a graph: the products of its matrix and of an adapter's pair, and what they add to gradients.</summary>
/// <remarks>
/// Of a frozen matrix there is no gradient, and the pair's come from products that are r wide: with Z = X Aᵀ, that of B is s dYᵀ Z, and
/// that of A is s (dY B)ᵀ X.
/// A matrix that is kept in another element type than the products' is cast in parts of it, each time, so that it never exists whole.
/// </remarks>
internal sealed class LinearPass : IDisposable
{
    private readonly StoredMatrix _matrix;
    private readonly LowRankPair? _pair;
    private readonly Parameter? _bias;
    private readonly ForwardContext? _context;
    private readonly ScalarType _type;
    private readonly KernelMatrix? _whole;
    private Tensor? _low, _mask, _gain, _lowGradient;

    /// <summary>Takes a layer.</summary>
    /// <param name="matrix">Its matrix.</param>
    /// <param name="pair">What an adapter adds; <see langword="null"/> for nothing.</param>
    /// <param name="type">Element type of the products.</param>
    /// <param name="context">The pass, in whose scope lives what the backward pass needs; <see langword="null"/> where there is no pair.</param>
    /// <param name="bias">(output), fp32, added to the products; <see langword="null"/> for none.</param>
    public LinearPass(StoredMatrix matrix, LowRankPair? pair, ScalarType type, ForwardContext? context, Parameter? bias = null)
    {
        (_matrix, _pair, _type, _context, _bias) = (matrix, pair, type, context, bias);
        if (matrix.Format == FrozenFormat.Float32 || matrix.Weight.dtype == type)
            _whole = new KernelMatrix(matrix.Weight, type);
    }

    /// <summary>Takes a matrix by itself.</summary>
    public LinearPass(StoredMatrix matrix, ScalarType type) : this(matrix, null, type, null)
    {
    }

    /// <summary>Whether <see cref="AddGradient"/> adds to anything.</summary>
    public bool IsTrained => _matrix.IsTrained || _pair is { IsTrained: true } || _bias is { requires_grad: true };

    /// <summary>(N, input) to (N, output), in the current scope.</summary>
    public Tensor Of(Tensor rows)
    {
        Tensor product = Product(rows); // (N, output)
        if (_pair is not { } pair)
            return Biased(product);
        using DisposeScope scope = NewDisposeScope();
        Tensor low = HostProduct.Of(Seen(rows, pair), pair.A.to(_type)).Mul(pair.Scale); // (N, r)
        product.AddInPlace(HostProduct.Of(low, pair.B.to(_type)));
        if (pair.Magnitude is not null)
            product.mul_(Gain(pair));
        if (_context!.Training && pair.IsTrained)
            _low = Keep(_low, low);
        return Biased(product);
    }

    /// <summary>From the gradient of what <see cref="Of"/> gives, (N, output), to that of its rows, (N, input), in the current scope.</summary>
    public Tensor Back(Tensor gradient)
    {
        if (_pair is not { } pair)
            return BackProduct(gradient); // (N, input)
        using DisposeScope scope = NewDisposeScope();
        Tensor result = BackProduct(Gained(gradient, pair)); // (N, input)
        Tensor added = HostProduct.Of(LowGradient(gradient, pair), pair.A.to(_type).t()); // (N, input)
        result.AddInPlace(_mask is null ? added : added.mul_(_mask));
        return result.MoveToOuterDisposeScope();
    }

    /// <summary>Adds to the gradients of what is trained: the matrix, or the pair.</summary>
    /// <param name="gradient">(N, output).</param>
    /// <param name="rows">What <see cref="Of"/> was given, (N, input).</param>
    public void AddGradient(Tensor gradient, Tensor rows)
    {
        if (_matrix.IsTrained)
            _whole!.AddGradient(gradient, rows);
        if (_bias is { requires_grad: true })
            AddBiasGradient(_bias, gradient);
        if (_pair is not { IsTrained: true } pair)
            return;
        using DisposeScope scope = NewDisposeScope();
        Tensor gained = Gained(gradient, pair); // (N, output)
        HostProduct.AddTo(KernelMatrix.GradientOf(pair.B), gained.t(), _low!);
        HostProduct.AddTo(KernelMatrix.GradientOf(pair.A), LowGradient(gradient, pair).t(), _mask is null ? rows : rows * _mask);
        if (pair.Magnitude is null)
            return;
        Tensor unscaled = Product(rows); // (N, output): without the magnitude's factor
        unscaled.AddInPlace(HostProduct.Of(_low!, pair.B.to(_type)));
        Tensor sums = (unscaled * gradient).to(pair.A.dtype).sum(0L); // (output)
        KernelMatrix.GradientOf(pair.Magnitude).AddInPlace(sums / pair.RowNorms(_matrix));
    }

    /// <inheritdoc />
    public void Dispose()
    {
        _whole?.Dispose();
        foreach (Tensor? tensor in new[] { _low, _mask, _gain, _lowGradient })
            tensor?.Dispose();
        _low = _mask = _gain = _lowGradient = null;
    }

    private static void AddBiasGradient(Parameter bias, Tensor gradient)
    {
        using DisposeScope scope = NewDisposeScope();
        KernelMatrix.GradientOf(bias).AddInPlace(gradient.to(ScalarType.Float32).sum(dim: 0)); // (output)
    }

    private Tensor Biased(Tensor product)
    {
        if (_bias is null)
            return product;
        using DisposeScope scope = NewDisposeScope();
        return product.AddInPlace(_bias.to(product.dtype)); // (N, output)
    }

    private Tensor Product(Tensor rows)
    {
        if (_whole is not null)
            return _whole.Of(rows); // (N, output)
        Tensor product = empty([rows.shape[0], _matrix.Weight.shape[0]], _type, rows.device); // (N, output)
        ForParts((part, start, count) => product.narrow(1, start, count).copy_(HostProduct.Of(rows, part)));
        return product;
    }

    private Tensor BackProduct(Tensor gradient)
    {
        if (_whole is not null)
            return _whole.Back(gradient); // (N, input)
        Tensor? sum = null; // (N, input)
        ForParts((part, start, count) =>
        {
            Tensor product = HostProduct.Of(OneDnnProduct.Dense(gradient.narrow(1, start, count)), part.t()); // (N, input)
            if (sum is null)
                sum = product.MoveToOuterDisposeScope();
            else
                sum.AddInPlace(product);
        });
        return sum!;
    }

    private void ForParts(Action<Tensor, long, long> act)
    {
        long rows = _matrix.Weight.shape[0], most = Math.Max(1, HostProduct.LargestPart / _matrix.Weight.shape[1]);
        for (long start = 0; start < rows; start += most)
        {
            using DisposeScope scope = NewDisposeScope();
            long count = Math.Min(most, rows - start);
            act(_matrix.Dense(_type, start, count), start, count);
        }
    }

    /// <summary>What A sees of the rows, (N, input).</summary>
    private Tensor Seen(Tensor rows, LowRankPair pair)
    {
        if (!_context!.Training || pair.Dropout == 0 || !pair.IsTrained)
            return rows;
        _mask ??= Keep(null, nn.functional.dropout(ones_like(rows), pair.Dropout)); // (N, input): 0, or one over the share that is left
        return rows * _mask;
    }

    /// <summary>The gradient with respect to what comes before the magnitude's factor, (N, output).</summary>
    private Tensor Gained(Tensor gradient, LowRankPair pair) => pair.Magnitude is null ? gradient : gradient * Gain(pair);

    private Tensor Gain(LowRankPair pair) => _gain ??= Keep(null, (pair.Magnitude! / pair.RowNorms(_matrix)).to(_type)); // (output)

    /// <summary>The gradient with respect to A's products, times s, (N, r).</summary>
    private Tensor LowGradient(Tensor gradient, LowRankPair pair) =>
        _lowGradient ??= Keep(null, HostProduct.Of(Gained(gradient, pair), pair.B.to(_type).t()).Mul(pair.Scale)); // (N, r)

    // beyond the scopes of a product, but not beyond the pass
    private Tensor Keep(Tensor? earlier, Tensor tensor)
    {
        earlier?.Dispose();
        return tensor.MoveToOtherDisposeScope(_context!.Cosines);
    }
}
