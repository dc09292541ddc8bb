namespace MiniMind.MLNet.Dpo.Tokenization;

/// <summary>The ids that are put around every text.</summary>
internal sealed record SequenceFrame(int[] Before, int[] After)
{
    /// <summary>Nothing is put around the text.</summary>
    public static SequenceFrame None { get; } = new([], []);

    /// <summary>
    /// The frame by both files: <c>add_bos_token</c> and <c>add_eos_token</c> of tokenizer_config.json go before the post-processor, as in transformers 5.
    /// </summary>
    /// <exception cref="InvalidDataException">The post-processor names an id that no token has.</exception>
    public static SequenceFrame For(SequenceFrame postProcessor, TokenizerConfig config, TokenTable tokens)
    {
        foreach (int id in (int[])[.. postProcessor.Before, .. postProcessor.After])
        {
            if (tokens.BytesOf(id).IsEmpty)
                throw new InvalidDataException($"tokenizer.json: post_processor puts in the id {id}, which no token has.");
        }

        if (config.AddsBosToken is null && config.AddsEosToken is null)
            return postProcessor;
        return new SequenceFrame(Ids(config.AddsBosToken, config.BosToken), Ids(config.AddsEosToken, config.EosToken));

        int[] Ids(bool? adds, string? token) => adds == true && tokens.IdOf(token) is { } id ? [id] : [];
    }
}
