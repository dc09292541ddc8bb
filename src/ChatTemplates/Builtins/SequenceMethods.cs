using MiniMind.MLNet.Dpo.ChatTemplates.Python;
using MiniMind.MLNet.Dpo.ChatTemplates.Values;

namespace MiniMind.MLNet.Dpo.ChatTemplates.Builtins;

/// <summary>The methods of lists and tuples that do not change them.</summary>
internal static class SequenceMethods
{
    public static readonly Dictionary<string, Method> All = new[]
    {
        Define("count", 1, ["value"], Count),
        Define("index", 1, ["value", "start", "stop"], Index),
    }.ToDictionary(method => method.Name);

    private static object? Count(RenderContext context, JinjaSequence sequence, object?[] arguments)
    {
        long count = 0;
        foreach (object? item in sequence.Items)
        {
            context.Step();
            if (Equality.AreEqual(context, item, arguments[0]))
                count++;
        }
        return count;
    }

    private static object? Index(RenderContext context, JinjaSequence sequence, object?[] arguments)
    {
        int length = sequence.Items.Length;
        long start = Slicing.Bound(context, arguments[1], length, 0, 0, length);
        long stop = Slicing.Bound(context, arguments[2], length, length, 0, length);
        for (long i = start; i < stop; i++)
        {
            context.Step();
            if (Equality.AreEqual(context, sequence.Items[i], arguments[0]))
                return i;
        }
        throw context.Error(sequence is JinjaTuple ? "tuple.index(x): x not in tuple" : $"{PythonRepr.Of(context, arguments[0])} is not in list");
    }

    private static Method Define(string name, int required, string[] parameters, Func<RenderContext, JinjaSequence, object?[], object?> body)
    {
        Signature signature = new(name, required, parameters);
        return new Method(name, (context, self, arguments) => body(context, (JinjaSequence)self, signature.Bind(context, arguments)));
    }
}
