using System.Text;
using MiniMind.MLNet.Dpo.Training.Records;

namespace MiniMind.MLNet.Dpo.Reports;

/// <summary>The curves of a run, drawn anew from its measurements.</summary>
internal static class CurvePart
{
    private const double Drawable = 1e30; // beyond, an axis could not be divided

    /// <summary>Writes it.</summary>
    public static void Write(HtmlWriter page, RunFolder run)
    {
        if (run.Measurements.Count == 0)
        {
            page.Missing("The folder has no metrics.jsonl, or one without measurements, so that there is nothing to draw.");
            return;
        }
        TrainingCurves curves = new();
        foreach ((long step, IReadOnlyDictionary<string, double> values) in run.Measurements)
            curves.Add(step, values.ToDictionary(value => value.Key, value => Math.Abs(value.Value) < Drawable ? value.Value : double.NaN));
        page.Markup("<figure><div class=\"wide\" tabindex=\"0\">\n").Markup(Encoding.UTF8.GetString(curves.Draw("Training and evaluation")))
            .Markup("</div>\n<figcaption>").Plain("Training figures are averages over the steps since the last measurement; evaluations have dots.")
            .Markup("</figcaption></figure>\n");
    }
}
