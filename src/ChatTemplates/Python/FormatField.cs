using System.Globalization;
using System.Numerics;
using System.Text;

namespace MiniMind.MLNet.Dpo.ChatTemplates.Python;

/// <summary>How one value is laid out by <c>"%…" % value</c> and <c>"{:…}".format(value)</c>.</summary>
internal sealed record FormatField
{
    /// <summary>The longest field that makes sense; what is longer is an attack or a slip.</summary>
    private const int LongestField = 1000;

    /// <summary>Digits of the largest doubles before the point.</summary>
    private const int LongestWholePart = 309;

    /// <summary><c>&lt;</c>, <c>&gt;</c>, <c>^</c>, or <c>=</c> for padding between sign and digits.</summary>
    public char Align { get; init; } = '>';

    public char Fill { get; init; } = ' ';

    /// <summary><c>+</c> or space where numbers that are not negative get it; <c>-</c> otherwise.</summary>
    public char Sign { get; init; } = '-';

    public bool Prefix { get; init; }

    public int Width { get; init; }

    /// <summary>What stands between groups of digits; '\0' for nothing.</summary>
    public char Grouping { get; init; }

    /// <summary>Decimal places of numbers, longest length of texts; -1 where not given.</summary>
    public int Precision { get; init; } = -1;

    /// <summary>A width or precision read from the text at <paramref name="position"/>, or <paramref name="missing"/>.</summary>
    public static int ReadNumber(RenderContext context, string text, ref int position, int missing)
    {
        int start = position;
        while (position < text.Length && char.IsAsciiDigit(text[position]))
            position++;
        if (start == position)
            return missing;
        return int.TryParse(text.AsSpan(start, position - start), NumberStyles.None, CultureInfo.InvariantCulture, out int number) && number <= LongestField
            ? number
            : throw context.Error($"a format's width or precision is more than {LongestField}");
    }

    public string Text(string text)
    {
        if (Precision >= 0 && Precision < text.Length)
            text = text[..PythonText.IndexOfCodePoint(text, Precision)];
        return Pad("", text);
    }

    /// <summary>An integer in base 2, 10 or 16; <paramref name="conversion"/> is <c>b d x X</c>.</summary>
    public string Integer(BigInteger value, char conversion)
    {
        BigInteger size = BigInteger.Abs(value);
        (string digits, string prefix) = conversion switch
        {
            'x' => (Hexadecimal(size).ToLowerInvariant(), "0x"),
            'X' => (Hexadecimal(size), "0X"),
            'b' => (size.ToString("b", CultureInfo.InvariantCulture).TrimStart('0').PadLeft(1, '0'), "0b"),
            _ => (size.ToString(CultureInfo.InvariantCulture), ""),
        };
        return Pad(SignOf(value.Sign < 0) + (Prefix ? prefix : ""), Group(digits, conversion is 'd' ? 3 : 4));
    }

    /// <summary>A float with decimal places.</summary>
    public string Fixed(RenderContext context, double value, string suffix = "")
    {
        context.ChargeText(4L * (Math.Max(Precision, 0) + LongestWholePart));
        if (!double.IsFinite(value))
            return (this with { Fill = Fill == '0' ? ' ' : Fill }).Pad(SignOf(value < 0), double.IsNaN(value) ? "nan" : "inf" + suffix);
        string digits = ExactDecimal.Fixed(Math.Abs(value), Precision < 0 ? 6 : Precision);
        int point = digits.IndexOf('.', StringComparison.Ordinal);
        string whole = Group(point < 0 ? digits : digits[..point], 3);
        return Pad(SignOf(double.IsNegative(value)), whole + (point < 0 ? "" : digits[point..]) + suffix);
    }

    /// <summary>A float by its shortest digits.</summary>
    public string Shortest(double value)
    {
        string digits = FloatText.Of(Math.Abs(value));
        return Pad(SignOf(double.IsNegative(value)), digits);
    }

    private static string Hexadecimal(BigInteger value) => value.ToString("X", CultureInfo.InvariantCulture).TrimStart('0').PadLeft(1, '0');

    private string SignOf(bool negative) => negative ? "-" : Sign == '-' ? "" : Sign.ToString();

    private string Group(string digits, int size)
    {
        if (Grouping == '\0')
            return digits;
        StringBuilder grouped = new(digits);
        for (int i = digits.Length - size; i > 0; i -= size)
            grouped.Insert(i, Grouping);
        return grouped.ToString();
    }

    private string Pad(string sign, string text)
    {
        int missing = Width - sign.Length - PythonText.Length(text);
        if (missing <= 0)
            return sign + text;
        return Align switch
        {
            '<' => sign + text + new string(Fill, missing),
            '^' => new string(Fill, missing / 2) + sign + text + new string(Fill, missing - missing / 2),
            '=' => sign + new string(Fill, missing) + text,
            _ => new string(Fill, missing) + sign + text,
        };
    }
}
