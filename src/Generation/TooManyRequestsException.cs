namespace MiniMind.MLNet.Dpo;

/// <summary>A request was refused since as many wait as <see cref="ServingOptions.MostWaiting"/> allows; it can be made again later.</summary>
public sealed class TooManyRequestsException : InvalidOperationException
{
    /// <summary>Says how many wait.</summary>
    /// <param name="waiting">Requests that wait for a place.</param>
    public TooManyRequestsException(int waiting)
        : base($"{waiting} requests wait for a place already, which is the most ({nameof(ServingOptions)}.{nameof(ServingOptions.MostWaiting)}): "
            + "ask again in a while.") => Waiting = waiting;

    /// <summary>How many requests waited.</summary>
    public int Waiting { get; }
}
