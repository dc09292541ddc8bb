using System.Numerics;
using System.Text;
using MiniMind.MLNet.Dpo.ChatTemplates.Values;

namespace MiniMind.MLNet.Dpo.ChatTemplates.Python;

/// <summary>Python's <c>"%s" % value</c>, for the conversions <c>s r d i x X f F %</c>.</summary>
internal static class PercentFormat
{
    public static string Apply(RenderContext context, string format, object? argument)
    {
        object?[] values = argument is JinjaTuple tuple ? tuple.Items : [argument];
        StringBuilder text = new();
        int used = 0;
        for (int i = 0; i < format.Length; i++)
        {
            context.RequireLength(text.Length);
            context.Step();
            int mark = format.IndexOf('%', i);
            text.Append(format, i, (mark < 0 ? format.Length : mark) - i);
            if (mark < 0)
                break;
            i = mark + 1;
            string? key = ReadKey(context, format, ref i);
            FormatField field = ReadField(context, format, ref i);
            if (i >= format.Length)
                throw context.Error("incomplete format");
            if (format[i] == '%')
            {
                text.Append('%');
                continue;
            }
            object? value = key is not null ? Lookup(context, argument, key)
                : used < values.Length ? values[used++]
                : throw context.Error("not enough arguments for format string");
            text.Append(Convert(context, format[i], i, field, value));
        }
        bool mapping = argument is JinjaDict or JinjaList or JinjaRange or Undefined;
        if (used < values.Length && !mapping)
            throw context.Error("not all arguments converted during string formatting");
        context.ChargeText(text.Length);
        return text.ToString();
    }

    private static string? ReadKey(RenderContext context, string format, ref int position)
    {
        if (position >= format.Length || format[position] != '(')
            return null;
        int end = format.IndexOf(')', position);
        if (end < 0)
            throw context.Error("incomplete format key");
        string key = format[(position + 1)..end];
        position = end + 1;
        return key;
    }

    private static FormatField ReadField(RenderContext context, string format, ref int position)
    {
        FormatField field = new();
        for (; position < format.Length && "-+ 0#".Contains(format[position], StringComparison.Ordinal); position++)
        {
            field = format[position] switch
            {
                '-' => field with { Align = '<', Fill = ' ' },
                '+' => field with { Sign = '+' },
                ' ' => field with { Sign = field.Sign == '+' ? '+' : ' ' },
                '0' => field.Align == '<' ? field : field with { Align = '=', Fill = '0' },
                _ => field with { Prefix = true },
            };
        }
        field = field with { Width = FormatField.ReadNumber(context, format, ref position, 0) };
        if (position < format.Length && format[position] == '.')
        {
            position++;
            field = field with { Precision = FormatField.ReadNumber(context, format, ref position, 0) };
        }
        return field;
    }

    private static object? Lookup(RenderContext context, object? argument, string key)
    {
        if (argument is not JinjaDict dict)
            throw context.Error("format requires a mapping");
        return dict.TryGet(key, out object? value) ? value : throw context.Error($"the format's key '{key}' is not in the dict");
    }

    private static string Convert(RenderContext context, char conversion, int position, FormatField field, object? value)
    {
        FormatField plain = field.Fill == '0' ? field with { Fill = ' ', Align = '>' } : field;
        switch (conversion)
        {
            case 's':
                return plain.Text(PythonRepr.Text(context, value));
            case 'r':
                return plain.Text(PythonRepr.Of(context, value));
            case 'd' or 'i' or 'x' or 'X':
                return field.Integer(ToInteger(context, conversion, value), conversion == 'i' ? 'd' : conversion);
            case 'f' or 'F':
                if (!PythonNumber.IsNumber(value))
                    throw value is Undefined undefined ? undefined.Error(context) : context.Error($"must be real number, not {TypeNames.Of(value)}");
                return field.Fixed(context, PythonNumber.ToDouble(context, value));
            default:
                throw context.Error($"the conversion '%{conversion}' at index {position} of a format is not supported; it can be s, r, d, i, x, X, f, F or %");
        }
    }

    private static BigInteger ToInteger(RenderContext context, char conversion, object? value)
    {
        if (PythonNumber.IsInteger(value))
            return PythonNumber.ToBig(value);
        if (value is Undefined undefined)
            throw undefined.Error(context);
        if (conversion is 'd' or 'i' && value is double number && double.IsFinite(number))
            return new BigInteger(Math.Truncate(number));
        string kind = conversion is 'd' or 'i' ? "a real number" : "an integer";
        throw context.Error($"%{conversion} format: {kind} is required, not {TypeNames.Of(value)}");
    }
}
