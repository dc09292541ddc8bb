using MiniMind.MLNet.Dpo.Weights;

namespace MiniMind.MLNet.Dpo.Estimators;

/// <summary>How a model's <c>generation_config.json</c> says that text is generated.</summary>
/// <remarks>
/// A file that says how to sample (do_sample, temperature, top_p or top_k) is read as transformers reads it: what it leaves out is temperature 1, top_p 1,
/// top_k 50. <c>"do_sample": false</c> takes the likeliest token always; a file that has numbers but no do_sample samples by its numbers. A file without them
/// leaves MiniMind's numbers. <c>max_length</c> is not used: it counts the prompt too, and the model's context bounds that here.
/// </remarks>
internal static class GenerationDefaults
{
    private const int MostTokens = 1 << 24;
    private const int TransformersTopK = 50;

    /// <summary>Keys that change what is generated in ways that are not implemented here, with the values that change nothing.</summary>
    private static readonly (string Key, string Neutral)[] s_others =
    [
        ("num_beams", "1"), ("num_beam_groups", "1"), ("num_return_sequences", "1"), ("penalty_alpha", "0"), ("diversity_penalty", "0"),
        ("guidance_scale", "1"), ("min_p", "0"), ("typical_p", "1"), ("epsilon_cutoff", "0"), ("eta_cutoff", "0"), ("top_h", "null"), ("min_length", "0"),
        ("min_new_tokens", "0"), ("max_time", "null"), ("encoder_repetition_penalty", "1"), ("no_repeat_ngram_size", "0"),
        ("encoder_no_repeat_ngram_size", "0"), ("exponential_decay_length_penalty", "null"), ("bad_words_ids", "null"), ("force_words_ids", "null"),
        ("constraints", "null"), ("sequence_bias", "null"), ("suppress_tokens", "null"), ("begin_suppress_tokens", "null"), ("forced_bos_token_id", "null"),
        ("forced_eos_token_id", "null"), ("watermarking_config", "null"), ("dola_layers", "null"),
    ];

    /// <summary>The options that a file stands for; MiniMind's where there is none.</summary>
    /// <exception cref="ModelConfigException">A value is out of its range.</exception>
    /// <exception cref="NotSupportedException">The file asks for a way of generating that is not implemented.</exception>
    public static GenerationOptions Of(GenerationConfig? config)
    {
        if (config is null)
            return new GenerationOptions();
        string[] others = config.Fields(fields => s_others.Select(other => fields.Unlike(other.Key, other.Neutral)).OfType<string>().ToArray());
        if (others.Length > 0)
        {
            throw new NotSupportedException(
                $"The model's generation_config.json asks for {string.Join(", ", others)}, which is not implemented here; "
                + $"give {nameof(GenerationOptions)} of your own to generate otherwise.");
        }
        return config.Fields(Read);
    }

    private static GenerationOptions Read(ConfigFields fields)
    {
        GenerationOptions own = new();
        bool samples = fields.Has("do_sample") || fields.Has("temperature") || fields.Has("top_p") || fields.Has("top_k");
        GenerationOptions read = own with
        {
            MaxNewTokens = fields.Integer("max_new_tokens", own.MaxNewTokens, 1, MostTokens),
            RepetitionPenalty = fields.Number("repetition_penalty", own.RepetitionPenalty, 0, 1e6, orEqual: false),
            Temperature = fields.Number("temperature", samples ? 1 : own.Temperature, 0, 1e6),
            TopP = fields.Number("top_p", samples ? 1 : own.TopP, 0, 1, orEqual: false),
            TopK = fields.Integer("top_k", samples ? TransformersTopK : own.TopK, 0, int.MaxValue),
        };
        return fields.Flag("do_sample", absent: true) ? read : read with { Temperature = 0, TopP = 1, TopK = 0 };
    }
}
