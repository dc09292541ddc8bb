using static TorchSharp.torch;

namespace MiniMind.MLNet.Dpo.CpuKernels;

/// <summary>Where rows go that are dealt out to groups, each to several: places group by group, and in each group in the order of the rows.</summary>
/// <remarks>
/// A group's places are a multiple of <see cref="Step"/>, and those behind its last row stay empty: products of ever new heights would have the library for
/// them make ever new code.
/// </remarks>
public sealed class RowRoutes
{
    /// <summary>What the number of a group's places is a multiple of.</summary>
    public const int Step = 32;

    private readonly int[] _rowOf, _slotOf, _groupOf, _placeOf, _starts;

    private RowRoutes(int rows, int groups, int perRow)
    {
        (Rows, PerRow, _starts, _placeOf) = (rows, perRow, new int[groups + 1], new int[rows * perRow]);
        (_rowOf, _slotOf, _groupOf) = ([], [], []);
    }

    private RowRoutes(RowRoutes counted, int[] rowOf, int[] slotOf, int[] groupOf)
    {
        (Rows, PerRow, _starts, _placeOf) = (counted.Rows, counted.PerRow, counted._starts, counted._placeOf);
        (_rowOf, _slotOf, _groupOf) = (rowOf, slotOf, groupOf);
    }

    /// <summary>Rows that are dealt out.</summary>
    internal int Rows { get; }

    /// <summary>Groups that each row goes to.</summary>
    internal int PerRow { get; }

    /// <summary>How many groups there are.</summary>
    internal int Groups => _starts.Length - 1;

    /// <summary>Places of all groups, empty ones included.</summary>
    internal int Places => _starts[^1];

    /// <summary>The first place of a group, or the place behind the last group's.</summary>
    public int Start(int group) => _starts[group];

    /// <summary>Places of a group; 0 where no row goes to it.</summary>
    public int Count(int group) => _starts[group + 1] - _starts[group];

    /// <summary>The row of each place; -1 for an empty one.</summary>
    internal ReadOnlySpan<int> RowOf => _rowOf;

    /// <summary>Which of the choices of all rows, row by row, each place is; -1 for an empty one.</summary>
    internal ReadOnlySpan<int> SlotOf => _slotOf;

    /// <summary>The group of each place.</summary>
    internal ReadOnlySpan<int> GroupOf => _groupOf;

    /// <summary>The places of each row, ascending, row by row.</summary>
    internal ReadOnlySpan<int> PlaceOf => _placeOf;

    /// <summary>Deals rows out.</summary>
    /// <param name="chosen">The groups of each row, (N, K), int64, on the CPU; a row's are different from each other.</param>
    /// <param name="groups">How many there are.</param>
    public static unsafe RowRoutes Of(Tensor chosen, int groups)
    {
        (int rows, int perRow) = (checked((int)chosen.shape[0]), checked((int)chosen.shape[1]));
        ReadOnlySpan<long> group = new(KernelMemory.Bytes(chosen), rows * perRow);
        RowRoutes counted = new(rows, groups, perRow);
        int[] counts = new int[groups];
        foreach (long taken in group)
            counts[taken]++;
        for (int i = 0; i < groups; i++)
            counted._starts[i + 1] = counted._starts[i] + (counts[i] + Step - 1) / Step * Step;

        int[] rowOf = new int[counted.Places], slotOf = new int[counted.Places], groupOf = new int[counted.Places], next = counted._starts[..groups];
        Array.Fill(rowOf, -1);
        Array.Fill(slotOf, -1);
        for (int slot = 0; slot < group.Length; slot++)
        {
            int place = next[group[slot]]++;
            (rowOf[place], slotOf[place]) = (slot / perRow, slot);
        }
        int[] places = new int[rows]; // so many of each row are known
        for (int i = 0; i < groups; i++)
        {
            for (int place = counted._starts[i]; place < counted._starts[i + 1]; place++)
            {
                groupOf[place] = i;
                if (rowOf[place] is >= 0 and int row)
                    counted._placeOf[row * perRow + places[row]++] = place;
            }
        }
        return new RowRoutes(counted, rowOf, slotOf, groupOf);
    }
}
