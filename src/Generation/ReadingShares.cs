namespace MiniMind.MLNet.Dpo.Generation;

/// <summary>Divides the room of a pass among sequences that are being read.</summary>
internal static class ReadingShares
{
    /// <summary>How many tokens each reads.</summary>
    /// <remarks>
    /// The first one, which waits for longest, gets half of the room, so that it comes to its end whatever follows; the rest goes to the shortest, so that a
    /// short prompt does not wait for a long one; what is left goes to the others in order.
    /// </remarks>
    /// <param name="lengths">How many tokens each has left to read, at least 1, those that came first before the others.</param>
    /// <param name="room">How many tokens all may read together, at least 1.</param>
    public static int[] Of(IReadOnlyList<int> lengths, int room)
    {
        int[] shares = new int[lengths.Count];
        if (shares.Length == 0)
            return shares;
        void Give(int index, int most)
        {
            int given = Math.Min(most, lengths[index] - shares[index]);
            shares[index] += given;
            room -= given;
        }

        Give(0, (room + 1) / 2);
        foreach (int index in Enumerable.Range(0, shares.Length).OrderBy(index => lengths[index]))
            Give(index, room);
        return shares;
    }
}
