using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using static TorchSharp.torch;

namespace MiniMind.MLNet.Dpo.CpuKernels;

/// <summary>Brings rows to their places and back, as layers of several experts need it.</summary>
/// <remarks>What comes back to a row is added in the order of the places, so that results do not depend on the number of threads.</remarks>
public static unsafe class RoutedRowsKernel
{
    private const int Block = 32; // rows

    /// <summary>Copies each row to its places; empty places are zero.</summary>
    /// <param name="rows">(N, width), fp32 or bf16.</param>
    /// <param name="routes">The places.</param>
    /// <returns>(places, width) in the same type, in the current scope.</returns>
    public static Tensor Gather(Tensor rows, RowRoutes routes)
    {
        Tensor placed = empty([routes.Places, rows.shape[1]], rows.dtype); // (places, width)
        nint bytes = (nint)rows.shape[1] * (rows.dtype == ScalarType.BFloat16 ? Bf16Element.Size : Fp32Element.Size);
        byte* from = KernelMemory.Bytes(rows), to = KernelMemory.Bytes(placed);
        HostThreads.Rows(routes.Places, Block, (_, first, end) =>
        {
            for (int place = (int)first; place < end; place++)
            {
                Span<byte> target = new(to + place * bytes, (int)bytes);
                if (routes.RowOf[place] is >= 0 and int row)
                    new ReadOnlySpan<byte>(from + row * bytes, (int)bytes).CopyTo(target);
                else
                    target.Clear();
            }
        });
        return placed;
    }

    /// <summary>Copies gradients of rows to their places, each times its share, and takes the shares' own gradients.</summary>
    /// <param name="gradient">With respect to the mixture, (N, width), fp32 or bf16.</param>
    /// <param name="routes">The places.</param>
    /// <param name="shares">What each choice counts in the mixture, (N, K), fp32.</param>
    /// <param name="outputs">What each group gave, (its places, width) in the gradient's type, <see langword="null"/> for a group without places; no list
    /// where the shares' gradients are not wanted.</param>
    /// <returns>(places, width) in the gradient's type; and with respect to the shares, (N, K), fp32; both in the current scope.</returns>
    public static (Tensor Placed, Tensor? Shares) Spread(Tensor gradient, RowRoutes routes, Tensor shares, IReadOnlyList<Tensor?>? outputs)
    {
        Tensor placed = empty([routes.Places, gradient.shape[1]], gradient.dtype); // (places, width)
        Tensor? ofShares = outputs is null ? null : empty_like(shares); // (N, K)
        if (gradient.dtype == ScalarType.BFloat16)
            Spread<Bf16Element>(gradient, routes, shares, outputs, placed, ofShares);
        else
            Spread<Fp32Element>(gradient, routes, shares, outputs, placed, ofShares);
        return (placed, ofShares);
    }

    /// <summary>Adds up what the groups gave for each row, and what came to all rows.</summary>
    /// <param name="sets">For each summand what each group gave, (its places, width), fp32 or bf16, all alike; <see langword="null"/> for a group without
    /// places.</param>
    /// <param name="routes">The places.</param>
    /// <param name="shares">What each choice counts, (N, K), fp32; <see langword="null"/> for 1.</param>
    /// <param name="others">Summands of all rows, (N, width) each in the same type.</param>
    /// <param name="type">Of the result: fp32, or that of the summands.</param>
    /// <returns>(N, width) in the current scope.</returns>
    public static Tensor Combine(
        IReadOnlyList<IReadOnlyList<Tensor?>> sets, RowRoutes routes, Tensor? shares, IReadOnlyList<Tensor> others, ScalarType type)
    {
        Tensor some = sets[0].First(tensor => tensor is not null)!;
        Tensor sum = empty([routes.Rows, some.shape[1]], type); // (N, width)
        if (some.dtype == ScalarType.Float32)
            Combine<Fp32Element, Fp32Element>(sets, routes, shares, others, sum);
        else if (type == ScalarType.Float32)
            Combine<Bf16Element, Fp32Element>(sets, routes, shares, others, sum);
        else
            Combine<Bf16Element, Bf16Element>(sets, routes, shares, others, sum);
        return sum;
    }

