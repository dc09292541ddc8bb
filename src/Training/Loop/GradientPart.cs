using MiniMind.MLNet.Dpo.Training.Optimization;

namespace MiniMind.MLNet.Dpo.Training.Loop;

/// <summary>A stretch of the flat gradients that is exchanged at once.</summary>
/// <param name="Stage">The stage of the backward pass after which all of it is complete.</param>
/// <param name="Start">Its first element.</param>
/// <param name="Length">Its number of elements.</param>
internal readonly record struct GradientPart(int Stage, long Start, long Length)
{
    /// <summary>Cuts the flat gradients into parts, in the order in which a backward pass completes them.</summary>
    /// <param name="slices">The parameters, in the order of their offsets.</param>
    /// <param name="end">The number of elements.</param>
    /// <param name="stageOf">The stage with which a parameter's gradient is complete; stages run down to 0.</param>
    /// <param name="smallest">The least elements of a part: less is joined with what is complete next.</param>
    public static IReadOnlyList<GradientPart> Cut(IReadOnlyList<ParameterSlice> slices, long end, Func<string, int> stageOf, long smallest)
    {
        List<GradientPart> parts = [];
        foreach (ParameterSlice slice in slices.Reverse())
        {
            int stage = stageOf(slice.Name);
            long start = parts.Count > 0 ? parts[^1].Start : end;
            if (parts.Count > 0 && (parts[^1].Stage == stage || parts[^1].Length < smallest))
                parts[^1] = new GradientPart(Math.Min(stage, parts[^1].Stage), slice.Offset, parts[^1].Start + parts[^1].Length - slice.Offset);
            else
                parts.Add(new GradientPart(stage, slice.Offset, start - slice.Offset));
        }
        return [.. parts.OrderByDescending(part => part.Stage)];
    }
}
