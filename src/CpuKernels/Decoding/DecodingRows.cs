namespace MiniMind.MLNet.Dpo.CpuKernels.Decoding;

/// <summary>The rows of a pass, each the next token of some sequence, and what layers make of them.</summary>
/// <remarks>Not thread-safe. It is made once for a number of rows, and used for one pass after the other.</remarks>
public sealed unsafe class DecodingRows : IDisposable
{
    /// <summary>Makes room.</summary>
    /// <param name="capacity">The most rows of a pass.</param>
    /// <param name="widths">What is computed of each.</param>
    public DecodingRows(int capacity, DecodingWidths widths)
    {
        Capacity = capacity;
        FloatRows Rows(int width) => new(capacity, width);
        (Residual, Normalised, Added) = (Rows(widths.Hidden), Rows(widths.Hidden), Rows(widths.Hidden));
        (Query, Key, Value, Mixed) = (Rows(widths.Queries), Rows(widths.Keys), Rows(widths.Keys), Rows(widths.Queries));
        (Gate, Up) = (Rows(widths.Intermediate), Rows(widths.Intermediate));
        (Cosines, Sines, LocalCosines, LocalSines) = (Rows(widths.Rotated), Rows(widths.Rotated), Rows(widths.Rotated), Rows(widths.Rotated));
        if (widths.Experts > 0)
            (Scores, Picked, PickedSum) = (Rows(widths.Experts), Rows(widths.Hidden), Rows(widths.Hidden));
        (Sequences, Positions) = (new SequenceBlocks[capacity], new int[capacity]);
    }

    /// <summary>The most rows.</summary>
    public int Capacity { get; }

    /// <summary>The rows of the pass.</summary>
    internal int Count { get; private set; }

    /// <summary>The most threads.</summary>
    public int Threads { get; set; } = 1;

    /// <summary>Whose next token each row is.</summary>
    public SequenceBlocks[] Sequences { get; }

    /// <summary>How many tokens stand before each in its sequence.</summary>
    public int[] Positions { get; }

    /// <summary>The residual stream, (rows, hidden): at first the tokens' vectors.</summary>
    public FloatRows Residual { get; }

    /// <summary>Cosines of the rotation, (rows, rotated width), one half as the other.</summary>
    public FloatRows Cosines { get; }

    /// <summary>Sines, (rows, rotated width), the first half negated.</summary>
    public FloatRows Sines { get; }

    /// <summary>Cosines of layers with frequencies of their own.</summary>
    public FloatRows LocalCosines { get; }

    /// <summary>Sines of layers with frequencies of their own.</summary>
    public FloatRows LocalSines { get; }

    /// <summary>What is still to be added to the residual stream.</summary>
    internal FloatRows Added { get; }

    /// <summary>Whether <see cref="Added"/> holds something.</summary>
    internal bool IsAdding { get; set; }

    internal FloatRows Normalised { get; }

    internal FloatRows Query { get; }

    internal FloatRows Key { get; }

    internal FloatRows Value { get; }

    internal FloatRows Mixed { get; }

    internal FloatRows Gate { get; }

    internal FloatRows Up { get; }

    /// <summary>The routers' scores, (rows, experts).</summary>
    internal FloatRows? Scores { get; }

    /// <summary>The rows that one expert gets, (rows, hidden).</summary>
    internal FloatRows? Picked { get; }

    /// <summary>What that expert makes of them, (rows, hidden).</summary>
    internal FloatRows? PickedSum { get; }

    /// <summary>Begins a pass: nothing is to be added to the tokens' vectors.</summary>
    public void Begin(int count)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(count, Capacity);
        (Count, IsAdding) = (count, false);
    }

    /// <inheritdoc />
    public void Dispose()
    {
        foreach (FloatRows? rows in new[]
        {
            Residual, Normalised, Added, Query, Key, Value, Mixed, Gate, Up, Cosines, Sines, LocalCosines, LocalSines, Scores, Picked, PickedSum,
        })
        {
            rows?.Dispose();
        }
    }

    /// <summary>Adds what is to be added to a row of the residual stream, and normalises it.</summary>
    internal void Normalise(int row, FloatRows weight, float epsilon, float* to)
    {
        byte* added = IsAdding ? (byte*)Added.At(row) : null;
        float* residual = Residual.At(row);
        RowNormKernel.ForwardRow<Fp32Element>(residual, added, weight.Pointer, epsilon, residual, (byte*)to, Residual.Width);
    }

    /// <summary>Normalises what is to be added.</summary>
    internal void NormaliseAdded(FloatRows weight, float epsilon)
    {
        for (int row = 0; row < Count; row++)
        {
            float* added = Added.At(row);
            RowNormKernel.ForwardRow<Fp32Element>(added, null, weight.Pointer, epsilon, added, (byte*)added, Added.Width);
        }
    }
}
