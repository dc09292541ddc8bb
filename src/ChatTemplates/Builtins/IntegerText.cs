using System.Globalization;
using System.Numerics;
using MiniMind.MLNet.Dpo.ChatTemplates.Python;

namespace MiniMind.MLNet.Dpo.ChatTemplates.Builtins;

/// <summary>Reads integers from text as Python's <c>int</c> does.</summary>
internal static class IntegerText
{
    private const int LongestText = 2000;

    public static bool TryParse(RenderContext context, string text, int numberBase, out BigInteger value)
    {
        if (numberBase is not (2 or 8 or 10 or 16))
            throw context.Error($"an integer's base is {numberBase}; it can be 2, 8, 10 or 16");
        value = 0;
        context.Scan(text.Length);
        string digits = PythonText.Strip(text, null, start: true, end: true);
        bool negative = digits.StartsWith('-');
        if (negative || digits.StartsWith('+'))
            digits = digits[1..];
        int prefixBase = digits.Length > 1 && digits[0] == '0' ? char.ToLowerInvariant(digits[1]) switch { 'b' => 2, 'o' => 8, 'x' => 16, _ => 0 } : 0;
        if (numberBase == prefixBase)
        {
            digits = digits[2..];
            digits = digits.StartsWith('_') ? digits[1..] : digits;
        }
        if (WithoutUnderscores(digits) is not { Length: > 0 } plain)
            return false;
        if (plain.Length > LongestText)
            throw context.Error($"a number of {plain.Length} digits; the most is {LongestText}");
        context.Step(plain.Length);
        foreach (char c in plain)
        {
            int digit = char.IsAsciiHexDigit(c) ? Convert.ToInt32(c.ToString(), 16) : numberBase;
            if (digit >= numberBase)
                return false;
        }
        value = numberBase == 10
            ? BigInteger.Parse(plain, NumberStyles.None, CultureInfo.InvariantCulture)
            : plain.Aggregate(BigInteger.Zero, (sum, c) => sum * numberBase + Convert.ToInt32(c.ToString(), 16));
        if (negative)
            value = -value;
        return true;
    }

    /// <summary>The digits without the underscores that may stand between two of them; null where one stands elsewhere.</summary>
    public static string? WithoutUnderscores(string digits)
    {
        for (int i = digits.IndexOf('_', StringComparison.Ordinal); i >= 0; i = digits.IndexOf('_', i + 1))
        {
            if (i == 0 || i + 1 == digits.Length || !char.IsAsciiHexDigit(digits[i - 1]) || !char.IsAsciiHexDigit(digits[i + 1]))
                return null;
        }

        return digits.Replace("_", "", StringComparison.Ordinal);
    }
}
