using System.Globalization;
using System.Numerics;
using MiniMind.MLNet.Dpo.ChatTemplates.Python;
using MiniMind.MLNet.Dpo.ChatTemplates.Values;

namespace MiniMind.MLNet.Dpo.ChatTemplates.Builtins;

/// <summary>The filters that give numbers.</summary>
internal static class NumberFilters
{
    public static readonly Filter[] All =
    [
        Filter.Define("abs", Absolute),
        Filter.Define("round", 0, ["precision", "method"], Round),
        Filter.Define("int", 0, ["default", "base"], ToInteger),
        Filter.Define("float", 0, ["default"], (context, value, arguments) => ToFloat(context, value) ?? (Argument.Or(arguments[0], 0.0))),
        Filter.Define("sum", 0, ["attribute", "start"], Sum),
    ];

    private static object Absolute(RenderContext context, object? value)
    {
        if (value is double number)
            return Math.Abs(number);
        if (!PythonNumber.IsInteger(value))
            throw value is Undefined undefined ? undefined.Error(context) : context.Error($"bad operand type for abs(): '{TypeNames.Of(value)}'");
        return PythonNumber.Checked(context, BigInteger.Abs(PythonNumber.ToBig(value)));
    }

    private static object? Round(RenderContext context, object? value, object?[] arguments)
    {
        int places = Argument.Integer(context, arguments[0], 0);
        string method = arguments[1] is Missing ? "common" : PythonRepr.Text(context, arguments[1]);
        if (method is not ("common" or "ceil" or "floor"))
            throw context.Error("method must be common, ceil or floor");
        if (!PythonNumber.IsNumber(value))
            throw value is Undefined undefined ? undefined.Error(context) : context.Error($"type {TypeNames.Of(value)} doesn't define __round__ method");
        if (method != "common")
            return RoundTo(context, value, places, method);
        if (value is double number)
        {
            context.Step(200);
            double rounded = ExactDecimal.Round(number, places);
            return double.IsInfinity(rounded) && double.IsFinite(number) ? throw context.Error("rounded value too large to represent") : rounded;
        }
        BigInteger integer = PythonNumber.ToBig(value);
        if (places >= 0)
            return PythonNumber.Normalize(integer);
        BigInteger unit = BigInteger.Pow(10, Math.Min(-places, RenderLimits.IntegerBits / 2));
        context.Step(200);
        return PythonNumber.Checked(context, integer.Sign * ExactDecimal.RoundQuotient(BigInteger.Abs(integer), unit) * unit);
    }

    // ceil and floor go by way of an integer, which Python then divides
    private static object? RoundTo(RenderContext context, object? value, int places, string method)
    {
        object? unit = Arithmetic.Apply(context, "**", 10L, (long)places);
        object? scaled = Arithmetic.Apply(context, "*", value, unit);
        if (scaled is double number)
        {
            if (!double.IsFinite(number))
                throw context.Error(double.IsNaN(number) ? "cannot convert float NaN to integer" : "cannot convert float infinity to integer");
            scaled = PythonNumber.Checked(context, new BigInteger(method == "ceil" ? Math.Ceiling(number) : Math.Floor(number)));
        }
        return Arithmetic.Apply(context, "/", scaled, unit);
    }

    private static object? ToInteger(RenderContext context, object? value, object?[] arguments)
    {
        object? missing = Argument.Or(arguments[0], 0L);
        int numberBase = Argument.Integer(context, arguments[1], 10);
        if (value is Undefined undefined)
            throw undefined.Error(context);
        if (PythonNumber.IsInteger(value))
            return PythonNumber.Normalize(PythonNumber.ToBig(value));
        if (PythonText.TryGet(value, out string? text) && IntegerText.TryParse(context, text, numberBase, out BigInteger parsed))
            return PythonNumber.Checked(context, parsed);
        if (ToFloat(context, value) is not double number || double.IsNaN(number))
            return missing;
        if (double.IsInfinity(number))
            return value is double ? throw context.Error("cannot convert float infinity to integer") : missing;
        return PythonNumber.Checked(context, new BigInteger(Math.Truncate(number)));
    }

    private static object? ToFloat(RenderContext context, object? value)
    {
        if (value is Undefined undefined)
            throw undefined.Error(context);
        if (PythonNumber.IsNumber(value))
            return PythonNumber.ToDouble(context, value);
        if (!PythonText.TryGet(value, out string? text))
            return null;
        context.Scan(text.Length);
        string trimmed = PythonText.Strip(text, null, start: true, end: true);
        switch (trimmed.TrimStart('+', '-').ToLowerInvariant())
        {
            case "inf" or "infinity" when trimmed.Length - trimmed.TrimStart('+', '-').Length <= 1:
                return trimmed[0] == '-' ? double.NegativeInfinity : double.PositiveInfinity;
            case "nan" when trimmed.Length <= 4:
                return double.NaN;
        }
        string? digits = IntegerText.WithoutUnderscores(trimmed);
        bool isPlain = digits is not null && digits.All(c => char.IsAsciiDigit(c) || c is '+' or '-' or '.' or 'e' or 'E');
        return isPlain && double.TryParse(digits, NumberStyles.Float, CultureInfo.InvariantCulture, out double number) ? number : null;
    }

    private static object? Sum(RenderContext context, object? value, object?[] arguments)
    {
        object? sum = Argument.Or(arguments[1], 0L);
        if (sum is string or MarkupText)
            throw context.Error("sum() can't sum strings [use ''.join(seq) instead]");
        AttributePath? path = arguments[0] is null or Missing ? null : AttributePath.Parse(context, arguments[0]);
        foreach (object? item in Iteration.Items(context, value))
            sum = Arithmetic.Add(context, sum, path is null ? item : path.Get(context, item));
        return sum;
    }
}
