using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using static TorchSharp.torch;

namespace MiniMind.MLNet.Dpo.CpuKernels;

/// <summary>RMS normalisation of rows, with the addition before it, in one pass; and its gradients.</summary>
public static unsafe class RowNormKernel
{
    private const int Block = 32; // rows: their streams stay in a core's cache

    /// <summary>Adds, and normalises the sum.</summary>
    /// <param name="input">(N, width), fp32.</param>
    /// <param name="added">(N, width) in the result type; <see langword="null"/> for none.</param>
    /// <param name="weight">(width), fp32.</param>
    /// <param name="epsilon">Added under the root.</param>
    /// <param name="type">fp32 or bf16.</param>
    /// <returns>Tensors in the current scope; without an addition the sum is the input itself.</returns>
    public static NormalisedRows Forward(Tensor input, Tensor? added, Tensor weight, double epsilon, ScalarType type)
    {
        // (N, width), (N, width), (N)
        Tensor sum = added is null ? input : empty_like(input), output = empty(input.shape, type), inverse = empty(input.shape[0]);
        if (type == ScalarType.BFloat16)
            Forward<Bf16Element>(input, added, weight, epsilon, sum, output, inverse);
        else
            Forward<Fp32Element>(input, added, weight, epsilon, sum, output, inverse);
        return new NormalisedRows(sum, output, inverse);
    }

    /// <summary>The gradient with respect to the normalised rows' input, on top of another.</summary>
    /// <param name="parts">Up to three gradients with respect to the output, (N, width) each in its type, which are added up.</param>
    /// <param name="rows">What the forward pass gave; the output is not used.</param>
    /// <param name="weight">(width), fp32.</param>
    /// <param name="weightGradient">(width), fp32, added to; <see langword="null"/> where the weight is frozen.</param>
    /// <param name="residual">(N, width), fp32, a gradient with respect to the input that comes another way; <see langword="null"/> for none.</param>
    /// <param name="narrow">Whether the result is wanted in bf16, too.</param>
    /// <returns>(N, width), fp32, and in bf16, in the current scope.</returns>
    public static (Tensor Wide, Tensor? Narrow) Backward(ReadOnlySpan<Tensor> parts, NormalisedRows rows, Tensor weight, Tensor? weightGradient,
        Tensor? residual, bool narrow)
    {
        Tensor wide = empty_like(rows.Sum); // (N, width)
        Tensor? low = narrow ? empty(rows.Sum.shape, ScalarType.BFloat16) : null; // (N, width)
        if (parts[0].dtype == ScalarType.BFloat16)
            Backward<Bf16Element>(parts, rows, weight, weightGradient, residual, wide, low);
        else
            Backward<Fp32Element>(parts, rows, weight, weightGradient, residual, wide, low);
        return (wide, low);
    }

