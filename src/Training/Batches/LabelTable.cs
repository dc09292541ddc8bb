namespace MiniMind.MLNet.Dpo.Training.Batches;

/// <summary>
/// A place of its own for every label in a table of sequences by labels, so that the labels of each sequence can be added in one and the same order on any
/// device.
/// </summary>
/// <param name="Places">The place of each label: its sequence's row, and how many labels of that sequence stand before it, (M).</param>
/// <param name="Width">The most labels that a sequence has.</param>
internal sealed record LabelTable(long[] Places, long Width)
{
    /// <summary>Lays the table out.</summary>
    /// <param name="sequenceOf">The sequence of each label, (M).</param>
    /// <param name="sequences">How many sequences there are.</param>
    public static LabelTable Of(long[] sequenceOf, int sequences)
    {
        long[] before = new long[sequences], columns = new long[sequenceOf.Length];
        for (int i = 0; i < sequenceOf.Length; i++)
            columns[i] = before[sequenceOf[i]]++;
        long width = sequences == 0 ? 0 : before.Max();
        return new LabelTable([.. sequenceOf.Zip(columns, (sequence, column) => sequence * width + column)], width);
    }
}
