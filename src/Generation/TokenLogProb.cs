namespace MiniMind.MLNet.Dpo;

/// <summary>How likely a model held a token of its answer to be, and which others it held to be likely in its place.</summary>
/// <remarks>
/// From the model's own distribution, the softmax of its logits over all of its vocabulary: before penalties, temperature, top-k and top-p change what is
/// drawn. Asked for by <see cref="GenerationOptions.TopLogProbs"/>; found under <see cref="GenerationOptions.LogProbsProperty"/>.
/// </remarks>
public sealed class TokenLogProb
{
    /// <summary>The token's id.</summary>
    public required int Id { get; init; }

    /// <summary>The bytes that it decodes to, which may be part of a character; none for an id that is no token.</summary>
    public required ReadOnlyMemory<byte> Bytes { get; init; }

    /// <summary>The same as text, with U+FFFD in place of what is no whole character.</summary>
    public required string Text { get; init; }

    /// <summary>Whether it is a special token, such as the one that ends an answer: no part of the text that is shown.</summary>
    public required bool IsSpecial { get; init; }

    /// <summary>The natural logarithm of its probability, in nats; finite.</summary>
    public required double LogProb { get; init; }

    /// <summary>
    /// The likeliest tokens in its place, as many as were asked for, likeliest first, whether or not it is among them; these have none of their own.
    /// </summary>
    public IReadOnlyList<TokenLogProb> Top { get; init; } = [];
}
