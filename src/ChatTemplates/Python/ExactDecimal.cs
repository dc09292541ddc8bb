using System.Globalization;
using System.Numerics;

namespace MiniMind.MLNet.Dpo.ChatTemplates.Python;

/// <summary>Rounds doubles to decimal places by their exact value, ties to even, as Python does.</summary>
internal static class ExactDecimal
{
    private const int MantissaBits = 52;

    /// <summary>The finite <paramref name="value"/> times ten to the power of <paramref name="places"/>, rounded to an integer.</summary>
    public static BigInteger Scale(double value, int places)
    {
        long bits = BitConverter.DoubleToInt64Bits(value);
        int exponent = (int)(bits >> MantissaBits) & 0x7ff;
        BigInteger mantissa = bits & ((1L << MantissaBits) - 1);
        if (exponent == 0)
            exponent++;
        else
            mantissa += 1L << MantissaBits;
        exponent -= 1023 + MantissaBits;
        BigInteger numerator = mantissa * BigInteger.Pow(10, Math.Max(places, 0)) << Math.Max(exponent, 0);
        BigInteger denominator = BigInteger.Pow(10, Math.Max(-places, 0)) << Math.Max(-exponent, 0);
        BigInteger rounded = RoundQuotient(numerator, denominator);
        return bits < 0 ? -rounded : rounded;
    }

    /// <summary>The integer nearest to a quotient of non-negative integers, the even one of two as near.</summary>
    public static BigInteger RoundQuotient(BigInteger numerator, BigInteger denominator)
    {
        BigInteger quotient = BigInteger.DivRem(numerator, denominator, out BigInteger rest);
        int half = (rest * 2).CompareTo(denominator);
        return half > 0 || (half == 0 && !quotient.IsEven) ? quotient + 1 : quotient;
    }

    /// <summary>The double nearest to <paramref name="value"/> rounded to decimal places.</summary>
    public static double Round(double value, int places)
    {
        // past these the number is its own rounding, or rounds to nothing
        if (!double.IsFinite(value) || places > 323)
            return value;
        if (places < -308)
            return double.CopySign(0, value);
        string text = $"{Scale(value, places).ToString(CultureInfo.InvariantCulture)}E{-places}";
        return double.CopySign(double.Parse(text, CultureInfo.InvariantCulture), value);
    }

    /// <summary>The value with exactly so many decimal places, without an exponent.</summary>
    public static string Fixed(double value, int places)
    {
        string digits = BigInteger.Abs(Scale(value, places)).ToString(CultureInfo.InvariantCulture).PadLeft(places + 1, '0');
        string text = places == 0 ? digits : $"{digits[..^places]}.{digits[^places..]}";
        return double.IsNegative(value) ? "-" + text : text;
    }
}
