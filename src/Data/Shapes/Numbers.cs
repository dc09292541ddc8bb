using System.Globalization;
using System.Text.Json;

namespace MiniMind.MLNet.Dpo.Data.Shapes;

/// <summary>Numbers of rows, which stand in strings where the file knows nothing else.</summary>
internal static class Numbers
{
    /// <summary>The number; null where the value is none. True is 1 and false is 0.</summary>
    public static double? Read(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Number => value.GetDouble(),
        JsonValueKind.True => 1,
        JsonValueKind.False => 0,
        JsonValueKind.String => Read(value.GetString()!),
        _ => null,
    };

    /// <summary>The number that a text is; null where it is none.</summary>
    public static double? Read(string text) =>
        double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out double number) && double.IsFinite(number) ? number : null;
}
