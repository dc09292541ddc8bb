using System.Numerics;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace MiniMind.MLNet.Dpo.Generation;

/// <summary>Finds the largest logits, largest first and of equal ones the first; its memory serves one call after the other.</summary>
/// <remarks>
/// A few are kept in a heap, into which only those come that exceed the least of them: most logits are looked at once, sixteen at a time. Where many are
/// wanted, all are sorted by their digits (a radix sort), which takes as long for any order.
/// </remarks>
internal sealed class LikeliestTokens
{
    private const int FewTokens = 512;
    private const int DigitBits = 11, Digits = 1 << DigitBits;

    // the upper half orders by the logit, largest first, the lower half is the id
    private ulong[] _keys = [], _other = [];
    private int[] _ids = [];

    /// <summary>The ids of the largest logits.</summary>
    /// <param name="logits">(V), none of them NaN.</param>
    /// <param name="count">How many are wanted, at least 1; at most all are given.</param>
    /// <returns>Good until the next call.</returns>
    public ReadOnlySpan<int> Of(ReadOnlySpan<float> logits, int count)
    {
        count = Math.Min(count, logits.Length);
        ReadOnlySpan<ulong> sorted = count <= FewTokens && count < logits.Length ? Few(logits, count) : All(logits)[..count];
        if (_ids.Length < count)
            _ids = new int[count];
        for (int i = 0; i < count; i++)
            _ids[i] = (int)(uint)sorted[i];
        return _ids.AsSpan(0, count);
    }

    private ReadOnlySpan<ulong> Few(ReadOnlySpan<float> logits, int count)
    {
        if (_keys.Length < count)
            _keys = new ulong[count];
        Span<ulong> heap = _keys.AsSpan(0, count); // the key of the one that goes next is the largest, and the first
        for (int id = 0; id < count; id++)
            heap[id] = Key(logits[id], id);
        for (int place = count / 2 - 1; place >= 0; place--)
            Sink(heap, place);
        ReadOnlySpan<Vector512<float>> vectors = MemoryMarshal.Cast<float, Vector512<float>>(logits[count..]);
        Vector512<float> least = Vector512.Create(logits[(int)(uint)heap[0]]); // of equal logits, the first ones are there already
        for (int i = 0; i < vectors.Length; i++)
        {
            ulong above = Vector512.GreaterThan(vectors[i], least).ExtractMostSignificantBits();
            if (above == 0)
                continue;
            for (; above != 0; above &= above - 1)
                Replace(heap, logits, count + i * Vector512<float>.Count + BitOperations.TrailingZeroCount(above));
            least = Vector512.Create(logits[(int)(uint)heap[0]]);
        }
        for (int id = count + vectors.Length * Vector512<float>.Count; id < logits.Length; id++)
            Replace(heap, logits, id);
        heap.Sort();
        return heap;
    }

    private static void Replace(Span<ulong> heap, ReadOnlySpan<float> logits, int id)
    {
        ulong key = Key(logits[id], id);
        if (key >= heap[0])
            return;
        heap[0] = key;
        Sink(heap, 0);
    }

    private static void Sink(Span<ulong> heap, int place)
    {
        ulong key = heap[place];
        for (int child; (child = 2 * place + 1) < heap.Length; place = child)
        {
            if (child + 1 < heap.Length && heap[child + 1] > heap[child])
                child++;
            if (heap[child] <= key)
                break;
            heap[place] = heap[child];
        }
        heap[place] = key;
    }

    private ReadOnlySpan<ulong> All(ReadOnlySpan<float> logits)
    {
        if (_keys.Length < logits.Length)
            _keys = new ulong[logits.Length];
        if (_other.Length < logits.Length)
            _other = new ulong[logits.Length];
        for (int id = 0; id < logits.Length; id++)
            _keys[id] = Key(logits[id], id);
        Span<ulong> from = _keys.AsSpan(0, logits.Length), to = _other.AsSpan(0, logits.Length);
        Span<int> places = stackalloc int[Digits];
        for (int shift = 32; shift < 64; shift += DigitBits)
        {
            places.Clear();
            foreach (ulong key in from)
                places[(int)(key >> shift) & (Digits - 1)]++;
            int sum = 0;
            foreach (ref int place in places)
                (place, sum) = (sum, sum + place);
            foreach (ulong key in from)
                to[places[(int)(key >> shift) & (Digits - 1)]++] = key; // equal digits keep their order, and so do equal logits
            Span<ulong> sorted = to;
            to = from;
            from = sorted;
        }
        return from;
    }

    private static ulong Key(float logit, int id)
    {
        uint bits = BitConverter.SingleToUInt32Bits(logit + 0f); // -0 is as large as 0
        uint ascending = (bits & 0x8000_0000) == 0 ? bits | 0x8000_0000 : ~bits;
        return (ulong)~ascending << 32 | (uint)id;
    }
}
