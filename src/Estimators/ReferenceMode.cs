namespace MiniMind.MLNet.Dpo;

/// <summary>Where the frozen reference's log-probabilities come from.</summary>
public enum ReferenceMode
{
    /// <summary>Precomputed where there is more than one epoch or a folder to keep it in, else live.</summary>
    Auto,

    /// <summary>The reference network runs beside the policy in every step.</summary>
    Live,

    /// <summary>The reference network runs once over all pairs before the first step.</summary>
    Precomputed,

    /// <summary>No reference: the loss compares the policy's own log-probabilities.</summary>
    None,
}
