namespace MiniMind.MLNet.Dpo.Training.Distributed;

/// <summary>Records what a rank does, so that a rank that stands still can be told from one that waits for it.</summary>
/// <remarks>Thread-safe. Collectives record themselves; code that computes for long between two collectives calls <see cref="Report"/>.</remarks>
public sealed class CommunicatorActivity
{
    private readonly Lock _lock = new();
    private readonly TimeProvider _clock;
    private long _since;
    private string _doing = "starting";
    private bool _inCollective;

    internal CommunicatorActivity(TimeProvider clock)
    {
        _clock = clock;
        _since = clock.GetTimestamp();
    }

    /// <summary>Says that this rank makes progress, and with what; the time it may spend without a collective starts anew.</summary>
    /// <param name="doing">For the error text, for example <c>evaluation, pair 1200 of 5000</c>.</param>
    public void Report(string doing) => Set(doing, inCollective: false);

    internal ActivitySnapshot Now
    {
        get
        {
            lock (_lock)
                return new ActivitySnapshot(_inCollective, _doing, _clock.GetElapsedTime(_since));
        }
    }

    internal void Enter(string collective) => Set(collective, inCollective: true);

    internal void Leave(string collective) => Set("after " + collective, inCollective: false);

    private void Set(string doing, bool inCollective)
    {
        lock (_lock)
            (_doing, _inCollective, _since) = (doing, inCollective, _clock.GetTimestamp());
    }
}
