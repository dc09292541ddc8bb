using TorchSharp;
using static TorchSharp.torch;

namespace MiniMind.MLNet.Dpo.CpuKernels.Native;

/// <summary>Operations of tensors with numbers: the only place that makes a <see cref="Scalar"/>.</summary>
/// <remarks>
/// TorchSharp turns a number into a native object that a finalizer frees, and hands libtorch its bare address, so that a garbage collection on any thread can
/// free it while libtorch reads it (docs/TORCHSHARP-LIFETIMES.md). Here each is disposed after the call, and lives until then. The names are libtorch's, with
/// <c>InPlace</c> for its underscore; sums of two tensors are here because libtorch takes a factor for the second. A test reads the compiled library and
/// refuses numbers that reach TorchSharp elsewhere. Results belong to the current dispose scope; what works in place returns its first argument.
/// </remarks>
public static class ScalarOperations
{
    /// <summary>The sum of two tensors.</summary>
    public static Tensor Add(this Tensor left, Tensor right)
    {
        using Scalar one = 1L.ToScalar();
        return left.add(right, one);
    }

    /// <summary>Adds a number to each element.</summary>
    public static Tensor Add(this Tensor tensor, double number)
    {
        using Scalar scalar = number.ToScalar(), one = 1L.ToScalar();
        return tensor.add(scalar, one);
    }

    /// <summary>Adds a number to each element.</summary>
    public static Tensor AddInPlace(this Tensor tensor, double number)
    {
        using Scalar scalar = number.ToScalar(), one = 1L.ToScalar();
        return tensor.add_(scalar, one);
    }

    /// <summary>Adds another tensor.</summary>
    public static Tensor AddInPlace(this Tensor tensor, Tensor other)
    {
        using Scalar one = 1L.ToScalar();
        return tensor.add_(other, one);
    }

    /// <summary>Adds <paramref name="alpha"/> times another tensor.</summary>
    public static Tensor AddInPlace(this Tensor tensor, Tensor other, double alpha)
    {
        using Scalar factor = alpha.ToScalar();
        return tensor.add_(other, factor);
    }

    /// <summary>Subtracts a number from each element.</summary>
    public static Tensor Sub(this Tensor tensor, double number)
    {
        using Scalar scalar = number.ToScalar();
        return tensor.sub(scalar);
    }

    /// <summary>Multiplies each element by a number.</summary>
    public static Tensor Mul(this Tensor tensor, double number)
    {
        using Scalar scalar = number.ToScalar();
        return tensor.mul(scalar);
    }

    /// <summary>Multiplies each element by a whole number.</summary>
    public static Tensor Mul(this Tensor tensor, long number)
    {
        using Scalar scalar = number.ToScalar();
        return tensor.mul(scalar);
    }

    /// <summary>Multiplies each element by a number.</summary>
    public static Tensor MulInPlace(this Tensor tensor, double number)
    {
        using Scalar scalar = number.ToScalar();
        return tensor.mul_(scalar);
    }

    /// <summary>Divides each element by a number.</summary>
    public static Tensor Div(this Tensor tensor, double number)
    {
        using Scalar scalar = number.ToScalar();
        return tensor.div(scalar);
    }

    /// <summary>Divides each element by a whole number.</summary>
    public static Tensor Div(this Tensor tensor, long number)
    {
        using Scalar scalar = number.ToScalar();
        return tensor.div(scalar);
    }

    /// <summary>Adds <paramref name="value"/> times the product of two tensors.</summary>
    public static Tensor AddcmulInPlace(this Tensor tensor, Tensor left, Tensor right, double value = 1)
    {
        using Scalar factor = value.ToScalar();
        return tensor.addcmul_(left, right, factor);
    }

    /// <summary>Adds <paramref name="value"/> times the quotient of two tensors.</summary>
    public static Tensor AddcdivInPlace(this Tensor tensor, Tensor numerator, Tensor denominator, double value = 1)
    {
        using Scalar factor = value.ToScalar();
        return tensor.addcdiv_(numerator, denominator, factor);
    }

