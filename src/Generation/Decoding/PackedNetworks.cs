using MiniMind.MLNet.Dpo.Modeling;

namespace MiniMind.MLNet.Dpo.Generation.Decoding;

/// <summary>The packed networks that are in use: each is made once for all who decode with the same network, and freed with the last of them.</summary>
/// <remarks>Thread-safe. Who takes one owns a share of the network meanwhile, so that nobody trains it.</remarks>
internal static class PackedNetworks
{
    private static readonly Lock s_change = new();
    private static readonly Dictionary<(MiniMindNetwork Network, FrozenFormat? Format), Entry> s_entries = [];

    /// <summary>How many there are.</summary>
    public static int Count
    {
        get
        {
            lock (s_change)
                return s_entries.Count;
        }
    }

    /// <summary>A share of a network's packed weights, which are made if nobody has them yet.</summary>
    /// <param name="network">The network; it must stay until the share is disposed.</param>
    /// <param name="format">How matrices are kept; see <see cref="PackedNetwork"/>.</param>
    public static PackedShare Take(MiniMindNetwork network, FrozenFormat? format)
    {
        (MiniMindNetwork, FrozenFormat?) key = (network, format);
        Entry? entry;
        lock (s_change)
        {
            if (!s_entries.TryGetValue(key, out entry))
                s_entries.Add(key, entry = new Entry(new Lazy<PackedNetwork>(() => new PackedNetwork(network, format))));
            entry.Owners++;
        }
        try
        {
            return new PackedShare(entry.Packed.Value, () => Return(key, entry)); // packing takes a while, and holds up no other network
        }
        catch
        {
            Return(key, entry);
            throw;
        }
    }

    private static void Return((MiniMindNetwork, FrozenFormat?) key, Entry entry)
    {
        lock (s_change)
        {
            if (--entry.Owners > 0)
                return;
            s_entries.Remove(key);
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
