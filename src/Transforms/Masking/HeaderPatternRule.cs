using MiniMind.MLNet.Dpo.Tokenization;

namespace MiniMind.MLNet.Dpo.Transforms.Masking;

/// <summary>MiniMind's rule: everything behind the tokens of an answer's header, up to and with the tokens of an answer's end.</summary>
/// <remarks>
/// It is <c>DPODataset.generate_loss_mask</c> of MiniMind's lm_dataset.py, bit for bit, for the sake of parity, with what that rule does wrong:
/// an answer that starts with two spaces is missed, because its spaces merge with the header's newline into another token; a literal end tag in
/// an answer ends it early; a span without an end runs to the end of the sequence, over padding too. <see cref="ResponseSpanRule"/> has none of this.
/// </remarks>
internal sealed class HeaderPatternRule : IResponseMaskRule
{
    private readonly int[] _header;
    private readonly int[] _end;
    private readonly int _maxLength;

    /// <summary>A rule for these patterns.</summary>
    /// <param name="header">The tokens that open an answer.</param>
    /// <param name="end">The tokens that close it.</param>
    /// <param name="maxLength">Tokens at this position and behind it are never in the mask.</param>
    public HeaderPatternRule(int[] header, int[] end, int maxLength)
    {
        if (header.Length == 0)
            throw new ArgumentException("the header has no tokens", nameof(header));
        if (end.Length == 0)
            throw new ArgumentException("the end has no tokens", nameof(end));
        ArgumentOutOfRangeException.ThrowIfLessThan(maxLength, 1);
        (_header, _end, _maxLength) = (header, end, maxLength);
    }

    /// <summary>The rule with the patterns that MiniMind makes of a tokenizer: its bos token and "assistant", its eos token and a newline.</summary>
    /// <exception cref="ArgumentException">The tokenizer names no bos or no eos token.</exception>
    public static HeaderPatternRule For(HuggingFaceTokenizer tokenizer, int maxLength)
    {
        if (tokenizer.BosToken is null || tokenizer.EosToken is null)
        {
            throw new ArgumentException("The header pattern is made of the bos and the eos token, but tokenizer_config.json does not name both.",
                nameof(tokenizer));
        }

        return new HeaderPatternRule(
            tokenizer.Encode($"{tokenizer.BosToken}assistant\n", addSpecialTokens: false),
                tokenizer.Encode($"{tokenizer.EosToken}\n", addSpecialTokens: false), maxLength);
    }

    /// <inheritdoc/>
    public void Mask(ReadOnlySpan<int> ids, Span<float> mask, ICollection<MaskedAnswer>? answers = null)
    {
        mask.Clear();
        int position = 0;
        while (position < ids.Length)
        {
            if (!ids[position..].StartsWith(_header))
            {
                position++;
                continue;
            }
            int start = position + _header.Length;
            int length = ids[start..].IndexOf(_end);
            int end = length < 0 ? ids.Length : start + length + _end.Length;
            int stop = Math.Min(end, _maxLength);
            if (stop > start)
            {
                mask[start..stop].Fill(1);
                answers?.Add(new MaskedAnswer(start, stop, ids[end..].IndexOf(_header[0]) < 0));
            }
            position = end;
        }
    }
}
