namespace MiniMind.MLNet.Dpo.Training.Losses;

/// <summary>What a loss wants to know of a response's tokens beyond the sum of their log-probabilities.</summary>
[Flags]
internal enum TokenStatistics
{
    /// <summary>Nothing.</summary>
    None = 0,

    /// <summary>The sum over the labels behind as many as the pair's shorter side has, by itself.</summary>
    Tails = 1,

    /// <summary>The sum of the logarithms of the policy's summed squared probabilities (the chance of drawing one token twice), without gradient.</summary>
    Collisions = 2,
}
