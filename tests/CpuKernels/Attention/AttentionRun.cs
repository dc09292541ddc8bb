using MiniMind.MLNet.Dpo.CpuKernels.Attention;
using TorchSharp;
using static TorchSharp.torch;

namespace MiniMind.MLNet.Dpo.CpuKernels.Tests.Attention;

/// <summary>Both passes of the attention kernel over one span: rows lie wider than a head, memory ends at guard pages, and scratch begins as NaN.</summary>
internal sealed unsafe class AttentionRun : IDisposable
{
    /// <summary>What the keys' and values' gradients hold before: not so much that adding to it rounds away the digits compared.</summary>
    public const float Before = 1f / 512;

    private const float Sentinel = 123.25f;
    private const int Heads = 3, Leading = 4, Between = 3, LogStride = 2;
    private readonly int _dim;
    private readonly long _rows;
    private readonly AttentionSpan _span;
    private readonly List<GuardedFloats> _memory = [];
    private readonly Target _output, _logSums, _query, _key, _value;

    /// <summary>Runs.</summary>
    /// <param name="dim">The head's width.</param>
    /// <param name="prefix">Rows of the prefix.</param>
    /// <param name="own">Own rows.</param>
    /// <param name="largest">What scores are to reach, in nats; <see langword="null"/> for a deviation of one.</param>
    public AttentionRun(int dim, int prefix, int own, float? largest = null)
    {
        (_dim, _rows) = (dim, Leading + prefix + Between + own);
        _span = new AttentionSpan(Leading + prefix + Between, own, Leading, prefix);
        // scores of normal rows deviate by sqrt(D) before scaling; three and a half deviations reach the bound
        float scale = (largest / 3.5f ?? 1) / MathF.Sqrt(dim);
        nint stride = Heads * dim + 2, keyStride = 2 * dim + 4, gradientStride = 2 * dim;
        Target query = Filled(stride, 1), key = Filled(keyStride, 2), value = Filled(keyStride, 3), gradient = Filled(stride, 4);
        (_output, _logSums, _query) = (Marked(stride, dim), Marked(LogStride, 1), Marked(stride, dim));
        (_key, _value) = (Marked(gradientStride, dim), Marked(gradientStride, dim));
        foreach (Target target in new[] { _key, _value })
        {
            foreach (long row in Rows(withPrefix: true))
                target.Row(row).Fill(Before);
        }

        AttentionKernel.Forward(
            _span, dim, scale, query.First, stride, key.First, value.First, keyStride, _output.First, stride, _logSums.First, LogStride,
                Scratch(AttentionKernel.ForwardScratch(_span, dim)));
        AttentionKernel.Backward(
            _span, dim, scale, query.First, stride, key.First, value.First, keyStride, _output.First, gradient.First, stride, _logSums.First, LogStride,
            _query.First, _key.First, _value.First, gradientStride, Scratch(AttentionKernel.BackwardScratch(_span, dim)));

        Result = new ExactAttention(Read(_output, false), Read(_logSums, false).view(-1), Read(_query, false), Read(_key, true) - Before,
            Read(_value, true) - Before);
        Exact = ExactAttention.Of(Read(query, false), Read(key, true), Read(value, true), Read(gradient, false), scale);
        // the gradients of a lone visible key's score are exactly zero, as a difference of sums of D products: what rounding leaves is measured by those sums
        Floor = Exact.Value.abs().max().ToDouble() * scale * Math.Sqrt(dim);
    }

    /// <summary>What the kernel gave, fp64.</summary>
    public ExactAttention Result { get; }

    /// <summary>What it should give.</summary>
    public ExactAttention Exact { get; }

    /// <summary>The least that errors of the queries' and keys' gradients are measured by.</summary>
    public double Floor { get; }

    /// <summary>Whether all that lies between the rows described is as it was.</summary>
    public bool LeavesTheRest() =>
        IsUntouched(_output, false) && IsUntouched(_logSums, false) && IsUntouched(_query, false) && IsUntouched(_key, true) && IsUntouched(_value, true);

    public void Dispose() => _memory.ForEach(floats => floats.Dispose());

    private bool IsUntouched(Target target, bool withPrefix)
    {
        foreach (long row in Rows(withPrefix))
            target.Row(row).Fill(Sentinel);
        return target.Floats.Values.IndexOfAnyExcept(Sentinel) < 0;
    }

    private IEnumerable<long> Rows(bool withPrefix)
    {
        for (long row = 0; withPrefix && row < _span.Prefix; row++)
            yield return _span.PrefixStart + row;
        for (long row = 0; row < _span.Own; row++)
            yield return _span.Start + row;
    }

    private Tensor Read(Target from, bool withPrefix)
    {
        List<double> values = [];
        foreach (long row in Rows(withPrefix))
        {
            foreach (float value in from.Row(row))
                values.Add(value);
        }

        return tensor(values.ToArray()).view(-1, from.Width); // (rows, width)
    }

    private Target Filled(nint stride, int seed)
    {
        Target target = Marked(stride, _dim);
        using DisposeScope scope = NewDisposeScope();
        using Generator random = new((ulong)seed);
        randn(target.Floats.Values.Length, generator: random).data<float>().CopyTo(target.Floats.Values);
        return target;
    }

    // the second head of several, or what is left of its width where there are none: its last row ends at the guard page
    private Target Marked(nint stride, int width)
    {
        nint offset = width == _dim ? width : 0;
        _memory.Add(new GuardedFloats((_rows - 1) * stride + offset + width, Sentinel));
        return new Target(_memory[^1], stride, offset, width);
    }

    private float* Scratch(long count)
    {
        _memory.Add(new GuardedFloats((count + 15) / 16 * 16, float.NaN));
        return _memory[^1].Pointer;
    }

    private sealed record Target(GuardedFloats Floats, nint Stride, nint Offset, int Width)
    {
        public float* First => Floats.Pointer + Offset;

        public Span<float> Row(long row) => Floats.Values.Slice((int)(row * Stride + Offset), Width);
    }
}
