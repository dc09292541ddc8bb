namespace MiniMind.MLNet.Dpo.Training.Distributed;

/// <summary>How processes are connected by MPI.</summary>
public sealed class MpiOptions
{
    /// <summary>
    /// The MPI library's file or name; by default the environment variable <c>MINIMIND_MPI_LIBRARY</c>, else what the launcher belongs to, else what can be
    /// loaded.
    /// </summary>
    public string? Library { get; init; }

    /// <summary>How long a rank waits for the others, at the start, in a collective and at the end; 10 minutes, as PyTorch's process groups on GPUs.</summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromMinutes(10);

    /// <summary>The most elements that one call takes; MPI counts in 32-bit integers.</summary>
    internal int LargestCount { get; init; } = int.MaxValue;

    internal void Validate()
    {
        if (Timeout <= TimeSpan.Zero || Timeout.TotalMilliseconds > int.MaxValue)
            throw new ArgumentOutOfRangeException(nameof(Timeout), Timeout, "MpiOptions.Timeout must be positive and at most 24 days.");
    }
}
