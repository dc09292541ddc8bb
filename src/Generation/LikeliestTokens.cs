using System.Numerics;
using System.Runtime.InteropServices;

namespace MiniMind.MLNet.Dpo.Generation;

/// <summary>Finds the largest logits, largest first and of equal ones the first; its memory serves one call after the other.</summary>
/// <remarks>
/// A few are kept in a small list of candidates, into which only those come that exceed the last one that is certain to stay: most logits are looked at once,
/// many at a time. Where many are wanted, all are sorted by their digits (a radix sort), which takes as long for any order.
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
        int room = 4 * count + Vector<float>.Count, held = 0;
        if (_keys.Length < room)
            _keys = new ulong[room];
        float least = float.NegativeInfinity; // what comes behind enough candidates must exceed it
        int id = 0;
        for (; id < count; id++)
            _keys[held++] = Key(logits[id], id);
        least = Cut(held, count, logits);
        foreach (ref readonly Vector<float> vector in MemoryMarshal.Cast<float, Vector<float>>(logits[count..]))
        {
            if (Vector.GreaterThanAny(vector, new Vector<float>(least)))
            {
                for (int i = 0; i < Vector<float>.Count; i++)
                {
                    if (vector[i] > least)
                        _keys[held++] = Key(vector[i], id + i);
                }
                if (held > 4 * count)
                    (least, held) = (Cut(held, count, logits), count);
            }
            id += Vector<float>.Count;
        }
        for (; id < logits.Length; id++)
        {
            if (logits[id] > least)
                _keys[held++] = Key(logits[id], id);
            if (held > 4 * count)
                (least, held) = (Cut(held, count, logits), count);
        }
        Cut(held, count, logits);
        return _keys.AsSpan(0, count);
    }

    /// <summary>Sorts the candidates.</summary>
    /// <returns>The last logit that stays.</returns>
    private float Cut(int held, int count, ReadOnlySpan<float> logits)
    {
        _keys.AsSpan(0, held).Sort();
        return logits[(int)(uint)_keys[count - 1]];
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
