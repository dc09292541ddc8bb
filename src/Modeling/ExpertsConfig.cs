using System.Text.Json.Serialization;

namespace MiniMind.MLNet.Dpo.Modeling;

/// <summary>The mixture-of-experts part of a model's shape.</summary>
/// <remarks>Defaults are those of MiniMind's configuration class.</remarks>
public sealed record ExpertsConfig
{
    /// <summary>Experts per layer (<c>num_experts</c>).</summary>
    public int Count { get; init; } = 4;

    /// <summary>Experts that each token is sent to (<c>num_experts_per_tok</c>).</summary>
    public int PerToken { get; init; } = 1;

    /// <summary>Width of one expert (<c>moe_intermediate_size</c>).</summary>
    public int IntermediateSize { get; init; }

    /// <summary>Whether the chosen experts' weights are scaled to sum to one (<c>norm_topk_prob</c>).</summary>
    public bool NormalizeTopK { get; init; } = true;

    /// <summary>Weight of the load-balancing loss (<c>router_aux_loss_coef</c>).</summary>
    public double AuxLossCoefficient { get; init; } = 5e-4;

    /// <summary>Further experts of the same width that every token passes, as MiniMind 2 has (<c>n_shared_experts</c>).</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public int SharedCount { get; init; }

    /// <summary>
    /// Whether the load-balancing loss is the mean of one for each sequence, as in MiniMind 2 (<c>seq_aux</c>), instead of one over all tokens.
    /// </summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public bool BalancesSequences { get; init; }
}
