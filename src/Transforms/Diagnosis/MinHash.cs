namespace MiniMind.MLNet.Dpo.Transforms.Diagnosis;

/// <summary>
/// Signatures in which similar sets agree in part (Broder 1997), by one permutation in bins (Li, Owen and Zhang 2012) whose empty ones borrow (Shrivastava
/// 2017), cut into bands: sets of Jaccard similarity s share a band with probability 1 - (1 - s^6)^21, at 0.8 that is 0.998.
/// </summary>
internal sealed class MinHash(int seed)
{
    private const int BandCount = 21, RowsInBand = 6, Bins = BandCount * RowsInBand;
    private readonly ulong _seed = Mix((ulong)(uint)seed + 1);
    private readonly ulong[] _least = new ulong[Bins], _borrowed = new ulong[Bins];

    /// <summary>The bands of a set, each with its place in it; none of an empty one. Not thread-safe.</summary>
    public ulong[] Bands(ReadOnlySpan<uint> shingles)
    {
        if (shingles.IsEmpty)
            return [];
        Array.Fill(_least, ulong.MaxValue);
        foreach (uint shingle in shingles)
        {
            ulong hash = Mix(shingle ^ _seed);
            int bin = (int)Math.BigMul(hash, Bins, out ulong rest);
            if (rest < _least[bin])
                _least[bin] = rest;
        }
        for (int bin = 0; bin < Bins; bin++)
            _borrowed[bin] = _least[Filled(bin)];
        ulong[] bands = new ulong[BandCount];
        for (int band = 0; band < BandCount; band++)
        {
            ulong hash = (ulong)band + 1;
            for (int row = 0; row < RowsInBand; row++)
                hash = Mix(hash ^ _borrowed[band * RowsInBand + row]);
            bands[band] = hash;
        }
        return bands;
    }

    private int Filled(int bin)
    {
        int filled = bin;
        for (ulong attempt = 1; _least[filled] == ulong.MaxValue; attempt++)
            filled = (int)(Mix(_seed + (ulong)bin * 0x10001 + attempt) % Bins);
        return filled;
    }

    private static ulong Mix(ulong value)
    {
        value = (value ^ (value >> 30)) * 0xBF58476D1CE4E5B9;
        value = (value ^ (value >> 27)) * 0x94D049BB133111EB;
        return value ^ (value >> 31);
    }
}
