using MiniMind.MLNet.Dpo.ChatTemplates.Python;

namespace MiniMind.MLNet.Dpo.ChatTemplates.Builtins;

/// <summary>Takes the arguments of built-in functions for what they must be.</summary>
internal static class Argument
{
    /// <summary>An argument that must be a string.</summary>
    public static string Text(RenderContext context, string parameter, object? value) => PythonText.TryGet(value, out string? text)
        ? text
        : throw context.Error($"{parameter} must be str, not {TypeNames.Of(value)}");

    /// <summary>An argument that must be an integer; <paramref name="missing"/> where it is not given.</summary>
    public static int Integer(RenderContext context, object? value, int missing)
    {
        if (value is Missing)
            return missing;
        if (!PythonNumber.IsInteger(value))
            throw context.Error($"'{TypeNames.Of(value)}' object cannot be interpreted as an integer");
        return PythonNumber.TryGetLong(value, out long number) && number is >= int.MinValue and <= int.MaxValue
            ? (int)number
            : throw context.Error("Python int too large to convert to C ssize_t");
    }

    /// <summary>Whether an argument is given and true.</summary>
    public static bool IsTrue(RenderContext context, object? value) => value is not Missing && Truth.Of(context, value);

    /// <summary>The argument, or <paramref name="missing"/> where it is not given.</summary>
    public static object? Or(object? value, object? missing) => value is Missing ? missing : value;
}
