namespace MiniMind.MLNet.Dpo.Training.Optimization;

/// <summary>A stretch of a flat buffer that one rule of weight decay covers.</summary>
/// <param name="Start">Its first element, a multiple of <see cref="FlatBuffer.Alignment"/>.</param>
/// <param name="Length">Its number of elements, a multiple of <see cref="FlatBuffer.Alignment"/>: the gap behind the last parameter belongs to it.</param>
/// <param name="Decays">Whether weight decay applies to it.</param>
internal readonly record struct FlatRange(long Start, long Length, bool Decays)
{
    /// <summary>Joins neighbouring parameters under the same rule of decay.</summary>
    /// <param name="slices">Slices in the order of their offsets, without holes wider than the alignment.</param>
    public static IReadOnlyList<FlatRange> Join(IEnumerable<ParameterSlice> slices)
    {
        List<FlatRange> joined = [];
        foreach (ParameterSlice slice in slices)
        {
            long length = FlatBuffer.RoundUp(slice.Length);
            if (joined.Count > 0 && joined[^1].Decays == slice.Decays)
                joined[^1] = joined[^1] with { Length = joined[^1].Length + length };
            else
                joined.Add(new FlatRange(slice.Offset, length, slice.Decays));
        }
        return joined;
    }

    /// <summary>Cuts ranges into pieces of at most <paramref name="pieceLength"/> elements.</summary>
    /// <remarks>The cuts depend on the parameters alone, so what is summed per piece is the same at any number of threads.</remarks>
    public static IReadOnlyList<FlatRange> Cut(IEnumerable<FlatRange> ranges, int pieceLength)
    {
        List<FlatRange> pieces = [];
        foreach (FlatRange range in ranges)
        {
            for (long done = 0; done < range.Length; done += pieceLength)
                pieces.Add(new FlatRange(range.Start + done, Math.Min(pieceLength, range.Length - done), range.Decays));
        }

        return pieces;
    }
}
