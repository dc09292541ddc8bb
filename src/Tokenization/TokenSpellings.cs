using System.Buffers;

namespace MiniMind.MLNet.Dpo.Tokenization;

/// <summary>Finds in texts what spells one of some tokens.</summary>
internal sealed class TokenSpellings(IReadOnlyList<string> tokens)
{
    private readonly SearchValues<char> _firsts = SearchValues.Create([.. tokens.Select(token => token[0]).Append(LiteralText.Mark).Distinct()]);

    /// <summary>The first of the tokens that a text spells whole; <see langword="null"/> where it spells none.</summary>
    public string? Find(string text)
    {
        for (int at = Next(text, 0); at >= 0; at = Next(text, at + 1))
        {
            if (At(text, at) is { } token)
                return token;
        }

        return null;
    }

    /// <summary>The token that a text spells at a place, or <see langword="null"/>.</summary>
    public string? At(string text, int place)
    {
        foreach (string token in tokens)
        {
            if (string.CompareOrdinal(text, place, token, 0, token.Length) == 0)
                return token;
        }

        return null;
    }

    /// <summary>
    /// The text with marks where a token is spelled, or where the text ends with the beginning of one; the text itself where that is nowhere.
    /// </summary>
    public string Mark(string text)
    {
        int at = Next(text, 0);
        if (at < 0)
            return text;
        List<int> literals = new();
        for (; at >= 0; at = Next(text, at + 1))
        {
            if (At(text, at) is not null || IsBeginning(text.AsSpan(at)))
                literals.Add(at);
        }

        return new LiteralText(text, literals).Write();
    }

    private int Next(string text, int from) => from < text.Length && text.AsSpan(from).IndexOfAny(_firsts) is var found and >= 0 ? from + found : -1;

    private bool IsBeginning(ReadOnlySpan<char> rest)
    {
        foreach (string token in tokens)
        {
            if (token.AsSpan().StartsWith(rest, StringComparison.Ordinal))
                return true;
        }

        return false;
    }
}
