namespace MiniMind.MLNet.Dpo.Data.Shapes;

/// <summary>Lists field names for errors.</summary>
internal static class FieldNames
{
    private const int Most = 25;

    /// <summary>The names in quotes, long ones and long lists shortened.</summary>
    public static string List(IEnumerable<string> names)
    {
        string[] all = [.. names];
        string listed = string.Join(", ", all.Take(Most).Select(name => $"'{Excerpt.Of(name)}'"));
        return all.Length == 0 ? "no fields" : all.Length > Most ? $"{listed} and {all.Length - Most} more" : listed;
    }
}
