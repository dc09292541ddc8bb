using System.Numerics;
using MiniMind.MLNet.Dpo.ChatTemplates.Values;

namespace MiniMind.MLNet.Dpo.ChatTemplates.Python;

/// <summary>Python's arithmetic, also that of texts and lists.</summary>
internal static class Arithmetic
{
    public static object? Add(RenderContext context, object? left, object? right)
    {
        if (left is string a && right is string b)
            return Concatenate(context, a, b);
        if (PythonNumber.TryGetLong(left, out long x) && PythonNumber.TryGetLong(right, out long y))
        {
            long sum = unchecked(x + y);
            return ((x ^ sum) & (y ^ sum)) < 0 ? (object)((BigInteger)x + y) : sum;
        }
        if (PythonNumber.IsNumber(left) && PythonNumber.IsNumber(right))
            return NumberArithmetic.Apply(context, "+", left!, right!);
        RefuseUndefined(context, left, right);
        if (left is MarkupText || right is MarkupText)
        {
            if (PythonText.TryGet(left, out string? first) && PythonText.TryGet(right, out string? second))
                return new MarkupText(Concatenate(context, Escaped(context, left, first), Escaped(context, right, second)));
        }
        if (left is JinjaSequence sequence)
        {
            if (right is JinjaSequence other && left is JinjaList == right is JinjaList)
            {
                context.ChargeItems(sequence.Items.Length + (long)other.Items.Length);
                return sequence.With([.. sequence.Items, .. other.Items]);
            }
            string type = left is JinjaList ? "list" : "tuple";
            throw context.Error($"can only concatenate {type} (not \"{TypeNames.Of(right)}\") to {type}");
        }
        throw left is string or MarkupText
            ? context.Error($"can only concatenate str (not \"{TypeNames.Of(right)}\") to str")
            : Unsupported(context, "+", left, right);
    }

    /// <summary><c>left operation right</c> for an operation other than <c>+</c>.</summary>
    public static object? Apply(RenderContext context, string operation, object? left, object? right)
    {
        if (PythonNumber.IsNumber(left) && PythonNumber.IsNumber(right))
            return NumberArithmetic.Apply(context, operation, left!, right!);
        if (operation == "%" && PythonText.TryGet(left, out string? format))
        {
            return left is string
                ? PercentFormat.Apply(context, format, right)
                : throw context.Error("formatting text that is marked safe is not supported");
        }
        RefuseUndefined(context, left, right);
        if (operation == "*")
        {
            if (PythonNumber.IsInteger(right) && left is not null)
                return Repeat(context, left, right);
            if (PythonNumber.IsInteger(left) && right is not null)
                return Repeat(context, right, left);
            object? sequence = left is string or MarkupText or JinjaSequence ? left : right;
            if (sequence is string or MarkupText or JinjaSequence)
                throw context.Error($"can't multiply sequence by non-int of type '{TypeNames.Of(ReferenceEquals(sequence, left) ? right : left)}'");
        }
        throw Unsupported(context, operation == "**" ? "** or pow()" : operation, left, right);
    }

    public static object Negate(RenderContext context, object? value)
    {
        if (value is double number)
            return -number;
        if (!PythonNumber.IsInteger(value))
            throw UnsupportedUnary(context, "-", value);
        return PythonNumber.Checked(context, -PythonNumber.ToBig(value));
    }

    public static object Plus(RenderContext context, object? value)
    {
        if (!PythonNumber.IsNumber(value))
            throw UnsupportedUnary(context, "+", value);
        return value is bool truth ? (truth ? 1L : 0L) : value!;
    }

    private static string Concatenate(RenderContext context, string left, string right)
    {
        context.ChargeText((long)left.Length + right.Length);
        return string.Concat(left, right);
    }

    private static string Escaped(RenderContext context, object? value, string text) => value is MarkupText ? text : MarkupText.Escape(context, text);

    private static object? Repeat(RenderContext context, object value, object? times)
    {
        long count = times switch
        {
            BigInteger big => big.Sign < 0 ? 0 : throw context.Error("cannot fit 'int' into an index-sized integer"),
            bool truth => truth ? 1 : 0,
            _ => Math.Max((long)times!, 0),
        };
        if (PythonText.TryGet(value, out string? text))
        {
            count = text.Length == 0 ? 0 : count;
            long length = count > int.MaxValue ? long.MaxValue : count * text.Length;
            context.RequireLength(length);
            context.ChargeText(length);
            return PythonText.Like(value, string.Concat(Enumerable.Repeat(text, (int)count)));
        }
        if (value is not JinjaSequence sequence)
            throw Unsupported(context, "*", value, times);
        int items = sequence.Items.Length;
        count = items == 0 ? 0 : count;
        context.ChargeItems(count > int.MaxValue ? int.MaxValue : count * items);
        object?[] repeated = new object?[count * items];
        for (int i = 0; i < repeated.Length; i += items)
            sequence.Items.CopyTo(repeated, i);
        return sequence.With(repeated);
    }

    private static void RefuseUndefined(RenderContext context, object? left, object? right)
    {
        if (left is Undefined first)
            throw first.Error(context);
        if (right is Undefined second)
            throw second.Error(context);
    }

    private static TemplateException Unsupported(RenderContext context, string operation, object? left, object? right) =>
        context.Error($"unsupported operand type(s) for {operation}: '{TypeNames.Of(left)}' and '{TypeNames.Of(right)}'");

    private static TemplateException UnsupportedUnary(RenderContext context, string operation, object? value) =>
        value is Undefined undefined ? undefined.Error(context) : context.Error($"bad operand type for unary {operation}: '{TypeNames.Of(value)}'");
}
