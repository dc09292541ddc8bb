using System.Globalization;
using System.Text.Json;

namespace MiniMind.MLNet.Dpo.Weights;

/// <summary>Writes numbers of a configuration as Python would.</summary>
internal static class ConfigJsonNumbers
{
    /// <summary>A number with a point or an exponent: Python tells 1 from 1.0, and transformers 5 checks for floats.</summary>
    public static void WriteReal(this Utf8JsonWriter json, string key, double value)
    {
        json.WritePropertyName(key);
        json.WriteRawValue(Real(value));
    }

    /// <summary>A number that is whole for everyone but us: transformers 5 checks for that, too.</summary>
    public static void WriteWhole(this Utf8JsonWriter json, string key, double value)
    {
        if (value == Math.Floor(value) && value < int.MaxValue)
            json.WriteNumber(key, (int)value);
        else
            json.WriteReal(key, value);
    }

    /// <summary>A list of numbers with a point or an exponent.</summary>
    public static void WriteReals(this Utf8JsonWriter json, string key, IEnumerable<double> values)
    {
        json.WriteStartArray(key);
        foreach (double value in values)
            json.WriteRawValue(Real(value));
        json.WriteEndArray();
    }

    /// <summary>A whole number, or null.</summary>
    public static void WriteOptional(this Utf8JsonWriter json, string key, int? value)
    {
        if (value is { } number)
            json.WriteNumber(key, number);
        else
            json.WriteNull(key);
    }

    private static string Real(double value)
    {
        string text = value.ToString("R", CultureInfo.InvariantCulture);
        return text.AsSpan().IndexOfAny('.', 'E') < 0 ? text + ".0" : text;
    }
}
