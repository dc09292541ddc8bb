using MiniMind.MLNet.Dpo.Tokenization.Decoding;
using MiniMind.MLNet.Dpo.Tokenization.Models;
using MiniMind.MLNet.Dpo.Tokenization.Normalization;
using MiniMind.MLNet.Dpo.Tokenization.Splitting;

namespace MiniMind.MLNet.Dpo.Tokenization;

/// <summary>What tokenizer.json says, checked.</summary>
internal sealed record TokenizerDefinition
{
    /// <summary>What makes tokens of words.</summary>
    public required TokenModel Model { get; init; }

    /// <summary>Tokens that are found before the model sees the text, in the order of the file.</summary>
    public required IReadOnlyList<AddedToken> AddedTokens { get; init; }

    /// <summary>What is done to the text first, step by step.</summary>
    public required Normalizer Normalizer { get; init; }

    /// <summary>How the text is cut into words.</summary>
    public required WordSplitter Words { get; init; }

    /// <summary>Ids put before and after the text.</summary>
    public required SequenceFrame Frame { get; init; }

    /// <summary>How tokens become text again.</summary>
    public required DecoderPlan Decoder { get; init; }

    /// <summary>Whether the reported ranges of tokens leave white space at their ends out.</summary>
    public required OffsetTrimming Trimming { get; init; }

    /// <summary>What the file says and is not used.</summary>
    public required IReadOnlyList<string> Notes { get; init; }
}
