namespace MiniMind.MLNet.Dpo.CpuKernels.Decoding;

/// <summary>The first half of a gated feed-forward layer: an activation of the gate times up, 64 numbers of each row at a time.</summary>
/// <param name="rows">The pass.</param>
internal sealed unsafe class GateWork(DecodingRows rows) : TeamWork
{
    private GatedMatrices? _matrices;
    private FloatRows _from = rows.Normalised;
    private int _count;
    private bool _gelu;

    /// <summary>Computes into <see cref="DecodingRows.Gate"/>.</summary>
    /// <param name="matrices">The layer's.</param>
    /// <param name="from">The normalised rows.</param>
    /// <param name="count">How many.</param>
    /// <param name="gelu">Whether the activation is GELU; otherwise it is SiLU.</param>
    public void Run(GatedMatrices matrices, FloatRows from, int count, bool gelu)
    {
        (_matrices, _from, _count, _gelu) = (matrices, from, count, gelu);
        long elements = 2L * matrices.Gate.Outputs * matrices.Gate.Inputs;
        WorkTeam.Run(this, matrices.Gate.Panels, ProductWork.ThreadsFor(elements, count, rows.Threads));
    }

    /// <inheritdoc />
    public override void Do(int part)
    {
        PackedProduct.Of(_matrices!.Gate, part, _from.Pointer, _from.Stride, rows.Gate.Pointer, rows.Gate.Stride, _count);
        PackedProduct.Of(_matrices.Up, part, _from.Pointer, _from.Stride, rows.Up.Pointer, rows.Up.Stride, _count);
        for (int row = 0; row < _count; row++)
        {
            nint first = (nint)part * PackedMatrix.PanelWidth;
            byte* gate = (byte*)(rows.Gate.At(row) + first), up = (byte*)(rows.Up.At(row) + first);
            if (_gelu)
                GatedKernel.Forward<Fp32Element, GeluTanhGate>(gate, up, gate, 0, PackedMatrix.PanelWidth);
            else
                GatedKernel.Forward<Fp32Element, SiluGate>(gate, up, gate, 0, PackedMatrix.PanelWidth);
        }
    }
}
