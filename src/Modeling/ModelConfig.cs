namespace MiniMind.MLNet.Dpo.Modeling;

/// <summary>The shape of a MiniMind-like decoder: all that the network's modules see.</summary>
/// <remarks>
/// Names in brackets are the keys of Hugging Face's <c>config.json</c>; defaults are those of MiniMind's configuration class.
/// Families differ in parts (bias, norms, rotation, activation, what a layer sees); a part that is left at its default is not written by serializers.
/// </remarks>
public sealed partial record ModelConfig
{
    private readonly ValueList<int> _eosTokenIds;

    /// <summary>Entries of the vocabulary (<c>vocab_size</c>).</summary>
    public int VocabularySize { get; init; } = 6400;

    /// <summary>Width of the residual stream (<c>hidden_size</c>).</summary>
    public int HiddenSize { get; init; } = 768;

    /// <summary>Decoder blocks (<c>num_hidden_layers</c>).</summary>
    public int LayerCount { get; init; } = 8;

    /// <summary>Query heads (<c>num_attention_heads</c>).</summary>
    public int HeadCount { get; init; } = 8;

    /// <summary>Key-value heads, a divisor of <see cref="HeadCount"/> (<c>num_key_value_heads</c>).</summary>
    public int KeyValueHeadCount { get; init; } = 4;

    /// <summary>Width of one head (<c>head_dim</c>); by default hidden size over heads.</summary>
    public int HeadDim { get => field == 0 ? HiddenSize / HeadCount : field; init; }

    /// <summary>Width of the feed-forward layer (<c>intermediate_size</c>); by default MiniMind's ceil(hidden * pi / 64) * 64.</summary>
    public int IntermediateSize { get => field == 0 ? (int)Math.Ceiling(HiddenSize * Math.PI / 64) * 64 : field; init; }

    /// <summary>Longest context, in tokens (<c>max_position_embeddings</c>).</summary>
    public int MaxPositions { get; init; } = 32768;

    /// <summary>Added under the root of every normalisation (<c>rms_norm_eps</c>).</summary>
    public double RmsNormEpsilon { get; init; } = 1e-6;

    /// <summary>Base of the rotary frequencies (<c>rope_theta</c>).</summary>
    public double RopeTheta { get; init; } = 1e6;

    /// <summary>YaRN scaling, or <see langword="null"/> for plain rotary embedding.</summary>
    public YarnScaling? RopeScaling { get; init; }

    /// <summary>Whether the head is the embedding's own matrix (<c>tie_word_embeddings</c>).</summary>
    public bool TieWordEmbeddings { get; init; } = true;

    /// <summary>Whether queries and keys are normalised per head, as MiniMind and Qwen3 do and Llama does not.</summary>
    public bool QkNorm { get; init; } = true;

    /// <summary>The experts, or <see langword="null"/> for a dense model (<c>use_moe</c>).</summary>
    public ExpertsConfig? Experts { get; init; }

    /// <summary>Share of activations dropped while training (<c>dropout</c>).</summary>
    public double Dropout { get; init; }

    /// <summary>Id of the token that opens a text (<c>bos_token_id</c>), if any.</summary>
    public int? BosTokenId { get; init; } = 1;

    /// <summary>Id of the token that ends an answer (<c>eos_token_id</c>), if any.</summary>
    public int? EosTokenId { get; init; } = 2;

    /// <summary>All ids that end an answer, where <c>eos_token_id</c> is a list; <see langword="null"/> where <see cref="EosTokenId"/> says it all.</summary>
    public IReadOnlyList<int>? EosTokenIds { get => _eosTokenIds.Items; init => _eosTokenIds = new ValueList<int>(value); }

    /// <summary>Checks that the numbers fit together.</summary>
    /// <exception cref="ArgumentException">Something does not; the message lists every fault at once.</exception>
    public void Validate()
    {
        List<string> faults = [];
        foreach ((string name, long value) in new (string, long)[]
        {
            (nameof(VocabularySize), VocabularySize), (nameof(HiddenSize), HiddenSize), (nameof(LayerCount), LayerCount), (nameof(HeadCount), HeadCount),
            (nameof(KeyValueHeadCount), KeyValueHeadCount), (nameof(MaxPositions), MaxPositions),
        })
        {
            if (value < 1)
                faults.Add($"{name} is {value}; it must be at least 1");
        }
        if (faults.Count == 0)
        {
            if (HeadCount % KeyValueHeadCount != 0)
                faults.Add($"{nameof(HeadCount)} {HeadCount} is not a multiple of {nameof(KeyValueHeadCount)} {KeyValueHeadCount}");
            if (HeadDim < 2 || HeadDim % 2 != 0)
                faults.Add($"{nameof(HeadDim)} is {HeadDim}; the rotary embedding needs an even number");
            if (IntermediateSize < 1)
                faults.Add($"{nameof(IntermediateSize)} is {IntermediateSize}; it must be at least 1");
        }
        if (!(RmsNormEpsilon > 0))
            faults.Add($"{nameof(RmsNormEpsilon)} is {RmsNormEpsilon}; it must be above 0");
        if (!(RopeTheta > 1))
            faults.Add($"{nameof(RopeTheta)} is {RopeTheta}; it must be above 1");
        if (!(Dropout is >= 0 and < 1))
            faults.Add($"{nameof(Dropout)} is {Dropout}; it must be in [0, 1)");
        if (Experts is { } experts)
        {
            if (experts.Count < 1 || experts.PerToken < 1 || experts.PerToken > experts.Count)
                faults.Add($"{experts.PerToken} experts per token of {experts.Count}: both must be at least 1, and not more than there are");
            if (experts.IntermediateSize < 1)
                faults.Add($"Experts.IntermediateSize is {experts.IntermediateSize}; it must be at least 1");
            if (!(experts.AuxLossCoefficient >= 0))
                faults.Add($"Experts.AuxLossCoefficient is {experts.AuxLossCoefficient}; it must not be negative");
        }
        if (EosTokenIds is { } ends)
        {
            foreach (int id in ends.Where(id => id < 0 || id >= VocabularySize))
                faults.Add($"{nameof(EosTokenIds)} has {id}; an id of the vocabulary is from 0 to {VocabularySize - 1}");
            if (EosTokenId is not { } first || !ends.Contains(first))
                faults.Add($"{nameof(EosTokenIds)} [{string.Join(", ", ends)}] must have {nameof(EosTokenId)}, which is {EosTokenId?.ToString() ?? "null"}");
        }
        CheckParts(faults);
        if (faults.Count > 0)
            throw new ArgumentException("The model's shape is not valid: " + string.Join("; ", faults) + ".");
    }
}
