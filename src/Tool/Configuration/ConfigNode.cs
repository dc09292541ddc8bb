namespace MiniMind.MLNet.Dpo.Tool.Configuration;

/// <summary>A value of a configuration: a scalar, a list or keys with values.</summary>
/// <param name="Place">Where it was written.</param>
internal abstract record ConfigNode(ConfigPlace Place)
{
    /// <summary>What it is called in messages.</summary>
    public abstract string Kind { get; }
}
