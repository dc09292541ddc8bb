using System.Globalization;

namespace MiniMind.MLNet.Dpo.Modeling;

/// <summary>The stages of a backward pass, which runs from the last to the first: head and last normalisation, the layers downwards, the embedding.</summary>
internal static class BackwardStage
{
    /// <summary>The last to be finished: the embedding, and with it a tied head.</summary>
    public const int Embedding = 0;

    private const string EmbeddingPrefix = "model.embed_tokens.";
    private const string LayerPrefix = "model.layers.";

    /// <summary>A decoder layer's.</summary>
    public static int Layer(int layer) => layer + 1;

    /// <summary>The first to be finished: the last normalisation and a head of its own.</summary>
    public static int Head(int layerCount) => layerCount + 1;

    /// <summary>The stage with which a parameter's gradient is complete.</summary>
    /// <param name="parameter">Its name in <see cref="MiniMindNetwork"/>.</param>
    /// <param name="layerCount">Decoder layers of the network.</param>
    public static int Of(string parameter, int layerCount)
    {
        if (parameter.StartsWith(EmbeddingPrefix, StringComparison.Ordinal))
            return Embedding;
        if (!parameter.StartsWith(LayerPrefix, StringComparison.Ordinal))
            return Head(layerCount);
        ReadOnlySpan<char> rest = parameter.AsSpan(LayerPrefix.Length);
        return Layer(int.Parse(rest[..rest.IndexOf('.')], CultureInfo.InvariantCulture));
    }
}
