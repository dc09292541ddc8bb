using System.Diagnostics;
using System.Runtime.InteropServices;

namespace MiniMind.MLNet.Dpo.CpuKernels.Decoding;

/// <summary>Threads that share out work of a few microseconds; the process has one team, which one caller at a time has.</summary>
/// <remarks>
/// Waking a thread takes longer than most products of a decoded token. So the caller begins by itself, and whoever of the team is awake takes parts too;
/// nobody waits for a thread that has not begun. A thread that finds nothing to do looks on for some 50 microseconds, which is about what passes between two
/// tokens, and then sleeps. Where the processors are busy otherwise, the caller does the work alone, and loses only what a thread had begun when the
/// system took its processor away.
/// </remarks>
internal sealed class WorkTeam
{
    private const long Closed = int.MaxValue; // no part that any work has

    private static readonly long s_watch = Stopwatch.Frequency / 20_000, s_patience = Stopwatch.Frequency / 100_000; // 50 and 10 microseconds
    private static readonly WorkTeam s_process = new();

    private readonly Lock _one = new();
    private readonly SemaphoreSlim _wake = new(0);
    private readonly List<Thread> _threads = [];
    private Places _places;
    private TeamWork? _work;
    private Exception? _failure;
    private volatile int _parts, _helpers;

    private WorkTeam() => _places.Next = Closed;

    /// <summary>Does all parts, on the team's threads too where it is free, and returns when the last is done.</summary>
    /// <param name="work">The work.</param>
    /// <param name="parts">How many parts it has.</param>
    /// <param name="threads">The most threads, the caller's own included.</param>
    public static void Run(TeamWork work, int parts, int threads)
    {
        int helpers = Math.Min(threads, parts) - 1;
        if (helpers > 0 && s_process._one.TryEnter())
        {
            try
            {
                s_process.Share(work, parts, helpers);
            }
            finally
            {
                s_process._one.Exit();
            }
            return;
        }
        for (int part = 0; part < parts; part++)
            work.Do(part);
    }

    private void Share(TeamWork work, int parts, int helpers)
    {
        while (_threads.Count < helpers)
            Add();
        (_work, _parts, _failure, _helpers) = (work, parts, null, helpers);
        _places.Done = 0;
        // the round's number above, the next part's below: a part is taken by raising both at once, so that nobody takes one of another round
        long round = ((Volatile.Read(ref _places.Next) >> 32) + 1) << 32;
        Volatile.Write(ref _places.Next, round);
        for (int wanted = Math.Min(Volatile.Read(ref _places.Sleeping), helpers); wanted > 0 && TryWake(); wanted--)
        {
        }
        while (TryPart())
        {
        }
        long begun = 0;
        while (Volatile.Read(ref _places.Done) < parts)
        {
            Thread.SpinWait(4);
            long now = Stopwatch.GetTimestamp();
            begun = begun == 0 ? now : begun;
            if (now - begun > s_patience)
                Thread.Yield(); // who has the part may be waiting for this processor
        }
        Volatile.Write(ref _places.Next, round | Closed);
        _work = null;
        if (_failure is not null)
            throw new InvalidOperationException("A kernel failed.", _failure);
    }

    private bool TryWake()
    {
        int sleeping = Volatile.Read(ref _places.Sleeping);
        if (sleeping == 0 || Interlocked.CompareExchange(ref _places.Sleeping, sleeping - 1, sleeping) != sleeping)
            return false;
        _wake.Release();
        return true;
    }

    /// <summary>Does the next part; false where none is left.</summary>
    private bool TryPart()
    {
        long next = Volatile.Read(ref _places.Next);
        TeamWork? work = _work;
        int part = (int)(next & int.MaxValue), parts = _parts;
        if (work is null || part >= parts || Interlocked.CompareExchange(ref _places.Next, next + 1, next) != next)
            return part < parts && work is not null;
        try
        {
            work.Do(part);
        }
        catch (Exception failure)
        {
            _failure = failure;
        }
        Interlocked.Increment(ref _places.Done);
        return true;
    }

    private void Add()
    {
        int place = _threads.Count;
        Thread thread = new(() => Help(place)) { IsBackground = true, Name = "decoding" };
        _threads.Add(thread);
        thread.Start();
    }

    private void Help(int place)
    {
        long idle = Stopwatch.GetTimestamp();
        while (true)
        {
            if (place < _helpers && TryPart())
            {
                idle = Stopwatch.GetTimestamp();
            }
            else if (Stopwatch.GetTimestamp() - idle < s_watch)
            {
                Thread.SpinWait(4);
            }
            else
            {
                Interlocked.Increment(ref _places.Sleeping);
                _wake.Wait();
                idle = Stopwatch.GetTimestamp();
            }
        }
    }

    /// <summary>What threads write at the same time, each in a cache line of its own.</summary>
    [StructLayout(LayoutKind.Explicit, Size = 4 * 64)]
    private struct Places
    {
        [FieldOffset(64)]
        public long Next;

        [FieldOffset(128)]
        public int Done;

        [FieldOffset(192)]
        public int Sleeping;
    }
}
