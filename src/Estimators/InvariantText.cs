using System.Globalization;

namespace MiniMind.MLNet.Dpo.Estimators;

/// <summary>Texts of options that are the same under every culture, so that records and checkpoints of two processes compare.</summary>
internal static class InvariantText
{
    /// <summary>What a value's <c>ToString</c> gives under the invariant culture.</summary>
    public static string Of(object value)
    {
        CultureInfo before = CultureInfo.CurrentCulture;
        CultureInfo.CurrentCulture = CultureInfo.InvariantCulture;
        try
        {
            return value.ToString()!;
        }
        finally
        {
            CultureInfo.CurrentCulture = before;
        }
    }
}
