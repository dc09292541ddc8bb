using System.Collections.Frozen;
using System.Numerics;
using MiniMind.MLNet.Dpo.ChatTemplates.Python;
using MiniMind.MLNet.Dpo.ChatTemplates.Values;

namespace MiniMind.MLNet.Dpo.ChatTemplates.Builtins;

/// <summary>s_all tests.</summary>
internal static class TestTable
{
    private static readonly FrozenDictionary<string, Test> s_all = new[]
    {
        Plain("defined", (context, value) => value is not Undefined),
        Plain("undefined", (context, value) => value is Undefined),
        Plain("none", (context, value) => value is null),
        Plain("boolean", (context, value) => value is bool),
        Plain("true", (context, value) => value is true),
        Plain("false", (context, value) => value is false),
        Plain("integer", (context, value) => value is long or BigInteger),
        Plain("float", (context, value) => value is double),
        Plain("number", (context, value) => PythonNumber.IsNumber(value)),
        Plain("string", (context, value) => value is string or MarkupText),
        Plain("mapping", (context, value) => value is JinjaDict),
        Plain("sequence", (context, value) => value is string or MarkupText or JinjaSequence or JinjaDict or JinjaRange or Undefined),
        Plain("iterable", (context, value) => value is LoopState || Iteration.TryItems(context, value) is not null),
        Plain("callable", (context, value) => value is ICallable or Undefined),
        Plain("escaped", (context, value) => value is MarkupText),
        Plain("lower", (context, value) => CaseMapping.IsLower(Scanned(context, value))),
        Plain("upper", (context, value) => CaseMapping.IsUpper(Scanned(context, value))),
        Plain("filter", (context, value) => HashKey.Of(context, value) is string name && FilterTable.Find(name) is not null),
        Plain("test", (context, value) => HashKey.Of(context, value) is string name && Find(name) is not null),
        Plain("odd", (context, value) => Equality.AreEqual(context, Arithmetic.Apply(context, "%", value, 2L), 1L)),
        Plain("even", (context, value) => Equality.AreEqual(context, Arithmetic.Apply(context, "%", value, 2L), 0L)),
        Binary("divisibleby", (context, value, other) => Equality.AreEqual(context, Arithmetic.Apply(context, "%", value, other), 0L)),
        Binary("in", (context, value, other) => Iteration.Contains(context, other, value)),
        Binary("sameas", IsSame),
        Binary("==", Equality.AreEqual),
        Binary("eq", Equality.AreEqual),
        Binary("equalto", Equality.AreEqual),
        Binary("!=", (context, value, other) => !Equality.AreEqual(context, value, other)),
        Binary("ne", (context, value, other) => !Equality.AreEqual(context, value, other)),
        Ordered("<", "<"), Ordered("lt", "<"), Ordered("lessthan", "<"),
        Ordered("<=", "<="), Ordered("le", "<="),
        Ordered(">", ">"), Ordered("gt", ">"), Ordered("greaterthan", ">"),
        Ordered(">=", ">="), Ordered("ge", ">="),
    }.ToFrozenDictionary(test => test.Name);

    public static Test? Find(string name) => s_all.GetValueOrDefault(name);

    private static Test Plain(string name, Func<RenderContext, object?, bool> body)
    {
        Signature signature = new(name, 0);
        return new Test(name, (context, value, arguments) =>
        {
            signature.Bind(context, arguments);
            return body(context, value);
        });
    }

    private static Test Binary(string name, Func<RenderContext, object?, object?, bool> body)
    {
        Signature signature = new(name, 1, "other");
        return new Test(name, (context, value, arguments) => body(context, value, signature.Bind(context, arguments)[0]));
    }

    private static Test Ordered(string name, string operation) =>
        Binary(name, (context, value, other) => Ordering.Holds(context, value, operation, other));

    private static string Scanned(RenderContext context, object? value)
    {
        string text = PythonRepr.Text(context, value);
        context.Step(1 + text.Length / 2);
        return text;
    }

    // Python compares identities; for texts and numbers that depends on how it stores them, unless they differ anyway
    private static bool IsSame(RenderContext context, object? value, object? other)
    {
        if (ReferenceEquals(value, other) || (value is bool a && other is bool b && a == b))
            return true;
        if (value is long small && other is long same && small == same && small is >= -5 and <= 256)
            return true;
        bool unclear = TypeNames.Of(value) == TypeNames.Of(other) && value is string or long or double or BigInteger or JinjaTuple;
        if (unclear && Equality.AreEqual(context, value, other))
            throw context.Error($"whether two equal values of type '{TypeNames.Of(value)}' are the same object is not defined; compare with ==");
        return false;
    }
}
