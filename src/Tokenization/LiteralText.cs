using System.Text;

namespace MiniMind.MLNet.Dpo.Tokenization;

/// <summary>A text, and which of its characters are literal: no added token begins with them or holds them, whatever they spell.</summary>
/// <remarks>
/// In a text column each literal character stands behind the noncharacter U+FDD0, which no interchanged text has; where a text has one all the same, it is
/// written twice. Characters that spell nothing are not marked, so that ordinary texts are as they are.
/// </remarks>
/// <param name="Text">The text without marks.</param>
/// <param name="Literals">The places of literal characters in it, ascending.</param>
internal sealed record LiteralText(string Text, IReadOnlyList<int> Literals)
{
    /// <summary>What stands before a literal character.</summary>
    public const char Mark = '\uFDD0';

    /// <summary>Whether a text has marks.</summary>
    public static bool IsMarked(ReadOnlySpan<char> text) => text.Contains(Mark);

    /// <summary>Takes the marks out of a text. One that nothing follows marks nothing, and is left out.</summary>
    public static LiteralText Read(string marked)
    {
        ArgumentNullException.ThrowIfNull(marked);
        if (!IsMarked(marked))
            return new LiteralText(marked, []);
        StringBuilder text = new(marked.Length);
        List<int> literals = new();
        for (int i = 0; i < marked.Length; i++)
        {
            if (marked[i] == Mark)
            {
                if (++i == marked.Length)
                    break;
                literals.Add(text.Length);
            }
            text.Append(marked[i]);
        }
        return new LiteralText(text.ToString(), literals);
    }

    /// <summary>The text with its marks; noncharacters of its own are marked too.</summary>
    public string Write()
    {
        if (Literals.Count == 0 && !IsMarked(Text))
            return Text;
        StringBuilder marked = new(Text.Length + 16);
        int next = 0;
        for (int i = 0; i < Text.Length; i++)
        {
            bool isLiteral = next < Literals.Count && Literals[next] == i;
            if (isLiteral)
                next++;
            if (isLiteral || Text[i] == Mark)
                marked.Append(Mark);
            marked.Append(Text[i]);
        }
        return marked.ToString();
    }
}
