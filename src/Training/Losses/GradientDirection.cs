namespace MiniMind.MLNet.Dpo.Training.Losses;

/// <summary>What the gradient of a loss by the sequences' log-probabilities depends on; it decides how a batch may be cut into slices.</summary>
internal enum GradientDirection
{
    /// <summary>That of a pair always points the same way, and only its length depends on the log-probabilities: losses of one difference of sums.</summary>
    Fixed,

    /// <summary>That of a pair depends on its own log-probabilities in any way.</summary>
    Free,

    /// <summary>That of a pair depends on other pairs' log-probabilities too: losses with batch statistics, sorting or a common baseline.</summary>
    Coupled,
}
