using System.Numerics;
using MiniMind.MLNet.Dpo.ChatTemplates.Python;
using MiniMind.MLNet.Dpo.ChatTemplates.Values;

namespace MiniMind.MLNet.Dpo.ChatTemplates.Builtins;

/// <summary>The functions that every template has.</summary>
internal static class Globals
{
    private static readonly Signature s_raiseParameters = new("raise_exception", 1, "message");
    private static readonly Signature s_timeParameters = new("strftime_now", 1, "format");
    private static readonly Signature s_joinerParameters = new("joiner", 0, "sep");

    public static readonly BuiltinFunction[] All =
    [
        new("range", Range),
        new("dict", MakeDict),
        new("namespace", MakeNamespace),
        new("cycler", (context, arguments) => arguments is { Positional.Length: > 0, Keywords.Length: 0 }
            ? new Cycler(arguments.Positional)
            : throw context.Error("at least one item has to be provided")),
        new("joiner", (context, arguments) => new Joiner(Argument.Or(s_joinerParameters.Bind(context, arguments)[0], ", "))),
        new("raise_exception", (context, arguments) => throw context.Error(PythonRepr.Text(context, s_raiseParameters.Bind(context, arguments)[0]))),
        new("strftime_now", (context, arguments) => TimeText.Format(
            context, context.Clock.GetLocalNow().DateTime, Argument.Text(context, "strftime() argument 1", s_timeParameters.Bind(context, arguments)[0]))),
    ];

    private static object Range(RenderContext context, CallArguments arguments)
    {
        if (arguments.Keywords.Length > 0)
            throw context.Error("range() takes no keyword arguments");
        if (arguments.Positional.Length is < 1 or > 3)
            throw context.Error($"range expected 1 to 3 arguments, got {arguments.Positional.Length}");
        long[] bounds = Array.ConvertAll(arguments.Positional, value => Bound(context, value));
        JinjaRange range = bounds.Length switch
        {
            1 => new JinjaRange(0, bounds[0], 1),
            2 => new JinjaRange(bounds[0], bounds[1], 1),
            _ => bounds[2] == 0 ? throw context.Error("range() arg 3 must not be zero") : new JinjaRange(bounds[0], bounds[1], bounds[2]),
        };
        return range.Count <= RenderLimits.RangeLength
            ? range
            : throw context.Error($"Range too big. The sandbox blocks ranges larger than MAX_RANGE ({RenderLimits.RangeLength}).");
    }

    private static long Bound(RenderContext context, object? value)
    {
        if (value is Undefined undefined)
            throw undefined.Error(context);
        if (PythonNumber.TryGetLong(value, out long bound))
            return bound;
        throw value is BigInteger
            ? context.Error($"Range too big. The sandbox blocks ranges larger than MAX_RANGE ({RenderLimits.RangeLength}).")
            : context.Error($"'{TypeNames.Of(value)}' object cannot be interpreted as an integer");
    }

    private static JinjaDict MakeDict(RenderContext context, CallArguments arguments)
    {
        if (arguments.Positional.Length > 1)
            throw context.Error($"dict expected at most 1 argument, got {arguments.Positional.Length}");
        JinjaDict dict = new();
        if (arguments.Positional.Length == 1)
            FillDict(context, dict, arguments.Positional[0]);
        foreach ((string name, object? value) in arguments.Keywords)
            dict.Set(name, value);
        context.ChargeItems(2L * dict.Count);
        return dict;
    }

    private static void FillDict(RenderContext context, JinjaDict dict, object? source)
    {
        if (source is JinjaDict other)
        {
            foreach ((object? key, object? value) in other.Entries)
            {
                context.ChargeItems(2);
                dict.Set(HashKey.Of(context, key), key, value);
            }
            return;
        }
        if (source is Undefined undefined)
            throw undefined.Error(context);
        foreach (object? item in Iteration.Items(context, source))
        {
            context.ChargeItems(2);
            object?[] pair = Iteration.ToArray(context, item);
            if (pair.Length != 2)
                throw context.Error($"dictionary update sequence element #{dict.Count} has length {pair.Length}; 2 is required");
            dict.Set(HashKey.Of(context, pair[0]), PythonText.TryGet(pair[0], out string? text) ? text : pair[0], pair[1]);
        }
    }

    private static JinjaNamespace MakeNamespace(RenderContext context, CallArguments arguments)
    {
        JinjaNamespace names = new();
        foreach ((object? key, object? value) in MakeDict(context, arguments).Entries)
            names.Set(key as string ?? throw context.Error("the attributes of a namespace have strings as names"), value);
        return names;
    }
}
