namespace MiniMind.MLNet.Dpo.Data;

/// <summary>Which pairs a ranking of several answers gives.</summary>
public enum RankingPairs
{
    /// <summary>Every better answer against every worse one.</summary>
    EveryPair,

    /// <summary>The best answer against the worst; the first of equals.</summary>
    BestAgainstWorst,
}
