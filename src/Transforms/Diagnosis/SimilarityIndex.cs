namespace MiniMind.MLNet.Dpo.Transforms.Diagnosis;

/// <summary>Finds texts that may be similar, in time and memory that grow with their number: locality-sensitive hashing by the bands of a signature.</summary>
internal sealed class SimilarityIndex
{
    private const int MostInBucket = 4; // of the first; the others are like one of them, or by chance there
    private readonly Dictionary<ulong, int[]> _buckets = [];

    /// <summary>The texts taken up that share a band.</summary>
    public IEnumerable<int> Candidates(ulong[] bands)
    {
        HashSet<int>? found = null;
        foreach (ulong band in bands)
        {
            if (_buckets.TryGetValue(band, out int[]? bucket))
                (found ??= []).UnionWith(bucket);
        }
        return found is null ? [] : found.Order();
    }

    /// <summary>Takes a text up.</summary>
    public void Add(int text, ulong[] bands)
    {
        foreach (ulong band in bands)
        {
            if (!_buckets.TryGetValue(band, out int[]? bucket))
                _buckets[band] = [text];
            else if (bucket.Length < MostInBucket)
                _buckets[band] = [.. bucket, text];
        }
    }
}
