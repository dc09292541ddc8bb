namespace MiniMind.MLNet.Dpo.Stress;

/// <summary>The threads beside the trainings of one round, which work until the trainings are done.</summary>
public sealed class Companions
{
    public const string Predictions = "predictions", Chat = "chat", Collector = "collector";
    private readonly List<Thread> _threads = [];
    private readonly List<string> _faults = [];
    private readonly SortedDictionary<string, long> _actions = [];
    private volatile bool _ends;

    /// <summary>Starts the threads that are not left out.</summary>
    public Companions(IReadOnlyList<string> without, IReadOnlyDictionary<string, (Func<string> Act, string Alone)> comparisons)
    {
        foreach ((string name, (Func<string> act, string alone)) in comparisons)
        {
            if (!without.Contains(name))
            {
                Start(name, () =>
                {
                    string now = act();
                    if (now != alone)
                        throw new InvalidOperationException($"gave '{now}', and alone '{alone}'");
                });
            }
        }
        if (!without.Contains(Collector))
            Start(Collector, () => GC.Collect(0));
    }

    /// <summary>What went wrong so far.</summary>
    public IReadOnlyList<string> Faults
    {
        get
        {
            lock (_faults)
                return [.. _faults];
        }
    }

    /// <summary>How often each thread has done its work; to be read when they have ended.</summary>
    public IReadOnlyDictionary<string, long> Actions => _actions;

    /// <summary>An error's type and the beginning of its message: libtorch's go on with a stack.</summary>
    public static string Describe(Exception fault)
    {
        string message = fault.Message.ReplaceLineEndings(" ");
        return $"{fault.GetType().Name}: {message[..Math.Min(message.Length, 120)]}";
    }

    /// <summary>Ends the threads.</summary>
    /// <returns>Whether all ended within the limit.</returns>
    public bool End(TimeSpan limit)
    {
        _ends = true;
        return _threads.All(thread => thread.Join(limit));
    }

    private void Start(string name, Action act)
    {
        Thread thread = new(() =>
        {
            long actions = 0;
            while (!_ends)
            {
                try
                {
                    act();
                }
                catch (Exception fault)
                {
                    lock (_faults)
                        _faults.Add($"{name}: {Describe(fault)}");
                    break;
                }
                actions++;
            }
            lock (_faults)
                _actions[name] = actions;
        })
        { IsBackground = true, Name = name };
        thread.Start();
        _threads.Add(thread);
    }
}
