namespace MiniMind.MLNet.Dpo.Generation;

/// <summary>Finds the largest of many logits.</summary>
internal static class LikeliestTokens
{
    /// <summary>The ids of the largest logits, largest first, and of equal ones the lower id first.</summary>
    /// <param name="logits">(V).</param>
    /// <param name="count">How many, from 1 to V.</param>
    public static int[] Of(ReadOnlySpan<float> logits, int count)
    {
        if (count == logits.Length)
            return All(logits);
        PriorityQueue<int, (float, int)> smallestFirst = new(count + 1);
        float smallest = float.NegativeInfinity;
        for (int id = 0; id < logits.Length; id++)
        {
            if (smallestFirst.Count < count)
                smallestFirst.Enqueue(id, (logits[id], -id));
            else if (logits[id] > smallest) // an equal one has a higher id
                smallestFirst.EnqueueDequeue(id, (logits[id], -id));
            else
                continue;
            if (smallestFirst.Count == count)
                smallest = logits[smallestFirst.Peek()];
        }
        int[] ids = new int[smallestFirst.Count];
        for (int i = ids.Length - 1; i >= 0; i--)
            ids[i] = smallestFirst.Dequeue();
        return ids;
    }

    private static int[] All(ReadOnlySpan<float> logits)
    {
        // the bits of a number, and those below zero turned round, are in its order; the id behind them makes equal ones differ
        ulong[] keys = new ulong[logits.Length];
        int[] ids = new int[logits.Length];
        for (int id = 0; id < keys.Length; id++)
        {
            uint bits = BitConverter.SingleToUInt32Bits(logits[id] + 0f); // no zero below zero
            uint rising = (bits & 0x80000000) != 0 ? ~bits : bits | 0x80000000;
            keys[id] = (ulong)~rising << 32 | (uint)id;
        }
        Array.Sort(keys);
        for (int i = 0; i < ids.Length; i++)
            ids[i] = (int)(uint)keys[i];
        return ids;
    }
}
