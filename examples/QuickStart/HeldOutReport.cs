using System.Globalization;
using Microsoft.ML;
using MiniMind.MLNet.Dpo;

namespace QuickStart;

/// <summary>Tells how the held-out pairs are ranked before and after training.</summary>
internal static class HeldOutReport
{
    /// <summary>Prints accuracy and margin before and after.</summary>
    public static void Show(MLContext mlContext, IDataView scored, double beta)
    {
        List<PreferenceScore> all = [.. mlContext.Data.CreateEnumerable<PreferenceScore>(scored, reuseRowObject: false)];
        // a side without any answer token within the maximum length has no log-prob
        List<PreferenceScore> rows = [.. all.Where(row => float.IsFinite(row.Margin))];
        if (rows.Count == 0)
        {
            Console.WriteLine($"\nNone of the {all.Count} held-out pairs can be scored: raise --max-length.");
            return;
        }
        HeldOutComparison before = HeldOutComparison.Before(rows, beta), after = HeldOutComparison.After(rows);
        PreferenceMetrics metrics = mlContext.Preferences.Evaluate(scored);
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"""

            {$"Held-out pairs ({rows.Count})",-28}{"before",10}{"after",10}
              chosen answer likelier    {100 * before.Accuracy,9:F1}%{100 * after.Accuracy,9:F1}%
              log-prob margin, in nats  {before.Margin,10:F3}{after.Margin,10:F3}
              against the untrained model: accuracy {100 * metrics.Accuracy:F1}% ({100 * metrics.AccuracyLower:F1}% to {100 * metrics.AccuracyUpper:F1}%), reward margin {metrics.MeanMargin:F3}, loss {metrics.Loss:F4}
            """));
        if (rows.Count < all.Count) Console.WriteLine($"  {all.Count - rows.Count} more were cut off before an answer's first token");
    }
}
