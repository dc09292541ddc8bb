using System.Globalization;
using System.Text;

namespace MiniMind.MLNet.Dpo.Estimators;

/// <summary>Lays a diagnosis out for a screen.</summary>
internal static class DiagnosisText
{
    private const int Width = 100, Indent = 2, Column = 12, FindingIndent = 4, FindingColumn = 11, FeatureWidth = 38;
    private const int MostGlued = 50;
    private const string Glue = "\u00A0"; // where a line is not to be broken
    private const double LeastCoverage = 0.05;

    /// <summary>The text, its lines ended by a line feed.</summary>
    public static string Of(PreferenceDiagnosis diagnosis)
    {
        StringBuilder text = new();
        string heldOut = diagnosis.HeldOutPairs is { } held ? $"; {Number(held)} held-out pairs" : "";
        text.Append(CultureInfo.InvariantCulture, $"{Number(diagnosis.Pairs)} pairs, {Number(diagnosis.Prompts)} prompts{heldOut}\n\n");
        text.Append(diagnosis.Findings.Count == 0 ? "Nothing was found that is worth a look before training.\n"
            : $"{diagnosis.Findings.Count} {(diagnosis.Findings.Count == 1 ? "finding" : "findings")}\n");
        foreach ((int index, DiagnosisFinding finding) in diagnosis.Findings.Index())
        {
            int alike = diagnosis.Findings.Index().First(other => (other.Item.Why, other.Item.Remedy) == (finding.Why, finding.Remedy)).Index;
            Append(text, index, alike, finding, diagnosis.HasLines ? "Lines" : "Rows");
        }
        text.Append("\nMeasured\n");
        Length(text, diagnosis.Length);
        Formats(text, diagnosis);
        if (diagnosis.Truncation is { } truncation)
            Item(text, Indent, Column, "Cut", $"{truncation}.");
        if (diagnosis.Reference is { } reference)
            Margins(text, reference);
        if (diagnosis.Truncation is null)
        {
            Item(
            text, Indent, Column, "Not seen", "what the maximum length cuts, and what the model prefers already: give the model to see these.");
        }

        if (diagnosis.HeldOutPairs is null)
            Item(text, Indent, Column, "Not seen", "prompts that are in held-out pairs, too: give these to see that.");
        return text.ToString();
    }

    private static void Append(StringBuilder text, int index, int alike, DiagnosisFinding finding, string rows)
    {
        int number = index + 1;
        text.Append('\n');
        Item(text, number < 10 ? 1 : 0, FindingIndent, $"{number}.", $"{char.ToUpperInvariant(finding.Summary[0])}{finding.Summary[1..]}.");
        if (finding.Examples.Count > 0)
        {
            Item(
            text, FindingIndent, FindingColumn, rows, string.Join(", ", finding.Examples.Select(Whole))
            + (finding.Count > finding.Examples.Count ? ", ..." : ""));
        }

        if (alike < index)
        {
            Item(text, FindingIndent, FindingColumn, "Why", $"and what to do: as {alike + 1}.");
            return;
        }
        Item(text, FindingIndent, FindingColumn, "Why", finding.Why);
        Item(text, FindingIndent, FindingColumn, "Do", finding.Remedy);
    }

    private static void Length(StringBuilder text, LengthBias length) => Item(text, Indent, Column, "Length", string.Create(CultureInfo.InvariantCulture,
        $"the chosen answer is longer in {Share(length.ChosenLonger, length.Pairs)}, the rejected one in {Share(length.RejectedLonger, length.Pairs)} of "
            + $"the pairs; {length.MeanChosenLength:N0} and {length.MeanRejectedLength:N0} characters on average, median "
            + $"difference {length.MedianDifference:+#,0.#;-#,0.#;0}. The length alone tells {length.Accuracy:P1} {Interval(length.Interval)} of the labels."));

    private static void Formats(StringBuilder text, PreferenceDiagnosis diagnosis)
    {
        FormatBias[] shown = [.. diagnosis.Formats.Where(bias => bias.Coverage >= LeastCoverage).OrderByDescending(bias => bias.Accuracy)
            .ThenBy(bias => bias.Feature, StringComparer.Ordinal)];
        if (shown.Length == 0)
        {
            Item(text, Indent, Column, "Form", "no property differs in 5 % of the pairs or more.");
            return;
        }
        text.Append(CultureInfo.InvariantCulture, $"  {"Form",-FeatureWidth} {"pairs differ",12}  {"more is",-8}  {"right",7}  95 % interval\n");
        foreach (FormatBias bias in shown)
        {
            string feature = bias.Feature.Length <= FeatureWidth - 2 ? bias.Feature : bias.Feature[..(FeatureWidth - 5)] + "...";
            text.Append(CultureInfo.InvariantCulture, $"    {feature,-(FeatureWidth - 2)} {bias.Coverage,12:P1} "
                + $" {(bias.MoreIsChosen ? "chosen" : "rejected"),-8}  {bias.Accuracy,7:P1}  {Interval(bias.Interval)}\n");
        }
    }

    private static void Margins(StringBuilder text, ReferenceMargins margins)
    {
        string unit = margins.Reduction == LogProbReduction.Mean ? "nats per token" : "nats";
        string Ends(IReadOnlyList<(long Line, double Margin)> ends) =>
            string.Join(", ", ends.Select(end => string.Create(CultureInfo.InvariantCulture, $"{end.Line} ({end.Margin:+0.00;-0.00;0.00})")));
        Item(text, Indent, Column, "Model", string.Create(CultureInfo.InvariantCulture,
            $"of {margins.Pairs:N0} pairs scored it prefers the chosen answer in {margins.Share:P1} {Interval(margins.Interval)} already; "
                + $"margins {margins.Mean:+0.000;-0.000;0.000} {unit} on average, standard deviation {margins.StandardDeviation:0.000}, "
                + $"quartiles {margins.Quartiles[0]:0.000}, {margins.Quartiles[1]:0.000} and {margins.Quartiles[2]:0.000}. Lowest: {Ends(margins.Lowest)}. "
                + $"Highest: {Ends(margins.Highest)}."));
    }

    /// <summary>A label and words behind it, which are broken into lines that begin in the same column.</summary>
    private static void Item(StringBuilder text, int indent, int column, string label, string words)
    {
        text.Append(' ', indent).Append(label).Append(' ', Math.Max(1, column - indent - label.Length));
        int at = Math.Max(column, indent + label.Length + 1), start = at;
        foreach (string glued in words.Replace(" %", Glue + "%", StringComparison.Ordinal).Split(' '))
        {
            string word = glued.Replace(Glue, " ", StringComparison.Ordinal);
            if (at > start && at + 1 + word.Length > Width)
            {
                text.Append('\n').Append(' ', column);
                at = start = column;
            }
            else if (at > start)
            {
                text.Append(' ');
                at++;
            }
            text.Append(word);
            at += word.Length;
        }
        text.Append('\n');
    }

    // a short example stays on one line
    private static string Whole(string example) => example.Length <= MostGlued ? example.Replace(" ", Glue, StringComparison.Ordinal) : example;

    private static string Number(long number) => number.ToString("N0", CultureInfo.InvariantCulture);

    private static string Share(long part, long whole) => (whole == 0 ? 0 : (double)part / whole).ToString("P1", CultureInfo.InvariantCulture);

    private static string Interval((double Lower, double Upper) interval) =>
        string.Create(CultureInfo.InvariantCulture, $"[{interval.Lower:P1}, {interval.Upper:P1}]");
}
