namespace MiniMind.MLNet.Dpo.Modeling.Attention;

/// <summary>What one layer's attention sees, and how positions enter it.</summary>
/// <param name="Rotates">Whether queries and keys are rotated.</param>
/// <param name="IsLocal">Whether they are by the local frequencies.</param>
/// <param name="Window">How many tokens, itself the last, a token sees; 0 for all.</param>
internal readonly record struct AttentionPattern(bool Rotates, bool IsLocal, int Window)
{
    /// <summary>That of a layer.</summary>
    public static AttentionPattern Of(ModelConfig config, int layer)
    {
        int window = config.GlobalLayers?.Contains(layer) is true ? 0 : config.SlidingWindow ?? 0;
        return new AttentionPattern(config.UnrotatedLayers?.Contains(layer) is not true, window > 0 && config.LocalRopeTheta is not null, window);
    }

    /// <summary>The window where sequences of a length reach beyond it; 0 where every token sees all before it.</summary>
    /// <param name="length">Tokens of the longest sequence.</param>
    public int WindowWithin(long length) => length > Window ? Window : 0;
}
