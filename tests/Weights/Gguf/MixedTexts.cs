using System.Text;

namespace MiniMind.MLNet.Dpo.Tests.Weights.Gguf;

/// <summary>Texts that tokenizers cut in many ways: scripts, digits, white space, contractions, symbols, code, control tokens.</summary>
internal static class MixedTexts
{
    private static readonly string[] s_pieces =
    [
        "Hello", " world", "The bakery opens at ", "7", " 2026", "3.14159", "100000", "½", "٣٤٥", "²", "don't", "I'LL", "we've", "it's", "'re", "'S", "résumé",
            "naïve", "café", "Ωmega",
        "你好", "世界", "，", "。", "今天天气怎么样", "今日は", "カタカナ", "안녕하세요", "Привет", "مرحبا", "שלום", "नमस्ते", "ไทย",
        "😀", "👩‍👩‍👧", "🇫🇷", "\u200b", "\u00a0", "\u3000",
        " ", "  ", "   ", "      ", "\n", "\n\n", "\r\n", "\t", " \n", "\n  ", "\t\t ", "...", "!?", "--", "_", "__init__", "a_b", "$", "€5", "#tag", "@you",
            "<tag>", "</p>", "{}", "[];", "==", "=>", "&&",
        "public int X => 3;", "https://example.org/a?b=1&c=%20", "C:\\temp\\x", "\"quoted\"", "'single'", "`code`", "x²+y²", "∑", "→", "A", "zzz", "ABCdef123",
            "snake_case", "camelCase", "\u0301", "e\u0301x",
    ];

    /// <summary>Makes texts of one to twelve pieces.</summary>
    public static string[] Make(int count, int seed, params string[] tokens)
    {
        Random random = new(seed);
        string[] pieces = [.. s_pieces, .. tokens];
        return [.. Enumerable.Range(0, count).Select(_ =>
        {
            StringBuilder text = new();
            for (int i = random.Next(1, 13); i > 0; i--)
                text.Append(pieces[random.Next(pieces.Length)]);
            return text.ToString();
        })];
    }
}
