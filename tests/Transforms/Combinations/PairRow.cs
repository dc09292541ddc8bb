namespace MiniMind.MLNet.Dpo.Tests.Transforms.Combinations;

/// <summary>A pair of conversations, as the first step reads them.</summary>
public sealed class PairRow : CaseRow
{
    public string Chosen { get; set; } = "";
    public string Rejected { get; set; } = "";

    /// <summary>The pairs of <see cref="SmallChat"/>.</summary>
    public static PairRow[] All => [.. SmallChat.Pairs.Select(pair => new PairRow { Chosen = pair.Chosen, Rejected = pair.Rejected })];
}
