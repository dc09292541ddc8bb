using Microsoft.Extensions.Logging;

namespace MiniMind.MLNet.Dpo;

/// <summary>How a model file is watched.</summary>
public sealed record WatchedModelOptions
{
    /// <summary>
    /// How often the file is looked at. A changed one is loaded when it was the same twice, so that one which is still being written is waited for.
    /// </summary>
    public TimeSpan Period { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>Is told of models that were replaced, and of files that cannot be loaded; <see langword="null"/> for the latter on standard error.</summary>
    public ILogger? Logger { get; init; }

    /// <summary>What the models may be like that is refused by default; <see langword="null"/> for the defaults.</summary>
    public ModelLoadOptions? Load { get; init; }

    internal void Validate()
    {
        if (Period <= TimeSpan.Zero || Period.TotalMilliseconds > uint.MaxValue - 1)
            throw new ArgumentException($"{nameof(Period)} is {Period}; it must be above 0 and at most 49 days.");
    }
}
