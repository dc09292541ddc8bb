using MiniMind.MLNet.Dpo.Training.Distributed;

namespace MiniMind.MLNet.Dpo.Tests.Infrastructure;

/// <summary>Ranks as threads of one process, for what needs several ranks but no launcher.</summary>
internal sealed class SharedMemory : IDisposable
{
    private readonly Barrier _barrier;
    private readonly object?[] _slots;

    public SharedMemory(int size)
    {
        _barrier = new Barrier(size);
        _slots = new object?[size];
    }

    public int Size => _slots.Length;

    /// <summary>Runs the work of every rank on a thread of its own and gives back their results, in rank order.</summary>
    public static T[] Run<T>(int size, Func<ICommunicator, T> work)
    {
        using SharedMemory memory = new(size);
        T[] results = new T[size];
        Exception?[] failures = new Exception?[size];
        Thread[] threads = [.. Enumerable.Range(0, size).Select(rank => new Thread(() =>
        {
            try
            {
                using SharedMemoryCommunicator communicator = new(memory, rank);
                results[rank] = work(communicator);
            }
            catch (Exception failure)
            {
                failures[rank] = failure;
                memory._barrier.RemoveParticipant();
            }
        }))];
        foreach (Thread thread in threads)
            thread.Start();
        foreach (Thread thread in threads)
            thread.Join();
        if (failures.FirstOrDefault(failure => failure is not null) is { } first)
            throw new AggregateException(first);
        return results;
    }

    public void Dispose() => _barrier.Dispose();

    /// <summary>Shows every rank the values of all.</summary>
    public TResult Exchange<T, TResult>(int rank, T value, Func<T[], TResult> use)
    {
        _slots[rank] = value;
        _barrier.SignalAndWait();
        TResult result = use(Array.ConvertAll(_slots, slot => (T)slot!));
        _barrier.SignalAndWait();
        return result;
    }
}
