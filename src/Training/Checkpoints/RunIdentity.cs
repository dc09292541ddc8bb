namespace MiniMind.MLNet.Dpo.Training.Checkpoints;

/// <summary>What a run's result depends on, as names and values.</summary>
/// <param name="Inputs">Options and hashes of data, model and reference: with others it is another run.</param>
/// <param name="Surroundings">Threads, device, versions: with others results differ by rounding.</param>
internal sealed record RunIdentity(SortedDictionary<string, string> Inputs, SortedDictionary<string, string> Surroundings)
{
    /// <summary>One sentence for each value that differs.</summary>
    /// <param name="saved">Values of the checkpoint.</param>
    /// <param name="now">Values of this run.</param>
    public static IReadOnlyList<string> Differences(IReadOnlyDictionary<string, string> saved, IReadOnlyDictionary<string, string> now) =>
    [
        .. now.Keys.Union(saved.Keys).Order(StringComparer.Ordinal).Where(name => saved.GetValueOrDefault(name) != now.GetValueOrDefault(name))
            .Select(name => $"{name} is {now.GetValueOrDefault(name, "unknown")}, in the checkpoint {saved.GetValueOrDefault(name, "unknown")}"),
    ];
}
