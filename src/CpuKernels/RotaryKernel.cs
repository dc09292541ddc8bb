using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using static TorchSharp.torch;

namespace MiniMind.MLNet.Dpo.CpuKernels;

/// <summary>
/// What becomes of queries and keys between their product and attention: normalised per head, where the model does that, and rotated; and the gradients.
/// </summary>
/// <remarks>
/// The rotation (RoPE) is x * cosines + swapped(x) * signed sines, where swapped exchanges the halves of
/// what is rotated: a head's first numbers, as many as the tables are wide.
/// </remarks>
public static unsafe class RotaryKernel
{
    private const int Block = 32; // rows

    /// <summary>Normalises and rotates.</summary>
    /// <param name="raw">(N, heads * D), fp32 or bf16.</param>
    /// <param name="norm">What is normalised by; <see langword="null"/> for nothing.</param>
    /// <param name="cosines">(N, 1, width), fp32.</param>
    /// <param name="signedSines">(N, 1, width), fp32, first half negated.</param>
    /// <returns>(N, heads * D), fp32, in the current scope.</returns>
    public static Tensor Forward(Tensor raw, HeadNorm? norm, Tensor cosines, Tensor signedSines) =>
        Forward(raw, norm, (cosines, signedSines), (int)cosines.shape[^1]);

    /// <summary>Normalises, and rotates all, some or none of a head's numbers.</summary>
    /// <param name="raw">(N, heads * D), fp32 or bf16.</param>
    /// <param name="norm">What is normalised by; <see langword="null"/> for nothing.</param>
    /// <param name="tables">Cosines and signed sines, (N, 1, width) each, fp32; <see langword="null"/> for no rotation.</param>
    /// <param name="dim">D.</param>
    /// <returns>(N, heads * D), fp32, in the current scope.</returns>
    public static Tensor Forward(Tensor raw, HeadNorm? norm, (Tensor Cosines, Tensor SignedSines)? tables, int dim)
    {
        Tensor rotated = empty(raw.shape); // (N, heads * D)
        if (raw.dtype == ScalarType.BFloat16)
            Forward<Bf16Element>(raw, norm, tables, dim, rotated);
        else
            Forward<Fp32Element>(raw, norm, tables, dim, rotated);
        return rotated;
    }

    /// <summary>The gradient with respect to what came from the product.</summary>
    /// <param name="gradient">(N, groups * heads * D), fp32: where several query heads share a key head, the gradients that they give it stand beside each
    /// other and are summed.</param>
    /// <param name="raw">(N, heads * D), fp32 or bf16.</param>
    /// <param name="norm">What was normalised by; <see langword="null"/> for nothing.</param>
    /// <param name="normGradient">(D), fp32, added to.</param>
    /// <param name="cosines">(N, 1, width), fp32.</param>
    /// <param name="signedSines">(N, 1, width), fp32.</param>
    /// <returns>(N, heads * D) in the type of <paramref name="raw"/>, in the current scope.</returns>
    public static Tensor Backward(Tensor gradient, Tensor raw, HeadNorm? norm, Tensor? normGradient, Tensor cosines, Tensor signedSines) =>
        Backward(gradient, raw, norm, normGradient, (cosines, signedSines), (int)cosines.shape[^1]);

    /// <summary>The gradient of what the other <see cref="Forward(Tensor, HeadNorm?, ValueTuple{Tensor, Tensor}?, int)"/> does.</summary>
    public static Tensor Backward(Tensor gradient, Tensor raw, HeadNorm? norm, Tensor? normGradient, (Tensor Cosines, Tensor SignedSines)? tables, int dim)
    {
        Tensor result = empty_like(raw); // (N, heads * D)
        if (raw.dtype == ScalarType.BFloat16)
            Backward<Bf16Element>(gradient, raw, norm, normGradient, tables, dim, result);
        else
            Backward<Fp32Element>(gradient, raw, norm, normGradient, tables, dim, result);
        return result;
    }

