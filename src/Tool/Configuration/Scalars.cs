using System.Globalization;
using System.Reflection;

namespace MiniMind.MLNet.Dpo.Tool.Configuration;

/// <summary>Values of one word: numbers, switches, texts, names.</summary>
internal static class Scalars
{
    private const string Infinity = ".inf", NotANumber = ".nan", FirstCuda = "cuda";

    private static readonly Dictionary<string, ComputeDevice> s_devices = Named<ComputeDevice>();

    /// <summary>The public static properties of a type that hold values of it, by their keys.</summary>
    public static Dictionary<string, T> Named<T>() => typeof(T).GetProperties(BindingFlags.Public | BindingFlags.Static)
        .Where(property => property.PropertyType == typeof(T)).ToDictionary(property => KeyNames.Of(property.Name), property => (T)property.GetValue(null)!);

    /// <summary>What a value of a type must be, in words.</summary>
    public static string Describe(Type type) => true switch
    {
        _ when type == typeof(bool) => "true or false",
        _ when type == typeof(int) || type == typeof(long) => "a whole number",
        _ when type == typeof(double) => "a number",
        _ when type == typeof(char) => "one character",
        _ when type == typeof(TimeSpan) => "a time such as 00:00:05",
        _ when Names(type) is { } names => Listed(names),
        _ => "a text",
    };

    /// <summary>The names that a value of a type can be; <see langword="null"/> where it is none of a few.</summary>
    public static IReadOnlyList<string>? Names(Type type) => true switch
    {
        _ when type.IsEnum => [.. Enum.GetNames(type).Select(KeyNames.Of)],
        _ when type == typeof(ComputeDevice) => [.. s_devices.Keys, FirstCuda, "cuda:1"],
        _ when type == typeof(ValidationMetric) => [.. Named<ValidationMetric>().Keys],
        _ when type == typeof(LoraTargets) => [.. Named<LoraTargets>().Keys],
        _ when Choices.Has(type) => [.. Choices.Methods(type).Keys.Order(StringComparer.Ordinal)],
        _ when type == typeof(bool) => ["true", "false"],
        _ => null,
    };

    /// <summary>Reads a value.</summary>
    /// <param name="type">What it is to be.</param>
    /// <param name="scalar">The word.</param>
    /// <param name="value">The value.</param>
    /// <param name="expected">What would be right.</param>
    public static bool TryRead(Type type, ConfigScalar scalar, out object? value, out string expected)
    {
        (value, expected) = (null, Describe(type));
        string text = scalar.Text;
        if (type == typeof(string))
        {
            value = text;
        }
        else if (type == typeof(char))
        {
            value = text.Length == 1 ? text[0] : null;
        }
        else if (type.IsEnum)
        {
            value = Enum.GetNames(type).Where(name => KeyNames.Of(name) == text).Select(name => Enum.Parse(type, name)).FirstOrDefault();
            if (value is null && KeyNames.Nearest(text, Names(type)!) is { } near)
                expected = $"{Describe(type)}; '{near}' is near";
        }
        else if (type == typeof(ComputeDevice))
        {
            value = Device(text);
        }
        else if (type == typeof(ValidationMetric))
        {
            value = Named<ValidationMetric>().GetValueOrDefault(text);
        }
        else if (scalar.IsPlain)
        {
            value = Number(type, text);
        }
        else
        {
            expected += ", without quotes";
        }
        return value is not null;
    }

    /// <summary>The word that gives a value.</summary>
    public static ConfigScalar Write(object value) => value switch
    {
        string text => new ConfigScalar(text, false, default),
        char character => new ConfigScalar(character.ToString(), false, default),
        bool flag => Plain(flag ? "true" : "false"),
        double number => Plain(double.IsPositiveInfinity(number) ? Infinity : double.IsNegativeInfinity(number) ? "-" + Infinity
            : double.IsNaN(number) ? NotANumber : number.ToString("R", CultureInfo.InvariantCulture).Replace('E', 'e')),
        Enum name => new ConfigScalar(KeyNames.Of(name.ToString()), false, default),
        ComputeDevice device => new ConfigScalar(
            s_devices.Where(named => named.Value.Equals(device)).Select(named => named.Key).FirstOrDefault() ?? device.ToString(), false, default),
        ValidationMetric metric => new ConfigScalar(Named<ValidationMetric>().First(named => named.Value == metric).Key, false, default),
        IFormattable formattable => Plain(formattable.ToString(null, CultureInfo.InvariantCulture)),
        _ => throw new NotSupportedException($"{value.GetType().Name} has no word."),
    };

    /// <summary>A value that is what it looks like, for the variables of a template.</summary>
    public static object? Free(ConfigNode node) => node switch
    {
        ConfigScalar { IsNull: true } => null,
        ConfigScalar { IsPlain: true } scalar => Number(typeof(bool), scalar.Text) ?? Number(typeof(long), scalar.Text) ?? Number(typeof(double), scalar.Text)
            ?? scalar.Text,
        ConfigScalar scalar => scalar.Text,
        ConfigList list => list.Items.Select(Free).ToList(),
        ConfigMap map => map.Entries.ToDictionary(entry => entry.Key, entry => Free(entry.Value)),
        _ => throw new NotSupportedException(),
    };

    private static ConfigScalar Plain(string text) => new(text, true, default);

    private static object? Number(Type type, string text)
    {
        if (type == typeof(bool))
            return text == "true" ? true : text == "false" ? false : null;
        if (type == typeof(int))
            return int.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out int whole) ? whole : null;
        if (type == typeof(long))
            return long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out long large) ? large : null;
        if (type == typeof(TimeSpan))
            return TimeSpan.TryParseExact(text, "c", CultureInfo.InvariantCulture, out TimeSpan time) ? time : null;
        if (type != typeof(double))
            throw new NotSupportedException($"{type.Name} cannot be read from a configuration.");
        return text switch
        {
            Infinity => double.PositiveInfinity,
            "-" + Infinity => double.NegativeInfinity,
            NotANumber => double.NaN,
            _ => double.TryParse(text, NumberStyles.AllowLeadingSign | NumberStyles.AllowDecimalPoint | NumberStyles.AllowExponent,
                CultureInfo.InvariantCulture, out double number) && double.IsFinite(number) ? number : null,
        };
    }

    private static object? Device(string text)
    {
        if (s_devices.TryGetValue(text, out ComputeDevice known))
            return known;
        if (text == FirstCuda)
            return ComputeDevice.Cuda();
        return text.StartsWith("cuda:", StringComparison.Ordinal) && Number(typeof(int), text[5..]) is int index and >= 0 ? ComputeDevice.Cuda(index) : null;
    }

    private static string Listed(IReadOnlyList<string> names) =>
        names.Count == 1 ? names[0] : $"{string.Join(", ", names.Take(names.Count - 1))} or {names[^1]}";
}
