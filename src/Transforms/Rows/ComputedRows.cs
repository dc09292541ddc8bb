using System.Collections.Concurrent;

namespace MiniMind.MLNet.Dpo.Transforms.Rows;

/// <summary>What a view's batches have computed, kept for its other cursors: whoever reads a view many times has each row computed once. Thread-safe.</summary>
/// <remarks>
/// A view's rows are the same each time that they are read, so nothing that is kept here goes out of date. Of several cursors that want the same rows at once,
/// one computes and the others wait for it. What could not be computed is not kept.
/// </remarks>
/// <param name="mostRows">How many rows are kept; those behind them are computed each time.</param>
internal sealed class ComputedRows(long mostRows)
{
    /// <summary>How many rows a view keeps: of a few numbers each, some 100 MB.</summary>
    public const long Most = 1 << 20;

    private readonly ConcurrentDictionary<long, Group> _groups = new();
    private long _rows;

    /// <summary>Gives what one group of rows has come to.</summary>
    /// <param name="group">The group's number.</param>
    /// <param name="wanted">Which outputs are asked for.</param>
    /// <param name="known">Which outputs there are in what is computed.</param>
    /// <param name="compute">Computes the group.</param>
    public ComputedGroup Of(long group, IReadOnlyList<bool> wanted, IReadOnlyList<bool> known, Func<ComputedGroup> compute)
    {
        if (!_groups.TryGetValue(group, out Group? kept))
        {
            if (Interlocked.Read(ref _rows) >= mostRows)
                return compute();
            kept = _groups.GetOrAdd(group, _ => new Group());
        }
        lock (kept)
        {
            if (kept.Find(wanted) is { } found)
                return found;
            ComputedGroup computed = compute();
            Interlocked.Add(ref _rows, computed.Count);
            kept.Add(known, computed);
            return computed;
        }
    }

    /// <summary>One group's results, by the outputs that they have.</summary>
    private sealed class Group
    {
        private readonly List<(IReadOnlyList<bool> Known, ComputedGroup Computed)> _results = [];

        public ComputedGroup? Find(IReadOnlyList<bool> wanted) =>
            _results.Find(result => wanted.Zip(result.Known).All(output => output.Second || !output.First)).Computed;

        public void Add(IReadOnlyList<bool> known, ComputedGroup computed) => _results.Add((known, computed));
    }
}
