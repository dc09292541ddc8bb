namespace MiniMind.MLNet.Dpo.Bench.Peers.Training;

/// <summary>Takes training steps when it is told to.</summary>
internal interface IStepper : IDisposable
{
    /// <summary>Takes a step over the given pairs, and gives its loss.</summary>
    double Step(int[] pairs);
}
