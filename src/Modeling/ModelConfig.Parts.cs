using System.Text.Json.Serialization;

namespace MiniMind.MLNet.Dpo.Modeling;

/// <content>The parts in which families of models differ from MiniMind.</content>
public sealed partial record ModelConfig
{
    private readonly ValueList<int> _unrotatedLayers, _globalLayers;

    /// <summary>
    /// What <c>config.json</c> calls the family (<c>model_type</c>), for models that are saved as another one than their parts alone would tell;
    /// <see langword="null"/> for MiniMind 3, Qwen3 and Llama.
    /// </summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public string? ModelType { get; init; }

    /// <summary>Whether the products that make queries, keys and values add a bias, as in Qwen2.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public bool QkvBias { get; init; }

    /// <summary>Llama 3's scaling of the rotary frequencies, or <see langword="null"/> for none.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public Llama3Scaling? Llama3Scaling { get; init; }

    /// <summary>LongRoPE's scaling of the rotary frequencies, or <see langword="null"/> for none.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public LongRopeScaling? LongRopeScaling { get; init; }

    /// <summary>What the rotary frequencies are divided by, all alike (<c>rope_type</c> <c>linear</c>); 0, the default, for nothing.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public double LinearRopeFactor { get; init; }

    /// <summary>
    /// How many of a head's first numbers are rotated, the others staying as they are (<c>partial_rotary_factor</c>); 0, the default, for all.
    /// </summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public int RotaryDim { get; init; }

    /// <summary>Indices of the layers without rotary embedding, as in SmolLM3 (<c>no_rope_layers</c>), or <see langword="null"/> for none.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public IReadOnlyList<int>? UnrotatedLayers { get => _unrotatedLayers.Items; init => _unrotatedLayers = new ValueList<int>(value); }

    /// <summary>
    /// How many tokens, itself the last, a token sees in layers with a window (<c>sliding_window</c>), or <see langword="null"/> for all before it.
    /// </summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public int? SlidingWindow { get; init; }

    /// <summary>
    /// Indices of the layers without a window although there is a <see cref="SlidingWindow"/> (<c>layer_types</c>), or <see langword="null"/> for none.
    /// </summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public IReadOnlyList<int>? GlobalLayers { get => _globalLayers.Items; init => _globalLayers = new ValueList<int>(value); }

    /// <summary>
    /// Base of the rotary frequencies, without any scaling, in layers with a window, as in Gemma 3 (<c>rope_local_base_freq</c>); <see langword="null"/> for
    /// that of the others.
    /// </summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public double? LocalRopeTheta { get; init; }

    /// <summary>The feed-forward layers' activation (<c>hidden_act</c>).</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public Activation Activation { get; init; }

    /// <summary>Whether normalisations multiply by one plus their weights, as in Gemma.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public bool UnitOffsetNorms { get; init; }

    /// <summary>Whether what attention and the feed-forward layer give is normalised too, before it is added: four norms a layer, as in Gemma 3.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public bool SandwichNorms { get; init; }

    /// <summary>Whether embeddings are multiplied by the square root of <see cref="HiddenSize"/>, in fp32, as in Gemma.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public bool ScaledEmbeddings { get; init; }

    /// <summary>One over the square of the scores' factor (<c>query_pre_attn_scalar</c>); <see langword="null"/> for <see cref="HeadDim"/>.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public double? QueryPreAttentionScalar { get; init; }

    /// <summary>How many of a head's numbers are rotated.</summary>
    internal int RotatedWidth => RotaryDim == 0 ? HeadDim : RotaryDim;

    /// <summary>The factor of attention's scores.</summary>
    internal double ScoreScale => 1 / Math.Sqrt(QueryPreAttentionScalar ?? HeadDim);

    private void CheckParts(List<string> faults)
    {
        if (RotaryDim != 0 && (RotaryDim < 2 || RotaryDim % 2 != 0 || RotaryDim > HeadDim))
            faults.Add($"{nameof(RotaryDim)} is {RotaryDim}; it must be an even number up to {nameof(HeadDim)} {HeadDim}, or 0 for all");
        if (Experts is not null && Activation != Activation.Silu)
            faults.Add($"{nameof(Activation)} is {Activation}; that of experts is {Activation.Silu}");
        if (SlidingWindow is < 1)
            faults.Add($"{nameof(SlidingWindow)} is {SlidingWindow}; it must be at least 1, or null");
        if (LocalRopeTheta is { } theta && !(theta > 1))
            faults.Add($"{nameof(LocalRopeTheta)} is {theta}; it must be above 1, or null");
        if (LinearRopeFactor != 0 && !(LinearRopeFactor >= 1))
            faults.Add($"{nameof(LinearRopeFactor)} is {LinearRopeFactor}; it must be at least 1, or 0");
        if (QueryPreAttentionScalar is { } scalar && !(scalar > 0))
            faults.Add($"{nameof(QueryPreAttentionScalar)} is {scalar}; it must be above 0, or null");
        object?[] scalings = [RopeScaling, Llama3Scaling, LongRopeScaling, LinearRopeFactor == 0 ? null : LinearRopeFactor];
        if (scalings.Count(scaling => scaling is not null) > 1)
            faults.Add($"at most one of {nameof(RopeScaling)}, {nameof(Llama3Scaling)}, {nameof(LongRopeScaling)} and {nameof(LinearRopeFactor)} can be given");
        if (Llama3Scaling is { } llama && !(llama is { Factor: >= 1, LowFrequencyFactor: > 0, OriginalMaxPositions: >= 1 }
            && llama.HighFrequencyFactor > llama.LowFrequencyFactor))
        {
            faults.Add($"{nameof(Llama3Scaling)} is {llama}; the factor must be at least 1, and the high frequencies'"
                + " factor above the low ones', which must be above 0");
        }

        if (LongRopeScaling is { } longRope)
            CheckLongRope(longRope, faults);
        foreach ((string name, IReadOnlyList<int>? layers) in new[] { (nameof(UnrotatedLayers), UnrotatedLayers), (nameof(GlobalLayers), GlobalLayers) })
        {
            foreach (int layer in (layers ?? []).Where(layer => layer < 0 || layer >= LayerCount))
                faults.Add($"{name} has {layer}; a layer is from 0 to {LayerCount - 1}");
        }
    }

    private void CheckLongRope(LongRopeScaling scaling, List<string> faults)
    {
        foreach ((string name, IReadOnlyList<double> factors) in new[] { (nameof(scaling.ShortFactors), scaling.ShortFactors),
            (nameof(scaling.LongFactors), scaling.LongFactors) })
        {
            if (factors.Count != RotatedWidth / 2 || factors.Any(factor => !(factor > 0)))
                faults.Add($"LongRopeScaling.{name} has {factors.Count} factors; there must be {RotatedWidth / 2}, one for each rotated pair, all above 0");
        }
        if (!(scaling.AttentionFactor > 0))
            faults.Add($"LongRopeScaling.AttentionFactor is {scaling.AttentionFactor}; it must be above 0");
    }
}
