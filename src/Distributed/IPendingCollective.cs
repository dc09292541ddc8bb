namespace MiniMind.MLNet.Dpo.Training.Distributed;

/// <summary>A collective that has begun and runs beside the caller's own work; <see cref="Wait"/> is called once, on every rank.</summary>
public interface IPendingCollective
{
    /// <summary>Whether <see cref="Wait"/> would return at once.</summary>
    bool IsCompleted { get; }

    /// <summary>Returns when the result may be read.</summary>
    /// <exception cref="CommunicationException">Another rank did not arrive in time, or the library reports an error.</exception>
    void Wait();
}
