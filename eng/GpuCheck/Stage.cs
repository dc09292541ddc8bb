namespace GpuCheck;

/// <summary>One part of the check, which stands by itself: what it finds is written before the next begins.</summary>
/// <param name="Name">As <c>--stages</c> takes it.</param>
/// <param name="NeedsGpu">Whether a CPU has nothing to show here.</param>
/// <param name="Run">Does it.</param>
internal sealed record Stage(string Name, bool NeedsGpu, Action<CheckOptions, Report> Run)
{
    /// <summary>All of them, what is cheap and all else stands on first.</summary>
    public static IReadOnlyList<Stage> All { get; } =
    [
        new("load", false, Loading.Run),
        new("logprobs", false, Parity.Logits),
        new("steps", false, Parity.Steps),
        new("bakery", false, WholeRun.Losses),
        new("precision", false, WholeRun.Precision),
        new("experts", false, Parity.Experts),
        new("generation", false, Parity.Generation),
        new("memory", false, WholeRun.Memory),
        new("autobatch", true, Shortage.Run),
        new("nccl", true, WholeRun.Nccl),
        new("attention", false, Speed.Flash),
        new("peers", false, Peers.Run),
        new("speed", false, Speed.Steps),
    ];
}
