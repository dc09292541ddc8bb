namespace MiniMind.MLNet.Dpo.Modeling;

/// <summary>One network that several owners use; the last one to let go disposes it.</summary>
/// <remarks>While it is shared nobody trains it. Thread-safe.</remarks>
internal sealed class SharedNetwork
{
    private readonly Counter _owners;
    private int _released;

    /// <summary>Takes a network over; the caller is its first owner.</summary>
    public SharedNetwork(MiniMindNetwork network) : this(new Counter(network))
    {
    }

    private SharedNetwork(Counter owners) => _owners = owners;

    /// <summary>The network.</summary>
    /// <exception cref="ObjectDisposedException">This owner has let go.</exception>
    public MiniMindNetwork Network => _released == 0 ? _owners.Network : throw new ObjectDisposedException(nameof(MiniMindNetwork));

    /// <summary>Whether this owner has let go.</summary>
    public bool IsReleased => _released != 0;

    /// <summary>A further owner of the same network.</summary>
    public SharedNetwork Share()
    {
        ObjectDisposedException.ThrowIf(!_owners.TryAdd(), typeof(MiniMindNetwork));
        return new SharedNetwork(_owners);
    }

    /// <summary>Lets go; further calls do nothing.</summary>
    public void Release()
    {
        if (Interlocked.Exchange(ref _released, 1) == 0)
            _owners.Remove();
    }

    private sealed class Counter(MiniMindNetwork network)
    {
        private readonly Lock _change = new();
        private int _count = 1;

        public MiniMindNetwork Network => network;

        public bool TryAdd()
        {
            lock (_change)
                return _count > 0 && ++_count > 0;
        }

        public void Remove()
        {
            lock (_change)
            {
                if (--_count == 0)
                    network.Dispose();
            }
        }
    }
}
