using static TorchSharp.torch;

namespace MiniMind.MLNet.Dpo.CpuKernels.Tests;

/// <summary>Matrices of standard normal numbers as they lie in memory, by name.</summary>
internal static class KernelOperands
{
    public const string ByRows = "by rows", ByColumns = "by columns", GappedRows = "rows of a wider matrix", GappedColumns = "columns of a taller matrix",
        LaterRows = "rows behind others";

    /// <summary>All names.</summary>
    public static IReadOnlyList<string> All { get; } = [ByRows, ByColumns, GappedRows, GappedColumns, LaterRows];

    /// <summary>Every pair of names.</summary>
    public static TheoryData<string, string> Pairs
    {
        get
        {
            TheoryData<string, string> pairs = [];
            foreach (string left in All)
            {
                foreach (string right in All)
                    pairs.Add(left, right);
            }
            return pairs;
        }
    }

    /// <summary>Makes one, (rows, columns), in the current scope.</summary>
    public static Tensor Make(string layout, long rows, long columns, Generator random, ScalarType type = ScalarType.Float32) => layout switch
    {
        ByRows => random.Normal(type, rows, columns),
        ByColumns => random.Normal(type, columns, rows).t(),
        GappedRows => random.Normal(type, rows, columns + 5).narrow(1, 2, columns),
        GappedColumns => random.Normal(type, columns, rows + 5).narrow(1, 2, rows).t(),
        LaterRows => random.Normal(type, rows + 3, columns).narrow(0, 2, rows),
        _ => throw new ArgumentOutOfRangeException(nameof(layout), layout, "No layout has this name."),
    };

    /// <summary>
    /// What rounding makes of sums of products of standard normal numbers: partial sums reach sqrt(K), K roundings of them add up to K / 2^24, and four
    /// deviations hold for all.
    /// </summary>
    public static double Tolerance(long terms) => 4.0 * terms / (1 << 24) + 1e-6;
}