    private static void Spread<T>(Tensor gradient, RowRoutes routes, Tensor shares, IReadOnlyList<Tensor?>? outputs, Tensor placed, Tensor? ofShares)
        where T : IElement
    {
        nint width = (nint)gradient.shape[1];
        byte* from = KernelMemory.Bytes(gradient), to = KernelMemory.Bytes(placed);
        float* share = KernelMemory.Fp32(shares);
        float* ofShare = (float*)KernelMemory.Optional(ofShares);
        nint[]? given = outputs is null ? null : Bases(outputs, routes, width * T.Size);
        HostThreads.Rows(routes.Places, Block, (_, first, end) =>
        {
            for (int place = (int)first; place < end; place++)
            {
                byte* target = to + place * width * T.Size;
                if (routes.RowOf[place] is not (>= 0 and int row))
                {
                    new Span<byte>(target, (int)(width * T.Size)).Clear();
                    continue;
                }
                int slot = routes.SlotOf[place];
                byte* output = given is null ? null : (byte*)given[routes.GroupOf[place]] + place * width * T.Size;
                float product = SpreadRow<T>(from + row * width * T.Size, share[slot], output, target, width);
                if (ofShare is not null)
                    ofShare[slot] = product;
            }
        });
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static float SpreadRow<T>(byte* gradient, float share, byte* output, byte* target, nint width) where T : IElement
    {
        Vector512<float> factor = Vector512.Create(share), products = default;
        for (nint i = 0; i < width; i += Vector512<float>.Count)
        {
            nint left = width - i;
            Vector512<float> value = T.Load(gradient, i, left);
            if (output is not null)
                products = Vector512.FusedMultiplyAdd(value, T.Load(output, i, left), products);
            T.Store(target, i, left, value * factor);
        }
        return Vector512.Sum(products);
    }

    private static void Combine<T, TSum>(
        IReadOnlyList<IReadOnlyList<Tensor?>> sets, RowRoutes routes, Tensor? shares, IReadOnlyList<Tensor> others, Tensor sum)
        where T : IElement where TSum : IElement
    {
        nint width = (nint)sum.shape[1], bytes = width * T.Size;
        nint[][] given = [.. sets.Select(set => Bases(set, routes, bytes))];
        nint[] more = [.. others.Select(other => (nint)KernelMemory.Bytes(other))];
        float* share = (float*)KernelMemory.Optional(shares);
        byte* to = KernelMemory.Bytes(sum);
        HostThreads.Rows(routes.Rows, Block, (_, first, end) =>
        {
            Span<nint> terms = stackalloc nint[routes.PerRow * given.Length + more.Length];
            Span<float> factors = stackalloc float[terms.Length];
            for (int row = (int)first; row < end; row++)
            {
                int term = 0;
                foreach (int place in routes.PlaceOf.Slice(row * routes.PerRow, routes.PerRow))
                {
                    foreach (nint[] bases in given)
                    {
                        factors[term] = share is null ? 1 : share[routes.SlotOf[place]];
                        terms[term++] = bases[routes.GroupOf[place]] + place * bytes;
                    }
                }
                foreach (nint other in more)
                {
                    factors[term] = 1;
                    terms[term++] = other + row * bytes;
                }
                CombineRow<T, TSum>(terms, factors, to + row * width * TSum.Size, width);
            }
        });
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void CombineRow<T, TSum>(ReadOnlySpan<nint> terms, ReadOnlySpan<float> factors, byte* target, nint width)
        where T : IElement where TSum : IElement
    {
        for (nint i = 0; i < width; i += Vector512<float>.Count)
        {
            nint left = width - i;
            Vector512<float> total = default;
            for (int term = 0; term < terms.Length; term++)
                total += T.Load((void*)terms[term], i, left) * factors[term];
            TSum.Store(target, i, left, total);
        }
    }

    /// <summary>For each group the address at which place 0 would be, so that a place of it is found by its number.</summary>
    private static nint[] Bases(IReadOnlyList<Tensor?> tensors, RowRoutes routes, nint bytes) =>
        [.. tensors.Select((tensor, group) => tensor is null ? 0 : (nint)KernelMemory.Bytes(tensor) - routes.Start(group) * bytes)];
}
