namespace MiniMind.MLNet.Dpo;

/// <summary>When a mixture of data sets ends.</summary>
public enum MixUntil
{
    /// <summary>As soon as a row is drawn from a set that has given all of its rows: no row comes twice, and those that the others have left do not
    /// come.</summary>
    FirstEnds,

    /// <summary>When every set has given all of its rows: sets that end earlier begin anew, so that their rows come more than once.</summary>
    LastEnds,
}
