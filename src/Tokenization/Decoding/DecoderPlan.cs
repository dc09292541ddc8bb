using System.Text;
using MiniMind.MLNet.Dpo.Tokenization.Models;

namespace MiniMind.MLNet.Dpo.Tokenization.Decoding;

/// <summary>How tokens become text: what each stands for by itself, and what is left out at the text's ends.</summary>
internal sealed record DecoderPlan
{
    /// <summary>The steps that change a token's text by itself, in order.</summary>
    public IReadOnlyList<ITokenStep> Steps { get; init; } = [];

    /// <summary>Whether tokens are written in the byte-level alphabet.</summary>
    public bool IsByteLevel { get; init; }

    /// <summary>Whether tokens such as <c>&lt;0xE4&gt;</c> stand for a byte.</summary>
    public bool HasByteTokens { get; init; }

    /// <summary>The character that is left out at the ends of the whole text.</summary>
    public char Stripped { get; init; }

    /// <summary>How often at the start, at most.</summary>
    public int StripsAtStart { get; init; }

    /// <summary>How often at the end, at most.</summary>
    public int StripsAtEnd { get; init; }

    /// <summary>Whether the first token stands for something else than it would elsewhere.</summary>
    public bool TellsFirst => Steps.Any(step => step is MetaspaceTokenStep { DropsFirst: true });

    /// <summary>Whether a text is what its tokens stand for, put together.</summary>
    public bool IsPlain => !TellsFirst && StripsAtStart == 0 && StripsAtEnd == 0;

    /// <summary>The bytes that a token stands for.</summary>
    /// <param name="token">The token as tokenizer.json writes it.</param>
    /// <param name="isFirst">Whether it is the first of a text.</param>
    public byte[] BytesOf(string token, bool isFirst)
    {
        foreach (ITokenStep step in Steps)
            token = step.Apply(token, isFirst);
        // the reference decodes every token alike: as bytes where the alphabet covers it, else as its text
        if (IsByteLevel && ByteLevelAlphabet.Covers(token))
            return ByteLevelAlphabet.BytesOf(token);
        return HasByteTokens && ByteTokens.ValueOf(token) is { } value ? [value] : Encoding.UTF8.GetBytes(token);
    }
}