    private static void Forward<T>(Tensor raw, HeadNorm? norm, (Tensor Cosines, Tensor SignedSines)? tables, nint dim, Tensor rotated) where T : IElement
    {
        nint width = (nint)raw.shape[1], turned = (nint)(tables?.Cosines.shape[^1] ?? 0);
        byte* from = KernelMemory.Bytes(raw);
        float* to = KernelMemory.Fp32(rotated), weight = (float*)KernelMemory.Optional(norm?.Weight);
        float* cosine = (float*)KernelMemory.Optional(tables?.Cosines), sine = (float*)KernelMemory.Optional(tables?.SignedSines);
        float epsilon = (float)(norm?.Epsilon ?? 0);
        HostThreads.Rows(raw.shape[0], Block, (_, first, end) =>
        {
            for (nint row = (nint)first; row < end; row++)
            {
                for (nint head = row * width; head < (row + 1) * width; head += dim)
                {
                    Normalise<T>(from + head * T.Size, weight, epsilon, to + head, dim);
                    Rotate(to + head, cosine + row * turned, sine + row * turned, turned);
                }
            }
        });
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static float Inverse<T>(byte* raw, float epsilon, nint dim) where T : IElement
    {
        Vector512<float> squares = default;
        for (nint i = 0; i < dim; i += Vector512<float>.Count)
        {
            Vector512<float> value = T.Load(raw, i, dim - i);
            squares = Vector512.FusedMultiplyAdd(value, value, squares);
        }
        return 1 / MathF.Sqrt(Vector512.Sum(squares) / dim + epsilon);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    internal static void Normalise<T>(byte* raw, float* weight, float epsilon, float* to, nint dim) where T : IElement
    {
        Vector512<float> inverse = weight is null ? Vector512<float>.One : Vector512.Create(Inverse<T>(raw, epsilon, dim));
        for (nint i = 0; i < dim; i += Vector512<float>.Count)
        {
            Vector512<float> value = T.Load(raw, i, dim - i);
            Fp32Element.Store(to, i, dim - i, weight is null ? value : Fp32Element.Load(weight, i, dim - i) * (value * inverse));
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    internal static void Rotate(float* head, float* cosines, float* signedSines, nint dim)
    {
        nint half = dim / 2;
        for (nint i = 0; i < half; i += Vector512<float>.Count)
        {
            nint left = half - i;
            Vector512<float> low = Fp32Element.Load(head, i, left), high = Fp32Element.Load(head, half + i, left);
            Fp32Element.Store(head, i, left, low * Fp32Element.Load(cosines, i, left) + high * Fp32Element.Load(signedSines, i, left));
            Fp32Element.Store(head, half + i, left, high * Fp32Element.Load(cosines, half + i, left) + low * Fp32Element.Load(signedSines, half + i, left));
        }
    }

    private static void Backward<T>(
        Tensor gradient, Tensor raw, HeadNorm? norm, Tensor? normGradient, (Tensor Cosines, Tensor SignedSines)? tables, nint dim, Tensor result)
        where T : IElement
    {
        nint width = (nint)raw.shape[1], rotated = (nint)(tables?.Cosines.shape[^1] ?? 0), groups = (nint)gradient.shape[1] / width;
        byte* from = KernelMemory.Bytes(raw), to = KernelMemory.Bytes(result);
        float* upper = KernelMemory.Fp32(gradient), weight = (float*)KernelMemory.Optional(norm?.Weight);
        float* cosine = (float*)KernelMemory.Optional(tables?.Cosines), sine = (float*)KernelMemory.Optional(tables?.SignedSines);
        float epsilon = (float)(norm?.Epsilon ?? 0);
        using Tensor shares = zeros(HostThreads.Blocks(raw.shape[0], Block), dim); // (blocks, D)
        float* share = KernelMemory.Fp32(shares);
        HostThreads.Rows(raw.shape[0], Block, (block, first, end) =>
        {
            float* turned = stackalloc float[(int)dim];
            for (nint row = (nint)first; row < end; row++)
            {
                for (nint head = 0; head < width; head += dim)
                {
                    float* parts = upper + (row * width + head) * groups;
                    TurnBack(parts, groups, cosine + row * rotated, sine + row * rotated, turned, rotated, dim);
                    if (rotated < dim)
                        Sum(parts, groups, turned, rotated, dim);
                    nint place = (row * width + head) * T.Size;
                    NormaliseBack<T>(turned, from + place, weight, epsilon, share + block * dim, to + place, dim);
                }
            }
        });
        if (normGradient is not null)
            KernelMemory.AddShares(shares, normGradient);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void TurnBack(float* gradients, nint groups, float* cosines, float* signedSines, float* turned, nint rotated, nint dim)
    {
        nint half = rotated / 2;
        for (nint i = 0; i < half; i += Vector512<float>.Count)
        {
            nint left = half - i;
            Vector512<float> low = default, high = default;
            for (nint group = 0; group < groups; group++)
            {
                low += Fp32Element.Load(gradients + group * dim, i, left);
                high += Fp32Element.Load(gradients + group * dim, half + i, left);
            }
            Fp32Element.Store(turned, i, left, low * Fp32Element.Load(cosines, i, left) + high * Fp32Element.Load(signedSines, half + i, left));
            Fp32Element.Store(turned, half + i, left, high * Fp32Element.Load(cosines, half + i, left) + low * Fp32Element.Load(signedSines, i, left));
        }
    }

    /// <summary>Sums the gradients of the numbers that are not rotated.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Sum(float* gradients, nint groups, float* sums, nint first, nint dim)
    {
        for (nint i = first; i < dim; i += Vector512<float>.Count)
        {
            Vector512<float> sum = default;
            for (nint group = 0; group < groups; group++)
                sum += Fp32Element.Load(gradients + group * dim, i, dim - i);
            Fp32Element.Store(sums, i, dim - i, sum);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void NormaliseBack<T>(float* gradient, byte* raw, float* weight, float epsilon, float* weightGradient, byte* to, nint dim) where T : IElement
    {
        if (weight is null)
        {
            for (nint i = 0; i < dim; i += Vector512<float>.Count)
                T.Store(to, i, dim - i, Fp32Element.Load(gradient, i, dim - i));
            return;
        }
        Vector512<float> inverse = Vector512.Create(Inverse<T>(raw, epsilon, dim)), products = default;
        for (nint i = 0; i < dim; i += Vector512<float>.Count)
        {
            Vector512<float> scaled = Fp32Element.Load(gradient, i, dim - i) * (T.Load(raw, i, dim - i) * inverse);
            Fp32Element.Store(weightGradient, i, dim - i, Fp32Element.Load(weightGradient, i, dim - i) + scaled);
            products += scaled * Fp32Element.Load(weight, i, dim - i);
        }
        Vector512<float> mean = Vector512.Create(Vector512.Sum(products) / dim);
        for (nint i = 0; i < dim; i += Vector512<float>.Count)
        {
            Vector512<float> normalised = T.Load(raw, i, dim - i) * inverse;
            T.Store(to, i, dim - i, inverse * (Fp32Element.Load(weight, i, dim - i) * Fp32Element.Load(gradient, i, dim - i) - normalised * mean));
        }
    }
}
