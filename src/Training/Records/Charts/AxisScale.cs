using System.Globalization;

namespace MiniMind.MLNet.Dpo.Training.Records.Charts;

/// <summary>The range of an axis and its ticks, at round numbers.</summary>
/// <param name="Start">The lowest value, a tick.</param>
/// <param name="End">The highest value, a tick.</param>
/// <param name="TickStep">From one tick to the next: 1, 2 or 5 times a power of ten.</param>
internal sealed record AxisScale(double Start, double End, double TickStep)
{
    /// <summary>The values at the ticks.</summary>
    public IEnumerable<double> Ticks => Enumerable.Range(0, 1 + (int)Math.Round((End - Start) / TickStep)).Select(i => Start + i * TickStep);

    /// <summary>The smallest scale with round ticks that covers a range.</summary>
    /// <param name="low">The lowest value to show.</param>
    /// <param name="high">The highest value to show, above <paramref name="low"/>.</param>
    /// <param name="intervals">About how many ticks to have.</param>
    public static AxisScale Covering(double low, double high, int intervals)
    {
        double coarse = (high - low) / intervals, power = Math.Pow(10, Math.Floor(Math.Log10(coarse))), ratio = coarse / power;
        double step = power * (ratio <= 1.0001 ? 1 : ratio <= 2.0001 ? 2 : ratio <= 5.0001 ? 5 : 10);
        const double Rounding = 1e-9; // in ticks, so that 0.3 / 0.1 is 3
        return new AxisScale(Math.Floor(low / step + Rounding) * step, Math.Ceiling(high / step - Rounding) * step, step);
    }

    /// <summary>Where a value is, from 0 at the start to 1 at the end.</summary>
    public double Position(double value) => (value - Start) / (End - Start);

    /// <summary>A tick's label, with the digits that tell it from its neighbours.</summary>
    public string Label(double tick)
    {
        int decimals = Math.Max(0, -(int)Math.Floor(Math.Log10(TickStep) + 1e-9));
        double shown = Math.Abs(tick) < TickStep / 2 ? 0 : tick; // no "-0"
        return decimals > 8 || Math.Abs(shown) >= 1e9 ? shown.ToString("0.####e0", CultureInfo.InvariantCulture)
            : shown.ToString($"N{decimals}", CultureInfo.InvariantCulture);
    }
}
