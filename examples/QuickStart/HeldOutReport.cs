using System.Globalization;
using Microsoft.ML;
using MiniMind.MLNet.Dpo;

namespace QuickStart;

/// <summary>Tells how the held-out pairs are ranked before and after training.</summary>
internal static class HeldOutReport
{
    /// <summary>Prints accuracy and margin before and after.</summary>
    public static void Show(MLContext mlContext, IDataView scored, double beta, int maxLength)
    {
        List<PreferenceScore> all = [.. mlContext.Data.CreateEnumerable<PreferenceScore>(scored, reuseRowObject: false)];
        // a side without any answer token within the maximum length has no log-prob
        List<PreferenceScore> rows = [.. all.Where(row => float.IsFinite(row.Margin))];
        if (rows.Count == 0)
        {
            Console.WriteLine($"\n{Unscored(mlContext, scored, all.Count, maxLength)}");
            return;
        }
        HeldOutComparison before = HeldOutComparison.Before(rows, beta), after = HeldOutComparison.After(rows);
        PreferenceMetrics metrics = mlContext.Preferences.Evaluate(scored);
        string interval = string.Create(CultureInfo.InvariantCulture, $"{100 * metrics.AccuracyLower:F1}% to {100 * metrics.AccuracyUpper:F1}%");
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"""

            {$"Held-out pairs ({rows.Count})",-28}{"before",10}{"after",10}
              chosen answer likelier    {100 * before.Accuracy,9:F1}%{100 * after.Accuracy,9:F1}%
              log-prob margin, in nats  {before.Margin,10:F3}{after.Margin,10:F3}
              against the untrained model: accuracy {100 * metrics.Accuracy:F1}% ({interval}), reward margin {metrics.MeanMargin:F3}, loss {metrics.Loss:F4}
            """));
        if (rows.Count < all.Count)
            Console.WriteLine($"  {all.Count - rows.Count} more have a side without an answer, or one that was cut off before its first token");
    }

    /// <summary>Why none can be scored, and what helps.</summary>
    private static string Unscored(MLContext mlContext, IDataView scored, int count, int maxLength)
    {
        int longest = mlContext.Data.CreateEnumerable<TokenCounts>(scored, reuseRowObject: true)
            .Max(row => Math.Max(row.ChosenTokenCount, row.RejectedTokenCount));
        string none = count == 1 ? "The one held-out pair cannot be scored" : $"None of the {count} held-out pairs can be scored";
        return longest > maxLength
            ? $"{none}: an answer is cut away at {maxLength} tokens. Raise --max-length; the longest conversation has {longest}."
            : $"{none}: a side has no answer, although nothing was cut. Look at the data.";
    }

    private sealed class TokenCounts
    {
        public int ChosenTokenCount { get; set; }

        public int RejectedTokenCount { get; set; }
    }
}
