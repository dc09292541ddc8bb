namespace MiniMind.MLNet.Dpo.CpuKernels.Decoding;

/// <summary>Rows times matrices, panel by panel.</summary>
/// <param name="rows">The pass.</param>
internal sealed unsafe class ProductWork(DecodingRows rows) : TeamWork
{
    /// <summary>Elements of matrices, or multiplications over eight, from which on several threads are faster than one: some 6 microseconds.</summary>
    private const long Least = 1 << 15;

    private readonly (PackedMatrix Matrix, FloatRows To)[] _products = new (PackedMatrix, FloatRows)[3];
    private FloatRows _from = rows.Normalised;
    private int _count, _used;

    /// <summary>Multiplies.</summary>
    /// <param name="from">What is multiplied.</param>
    /// <param name="count">How many rows.</param>
    /// <param name="products">At most three matrices, and where their products go.</param>
    public void Run(FloatRows from, int count, params ReadOnlySpan<(PackedMatrix Matrix, FloatRows To)> products)
    {
        products.CopyTo(_products);
        (_from, _count, _used) = (from, count, products.Length);
        int panels = 0;
        long elements = 0;
        foreach ((PackedMatrix matrix, _) in products)
        {
            panels += matrix.Panels;
            elements += (long)matrix.Outputs * matrix.Inputs;
        }
        WorkTeam.Run(this, panels, ThreadsFor(elements, count, rows.Threads));
    }

    /// <summary>How many threads a product of so many elements and rows is worth.</summary>
    public static int ThreadsFor(long elements, int count, int threads) => Math.Max(elements, elements * count / 8) < Least ? 1 : threads;

    /// <inheritdoc />
    public override void Do(int part)
    {
        for (int i = 0; i < _used; i++)
        {
            (PackedMatrix matrix, FloatRows to) = _products[i];
            if (part < matrix.Panels)
            {
                PackedProduct.Of(matrix, part, _from.Pointer, _from.Stride, to.Pointer, to.Stride, _count);
                return;
            }
            part -= matrix.Panels;
        }
    }
}
