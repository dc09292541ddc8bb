using System.Runtime.CompilerServices;
using MiniMind.MLNet.Dpo.Modeling;

namespace MiniMind.MLNet.Dpo.Generation;

/// <summary>A chat client's share of a model that is served; the model is let go of with the last one.</summary>
/// <remarks>Thread-safe.</remarks>
internal sealed class ServedModel : IDisposable
{
    // those of one network with equal options have one scheduler, as long as one of them is there
    private static readonly ConditionalWeakTable<MiniMindNetwork, List<Served>> s_served = [];

    private readonly Served _served;
    private int _disposed;

    private ServedModel(Served served) => _served = served;

    /// <summary>How it is served.</summary>
    public ServingOptions Options => _served.Options;

    /// <summary>What is done now for all who have a share.</summary>
    public ServingStatus Status => _served.Scheduler.Status;

    /// <summary>Whether this share was let go of.</summary>
    public bool IsDisposed => Volatile.Read(ref _disposed) != 0;

    /// <summary>Entries of the vocabulary.</summary>
    public int VocabularySize => _served.Scheduler.Model.VocabularySize;

    /// <summary>The most tokens of a sequence.</summary>
    public int MaxPositions => _served.Scheduler.Model.MaxPositions;

    /// <summary>The first share of a model, which it takes over.</summary>
    public static ServedModel Of(IReadableModel model, ServingOptions options) => new(new Served(model, options, null));

    /// <summary>A further share of a network that is served so already, or the first one.</summary>
    /// <param name="network">Somebody's share of the network, which stays theirs.</param>
    /// <param name="options">How to serve it.</param>
    /// <param name="decoding">How to read it.</param>
    /// <exception cref="ObjectDisposedException">Its owner has let go of it.</exception>
    /// <exception cref="NotSupportedException">It cannot be read so.</exception>
    public static ServedModel Of(SharedNetwork network, ServingOptions options, DecodingOptions decoding)
    {
        List<Served> all = s_served.GetOrCreateValue(network.Network);
        lock (all)
        {
            if (all.Find(served => served.Options == options && served.Decoding == decoding) is { } present)
            {
                present.Shares++;
                return new ServedModel(present);
            }
            Served first = new(Model(network.Share(), decoding), options, all) { Decoding = decoding };
            all.Add(first);
            return new ServedModel(first);
        }
    }

    /// <summary>Has an answer made.</summary>
    /// <exception cref="TooManyRequestsException">As many wait as may.</exception>
    /// <exception cref="ObjectDisposedException">The share was let go of.</exception>
    public ScheduledAnswer Start(ChatAnswer answer)
    {
        ScheduledAnswer scheduled = _served.Scheduler.Start(answer, this);
        if (IsDisposed)
            scheduled.Leave(); // it came behind the end of all
        ThrowIfEnded();
        return scheduled;
    }

    /// <summary>Ends an answer whose share was let go of.</summary>
    /// <exception cref="ObjectDisposedException">It was.</exception>
    public void ThrowIfEnded()
    {
        if (IsDisposed)
            throw AnswerScheduler.Ended();
    }

    /// <summary>Ends all answers of this share; returns within a second.</summary>
    public void Dispose()
    {
        if (Interlocked.Exchange(ref _disposed, 1) != 0)
            return;
        if (_served.IsLast())
            _served.Scheduler.Dispose();
        else
            _served.Scheduler.EndAll(this);
    }

    private static NetworkModel Model(SharedNetwork share, DecodingOptions decoding)
    {
        try
        {
            return new NetworkModel(share, decoding);
        }
        catch
        {
            share.Release();
            throw;
        }
    }

    private sealed class Served(IReadableModel model, ServingOptions options, List<Served>? all)
    {
        private readonly object _change = all ?? new object();

        public ServingOptions Options => options;

        public DecodingOptions? Decoding { get; init; }

        public AnswerScheduler Scheduler { get; } = new(model, options);

        /// <summary>How many shares there are; changed under the lock of the network's.</summary>
        public int Shares { get; set; } = 1;

        /// <summary>Lets go of one.</summary>
        /// <returns>Whether it was the last.</returns>
        public bool IsLast()
        {
            lock (_change)
            {
                if (--Shares > 0)
                    return false;
                all?.Remove(this);
                return true;
            }
        }
    }
}
