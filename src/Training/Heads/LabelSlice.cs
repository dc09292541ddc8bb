namespace MiniMind.MLNet.Dpo.Training.Heads;

/// <summary>Consecutive labels whose logits exist at once.</summary>
/// <param name="Start">Index of the first label.</param>
/// <param name="Count">How many.</param>
/// <param name="Group">The one group that it is a part of; -1 where its groups are whole.</param>
internal readonly record struct LabelSlice(long Start, long Count, int Group)
{
    /// <summary>
    /// Cuts a batch's labels into slices of at most the given size: whole groups together where they fit, the parts of a larger group one after the other.
    /// </summary>
    /// <param name="groupLabels">How many labels each group has, in the order of the labels.</param>
    /// <param name="most">The most labels of a slice.</param>
    public static IEnumerable<LabelSlice> Of(IReadOnlyList<long> groupLabels, long most)
    {
        long start = 0, whole = 0;
        for (int group = 0; group < groupLabels.Count; group++)
        {
            long count = groupLabels[group];
            if (whole > 0 && whole + count > most)
            {
                yield return new LabelSlice(start, whole, -1);
                (start, whole) = (start + whole, 0);
            }
            if (count <= most)
            {
                whole += count;
                continue;
            }
            long parts = (count + most - 1) / most, end = start + count;
            for (long part = 0; part < parts; part++)
            {
                long size = (end - start + parts - part - 1) / (parts - part);
                yield return new LabelSlice(start, size, group);
                start += size;
            }
        }
        if (whole > 0)
            yield return new LabelSlice(start, whole, -1);
    }
}
