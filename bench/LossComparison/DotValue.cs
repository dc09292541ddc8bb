namespace MiniMind.MLNet.Dpo.Bench.LossComparison;

/// <summary>A value with the interval that it lies in; its ends are the value itself where none is known.</summary>
internal readonly record struct DotValue(double Value, double Lower, double Upper)
{
    /// <summary>A value without an interval.</summary>
    public static DotValue Of(double value) => new(value, value, value);
}
