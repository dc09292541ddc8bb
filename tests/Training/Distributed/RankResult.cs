using MiniMind.MLNet.Dpo.Training;

namespace MiniMind.MLNet.Dpo.Tests.Training.Distributed;

/// <summary>What one rank of a training run ends with.</summary>
internal sealed record RankResult(float[] Weights, IReadOnlyList<TrainingPoint> History, long Steps, string? StopReason)
{
    /// <summary>How far these weights are from others, relative to the length of those.</summary>
    public double DistanceTo(RankResult other)
    {
        double difference = 0, length = 0;
        foreach ((float ours, float theirs) in Weights.Zip(other.Weights))
        {
            difference += Math.Pow((double)ours - theirs, 2);
            length += (double)theirs * theirs;
        }
        return Math.Sqrt(difference / length);
    }
}
