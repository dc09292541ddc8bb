using System.Globalization;
using System.Numerics;

namespace MiniMind.MLNet.Dpo.ChatTemplates.Python;

/// <summary>
/// Python's numbers: integers of any size held as <see cref="long"/> where they fit and <see cref="BigInteger"/> where not,
/// truth values that count as 0 and 1, and doubles.
/// </summary>
internal static class PythonNumber
{
    private const long ExactDouble = 1L << 53;

    public static bool IsNumber(object? value) => value is long or double or bool or BigInteger;

    public static bool IsInteger(object? value) => value is long or bool or BigInteger;

    /// <summary>The smallest representation of an integer.</summary>
    public static object Normalize(BigInteger value) => value >= long.MinValue && value <= long.MaxValue ? (object)(long)value : value;

    /// <summary>As <see cref="Normalize"/>, after refusing integers of absurd size.</summary>
    public static object Checked(RenderContext context, BigInteger value)
    {
        RequireSize(context, value.GetBitLength());
        return Normalize(value);
    }

    public static void RequireSize(RenderContext context, long bits)
    {
        context.Step(64);
        if (bits > RenderLimits.IntegerBits)
            throw context.Error($"makes an integer of more than {RenderLimits.IntegerBits} bits");
    }

    public static bool TryGetLong(object? value, out long number)
    {
        number = value switch { long integer => integer, bool truth => truth ? 1 : 0, _ => 0 };
        return value is long or bool;
    }

    public static BigInteger ToBig(object? value) => value switch
    {
        long number => number,
        bool truth => truth ? 1 : 0,
        _ => (BigInteger)value!,
    };

    public static double ToDouble(RenderContext context, object? value)
    {
        if (value is double number)
            return number;
        if (TryGetLong(value, out long integer))
            return integer;
        // a cast would cut bits off where Python rounds
        double result = double.Parse(((BigInteger)value!).ToString(CultureInfo.InvariantCulture), CultureInfo.InvariantCulture);
        return double.IsInfinity(result) ? throw context.Error("int too large to convert to float") : result;
    }

    /// <summary>Orders two numbers exactly, as Python does also for integers that no double can hold; null where one is not a number.</summary>
    public static int? Compare(object left, object right)
    {
        if (TryGetLong(left, out long a) && TryGetLong(right, out long b))
            return a.CompareTo(b);
        if (left is double x && right is double y)
            return double.IsNaN(x) || double.IsNaN(y) ? null : x.CompareTo(y);
        if (left is double)
            return -Compare(right, left);
        if (right is not double number)
            return ToBig(left).CompareTo(ToBig(right));
        if (double.IsNaN(number))
            return null;
        if (double.IsInfinity(number))
            return number > 0 ? -1 : 1;
        if (TryGetLong(left, out long integer) && integer is > -ExactDouble and < ExactDouble)
            return ((double)integer).CompareTo(number);
        double whole = Math.Floor(number);
        int order = ToBig(left).CompareTo(new BigInteger(whole));
        return order == 0 && whole < number ? -1 : order;
    }
}
