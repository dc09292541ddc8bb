using System.Runtime.CompilerServices;
using MiniMind.MLNet.Dpo.Modeling;

namespace MiniMind.MLNet.Dpo.Generation.Decoding;

/// <summary>The packed networks that are in use: each is made once for all who decode with the same network, and freed with the last of them.</summary>
/// <remarks>
/// Thread-safe. Who takes one owns a share of the network meanwhile, so that nobody trains it. What nobody disposes goes with the network itself.
/// </remarks>
internal static class PackedNetworks
{
    private const int AsKept = -1;

    private static readonly ConditionalWeakTable<MiniMindNetwork, Dictionary<int, Entry>> s_entries = [];

    /// <summary>A share of a network's packed weights, which are made if nobody has them yet.</summary>
    /// <param name="network">The network; it must stay until the share is disposed.</param>
    /// <param name="format">How matrices are kept; see <see cref="PackedNetwork"/>.</param>
    public static PackedShare Take(MiniMindNetwork network, FrozenFormat? format)
    {
        Dictionary<int, Entry> formats = s_entries.GetOrCreateValue(network);
        int key = (int)(format ?? (network.Adapter is null ? network.Format : (FrozenFormat)AsKept));
        Entry? entry;
        lock (formats)
        {
            if (!formats.TryGetValue(key, out entry))
                formats.Add(key, entry = new Entry(new Lazy<PackedNetwork>(() => new PackedNetwork(network, format))));
            entry.Owners++;
        }
        try
        {
            return new PackedShare(entry.Packed.Value, () => Return(formats, key, entry)); // packing takes a while, and holds up no other one
        }
        catch
        {
            Return(formats, key, entry);
            throw;
        }
    }

    private static void Return(Dictionary<int, Entry> formats, int key, Entry entry)
    {
        lock (formats)
        {
            if (--entry.Owners > 0)
                return;
            formats.Remove(key);
        }
        if (entry.Packed.IsValueCreated)
            entry.Packed.Value.Dispose();
    }

    private sealed class Entry(Lazy<PackedNetwork> packed)
    {
        public Lazy<PackedNetwork> Packed => packed;

        public int Owners { get; set; }
    }
}
