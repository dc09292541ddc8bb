namespace MiniMind.MLNet.Dpo.Training.Records.Charts;

/// <summary>A chart of a few lines over the same x axis.</summary>
internal sealed record LineChart
{
    /// <summary>What is shown, with its unit.</summary>
    public required string Title { get; init; }

    /// <summary>The lines.</summary>
    public required IReadOnlyList<ChartSeries> Series { get; init; }

    /// <summary>A value to compare with, drawn across, and what it stands for.</summary>
    public (double Value, string Meaning)? Mark { get; init; }

    /// <summary>The lowest and highest value of an axis that has natural ends; <see langword="null"/> to fit the lines.</summary>
    public (double Low, double High)? Range { get; init; }

    /// <summary>The least that a fitted axis spans, so that noise around one value does not fill the chart.</summary>
    public double LeastSpan { get; init; } = 1e-9;

    /// <summary>The axis of the values.</summary>
    public AxisScale ValueScale(int intervals)
    {
        if (Range is { } range)
            return AxisScale.Covering(range.Low, range.High, intervals);
        double[] values = [.. Series.SelectMany(series => series.Points).Select(point => point.Y).Where(double.IsFinite)];
        if (values.Length == 0)
            values = [Mark?.Value ?? 0];
        (double low, double high) = (values.Min(), values.Max());
        if (Mark is { } mark && mark.Value > low - LeastSpan && mark.Value < high + LeastSpan)
            (low, high) = (Math.Min(low, mark.Value), Math.Max(high, mark.Value));
        double missing = Math.Max(LeastSpan, Math.Max(Math.Abs(low), Math.Abs(high)) * 1e-6) - (high - low);
        return missing > 0 ? AxisScale.Covering(low - missing / 2, high + missing / 2, intervals) : AxisScale.Covering(low, high, intervals);
    }
}
