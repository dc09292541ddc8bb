namespace MiniMind.MLNet.Dpo.Training.Distributed;

/// <summary>How the ranks' values are combined.</summary>
public enum ReduceOperation
{
    /// <summary>Their sum.</summary>
    Sum,

    /// <summary>The largest.</summary>
    Max,

    /// <summary>The smallest.</summary>
    Min,
}