    private static void Forward<T>(Tensor input, Tensor? added, Tensor weight, double epsilon, Tensor sum, Tensor output, Tensor inverse) where T : IElement
    {
        nint width = (nint)input.shape[1];
        float* from = KernelMemory.Fp32(input), scale = KernelMemory.Fp32(weight), total = KernelMemory.Fp32(sum), inverses = KernelMemory.Fp32(inverse);
        byte* delta = KernelMemory.Optional(added), to = KernelMemory.Bytes(output);
        HostThreads.Rows(input.shape[0], Block, (_, first, end) =>
        {
            for (nint row = (nint)first; row < end; row++)
            {
                nint start = row * width, bytes = start * T.Size;
                inverses[row] = ForwardRow<T>(from + start, delta is null ? null : delta + bytes, scale, (float)epsilon, total + start, to + bytes, width);
            }
        });
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    internal static float ForwardRow<T>(float* input, byte* added, float* weight, float epsilon, float* sum, byte* output, nint width) where T : IElement
    {
        Vector512<float> squares = default;
        for (nint i = 0; i < width; i += Vector512<float>.Count)
        {
            Vector512<float> value = Fp32Element.Load(input, i, width - i);
            if (added is not null)
            {
                value += T.Load(added, i, width - i);
                Fp32Element.Store(sum, i, width - i, value);
            }
            squares = Vector512.FusedMultiplyAdd(value, value, squares);
        }
        float inverse = 1 / MathF.Sqrt(Vector512.Sum(squares) / width + epsilon);
        Vector512<float> factor = Vector512.Create(inverse);
        for (nint i = 0; i < width; i += Vector512<float>.Count)
            T.Store(output, i, width - i, Fp32Element.Load(weight, i, width - i) * (Fp32Element.Load(sum, i, width - i) * factor));
        return inverse;
    }

    private static void Backward<T>(ReadOnlySpan<Tensor> parts, NormalisedRows rows, Tensor weight, Tensor? weightGradient, Tensor? residual, Tensor wide,
        Tensor? narrow) where T : IElement
    {
        nint width = (nint)rows.Sum.shape[1];
        byte* first = KernelMemory.Bytes(parts[0]), second = parts.Length > 1 ? KernelMemory.Bytes(parts[1]) : null,
            third = parts.Length > 2 ? KernelMemory.Bytes(parts[2]) : null;
        float* input = KernelMemory.Fp32(rows.Sum), inverses = KernelMemory.Fp32(rows.Inverse), scale = KernelMemory.Fp32(weight), to = KernelMemory.Fp32(wide);
        float* other = (float*)KernelMemory.Optional(residual);
        byte* low = KernelMemory.Optional(narrow);
        using Tensor shares = zeros(HostThreads.Blocks(rows.Sum.shape[0], Block), width); // (blocks, width)
        float* share = KernelMemory.Fp32(shares);
        HostThreads.Rows(rows.Sum.shape[0], Block, (block, begin, end) =>
        {
            for (nint row = (nint)begin; row < end; row++)
            {
                nint start = row * width, bytes = start * T.Size;
                BackwardRow<T>(
                    first + bytes, second is null ? null : second + bytes, third is null ? null : third + bytes, input + start, inverses[row], scale,
                    other is null ? null : other + start, share + block * width, to + start, low is null ? null : low + start * Bf16Element.Size, width);
            }
        });
        if (weightGradient is not null)
            KernelMemory.AddShares(shares, weightGradient);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void BackwardRow<T>(
        byte* first, byte* second, byte* third, float* input, float inverse, float* weight, float* residual, float* weightGradient, float* wide, byte* narrow,
            nint width) where T : IElement
    {
        Vector512<float> factor = Vector512.Create(inverse), products = default;
        for (nint i = 0; i < width; i += Vector512<float>.Count)
        {
            nint left = width - i;
            Vector512<float> gradient = T.Load(first, i, left);
            if (second is not null)
                gradient += T.Load(second, i, left);
            if (third is not null)
                gradient += T.Load(third, i, left);
            Vector512<float> scaled = gradient * (Fp32Element.Load(input, i, left) * factor);
            Fp32Element.Store(weightGradient, i, left, Fp32Element.Load(weightGradient, i, left) + scaled);
            scaled *= Fp32Element.Load(weight, i, left);
            products += scaled;
            Fp32Element.Store(wide, i, left, gradient);
        }
        Vector512<float> mean = Vector512.Create(Vector512.Sum(products) / width);
        for (nint i = 0; i < width; i += Vector512<float>.Count)
        {
            nint left = width - i;
            Vector512<float> normalised = Fp32Element.Load(input, i, left) * factor;
            Vector512<float> result = factor * (Fp32Element.Load(weight, i, left) * Fp32Element.Load(wide, i, left) - normalised * mean);
            if (residual is not null)
                result += Fp32Element.Load(residual, i, left);
            Fp32Element.Store(wide, i, left, result);
            if (narrow is not null)
                Bf16Element.Store(narrow, i, left, result);
        }
    }
}
