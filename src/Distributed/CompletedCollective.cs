namespace MiniMind.MLNet.Dpo.Training.Distributed;

/// <summary>A collective whose result is there already.</summary>
internal sealed class CompletedCollective : IPendingCollective
{
    public static CompletedCollective Instance { get; } = new();

    public bool IsCompleted => true;

    public void Wait()
    {
    }
}