    /// <summary>Sets each element to a number.</summary>
    public static Tensor FillInPlace(this Tensor tensor, double number)
    {
        using Scalar scalar = number.ToScalar();
        return tensor.fill_(scalar);
    }

    /// <summary>Raises what is less than the least, and lowers what is more than the most.</summary>
    public static Tensor Clamp(this Tensor tensor, double least, double most)
    {
        using Scalar low = least.ToScalar(), high = most.ToScalar();
        return tensor.clamp(low, high);
    }

    /// <summary>The smaller of each element and a number; where that is the number, without gradient.</summary>
    public static Tensor ClampMax(this Tensor tensor, double most)
    {
        using Scalar high = most.ToScalar();
        return tensor.clamp_max(high);
    }

    /// <summary>The larger of each element and a number; where that is the number, without gradient.</summary>
    public static Tensor ClampMin(this Tensor tensor, double least)
    {
        using Scalar low = least.ToScalar();
        return tensor.clamp_min(low);
    }

    /// <summary>Where elements are above a number.</summary>
    public static Tensor GreaterThan(this Tensor tensor, double number)
    {
        using Scalar scalar = number.ToScalar();
        return tensor.gt(scalar);
    }

    /// <summary>Lowers what is more than the most.</summary>
    public static Tensor ClampMaxInPlace(this Tensor tensor, double most)
    {
        using Scalar high = most.ToScalar();
        return tensor.clamp_max_(high);
    }

    /// <summary>The remainder of each element's division, with the divisor's sign.</summary>
    public static Tensor Remainder(this Tensor tensor, long divisor)
    {
        using Scalar scalar = divisor.ToScalar();
        return tensor.remainder(scalar);
    }

    /// <summary>Whether each element is the number.</summary>
    public static Tensor EqualTo(this Tensor tensor, long number)
    {
        using Scalar scalar = number.ToScalar();
        return tensor.eq(scalar);
    }

    /// <summary>A copy with the slices of another tensor added at the places that an index names.</summary>
    public static Tensor IndexAdd(this Tensor tensor, long dimension, Tensor index, Tensor source)
    {
        using Scalar one = 1L.ToScalar();
        return tensor.index_add(dimension, index, source, one);
    }

    /// <summary>Adds the slices of another tensor at the places that an index names.</summary>
    public static Tensor IndexAddInPlace(this Tensor tensor, long dimension, Tensor index, Tensor source)
    {
        using Scalar one = 1L.ToScalar();
        return tensor.index_add_(dimension, index, source, one);
    }

    /// <summary>The whole numbers from 0 to <paramref name="stop"/> - 1: (stop).</summary>
    public static Tensor Arange(long stop, ScalarType type = ScalarType.Int64, Device? device = null) => Arange(0, stop, 1, type, device);

    /// <summary>The whole numbers from <paramref name="start"/> to less than <paramref name="stop"/>, every <paramref name="step"/>-th.</summary>
    public static Tensor Arange(long start, long stop, long step = 1, ScalarType type = ScalarType.Int64, Device? device = null)
    {
        using Scalar first = start.ToScalar(), end = stop.ToScalar(), stride = step.ToScalar();
        return arange(first, end, stride, type, device);
    }

    /// <summary>A tensor of one number.</summary>
    public static Tensor Full(ReadOnlySpan<long> shape, double number, ScalarType type, Device? device = null)
    {
        using Scalar scalar = number.ToScalar();
        return full(shape, scalar, type, device);
    }

    /// <summary>A tensor of one number, of another tensor's shape, element type and device.</summary>
    public static Tensor FullLike(Tensor tensor, double number)
    {
        using Scalar scalar = number.ToScalar();
        return full_like(tensor, scalar);
    }
}
