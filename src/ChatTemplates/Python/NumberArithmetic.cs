using System.Numerics;

namespace MiniMind.MLNet.Dpo.ChatTemplates.Python;

/// <summary>Python's arithmetic of two numbers: integers stay exact, <c>/</c> gives a float, <c>//</c> and <c>%</c> round towards minus infinity.</summary>
internal static class NumberArithmetic
{
    private const long ExactDouble = 1L << 53;

    public static object Apply(RenderContext context, string operation, object left, object right)
    {
        if (left is double || right is double)
            return ApplyFloats(context, operation, PythonNumber.ToDouble(context, left), PythonNumber.ToDouble(context, right));
        BigInteger x = PythonNumber.ToBig(left);
        BigInteger y = PythonNumber.ToBig(right);
        return operation switch
        {
            "+" => PythonNumber.Checked(context, x + y),
            "-" => PythonNumber.Checked(context, x - y),
            "*" => Multiply(context, x, y),
            "/" => Divide(context, x, y),
            "//" => PythonNumber.Checked(context, FloorDivide(context, x, y, "integer division or modulo by zero").Quotient),
            "%" => PythonNumber.Checked(context, FloorDivide(context, x, y, "integer modulo by zero").Remainder),
            _ => Power(context, x, y),
        };
    }

    private static object ApplyFloats(RenderContext context, string operation, double x, double y) => operation switch
    {
        "+" => x + y,
        "-" => x - y,
        "*" => x * y,
        "/" => y == 0 ? throw context.Error("float division by zero") : x / y,
        "//" => y == 0 ? throw context.Error("float floor division by zero") : FloorDivide(x, y),
        "%" => y == 0 ? throw context.Error("float modulo") : Modulo(x, y),
        _ => Power(context, x, y),
    };

    private static object Multiply(RenderContext context, BigInteger x, BigInteger y)
    {
        PythonNumber.RequireSize(context, x.GetBitLength() + y.GetBitLength());
        return PythonNumber.Normalize(x * y);
    }

    private static object Divide(RenderContext context, BigInteger x, BigInteger y)
    {
        if (y.IsZero)
            throw context.Error("division by zero");
        if (BigInteger.Abs(x) > ExactDouble || BigInteger.Abs(y) > ExactDouble)
            return DivideExactly(context, x, y);
        return (double)x / (double)y;
    }

    // integers that doubles cannot hold: 64 bits of the quotient, the last one set if anything is left, round as the whole would
    private static double DivideExactly(RenderContext context, BigInteger x, BigInteger y)
    {
        BigInteger dividend = BigInteger.Abs(x);
        BigInteger divisor = BigInteger.Abs(y);
        int shift = (int)(divisor.GetBitLength() - dividend.GetBitLength()) + 65;
        BigInteger quotient = BigInteger.DivRem(dividend << Math.Max(shift, 0), divisor << Math.Max(-shift, 0), out BigInteger rest);
        int excess = (int)quotient.GetBitLength() - 64;
        bool isInexact = !rest.IsZero || (excess > 0 && !(quotient & ((BigInteger.One << excess) - 1)).IsZero);
        ulong bits = (ulong)(quotient >> excess);
        double result = Math.ScaleB(isInexact ? bits | 1 : bits, excess - shift);
        if (double.IsInfinity(result))
            throw context.Error("integer division result too large for a float");
        return x.Sign < 0 != y.Sign < 0 ? -result : result;
    }

    private static (BigInteger Quotient, BigInteger Remainder) FloorDivide(RenderContext context, BigInteger x, BigInteger y, string error)
    {
        if (y.IsZero)
            throw context.Error(error);
        BigInteger quotient = BigInteger.DivRem(x, y, out BigInteger rest);
        return !rest.IsZero && rest.Sign != y.Sign ? (quotient - 1, rest + y) : (quotient, rest);
    }

    private static double Modulo(double x, double y)
    {
        double rest = x % y;
        if (rest == 0)
            return double.CopySign(0, y);
        return y < 0 != rest < 0 ? rest + y : rest;
    }

    // as CPython computes it, so that the last bit agrees
    private static double FloorDivide(double x, double y)
    {
        double rest = x % y;
        double quotient = (x - rest) / y;
        if (rest != 0 && y < 0 != rest < 0)
            quotient -= 1;
        if (quotient == 0)
            return double.CopySign(0, x / y);
        double floor = Math.Floor(quotient);
        return quotient - floor > 0.5 ? floor + 1 : floor;
    }

    private static object Power(RenderContext context, BigInteger x, BigInteger y)
    {
        if (y.Sign < 0)
        {
            return x.IsZero
                ? throw context.Error("0.0 cannot be raised to a negative power")
                : Power(context, PythonNumber.ToDouble(context, PythonNumber.Normalize(x)), PythonNumber.ToDouble(context, PythonNumber.Normalize(y)));
        }
        if (BigInteger.Abs(x) <= 1)
            return x.Sign >= 0 ? (y.IsZero ? 1L : (long)x) : (y.IsEven ? 1L : -1L);
        PythonNumber.RequireSize(context, y > RenderLimits.IntegerBits ? long.MaxValue : (x.GetBitLength() - 1) * (long)y);
        return PythonNumber.Checked(context, BigInteger.Pow(x, (int)y));
    }

    private static object Power(RenderContext context, double x, double y)
    {
        if (x == 0 && y < 0)
            throw context.Error("0.0 cannot be raised to a negative power");
        if (x < 0 && double.IsFinite(x) && double.IsFinite(y) && Math.Floor(y) != y)
            throw context.Error("a negative number to a fractional power is a complex number, which is not supported");
        double power = Math.Pow(x, y);
        return double.IsInfinity(power) && double.IsFinite(x) && double.IsFinite(y)
            ? throw context.Error("Numerical result out of range")
            : power;
    }
}
