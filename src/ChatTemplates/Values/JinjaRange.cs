namespace MiniMind.MLNet.Dpo.ChatTemplates.Values;

/// <summary>A Python range: evenly spaced integers, none of them stored.</summary>
internal sealed class JinjaRange
{
    public JinjaRange(long start, long stop, long step)
    {
        Start = start;
        Stop = stop;
        Step = step;
        Int128 distance = step > 0 ? (Int128)stop - start : (Int128)start - stop;
        Int128 stride = step > 0 ? step : -(Int128)step;
        Count = distance <= 0 ? 0 : (long)Int128.Min((distance + stride - 1) / stride, long.MaxValue);
    }

    public long Start { get; }

    public long Stop { get; }

    public long Step { get; }

    public long Count { get; }

    public long ItemAt(long index) => Start + index * Step;

    public bool Contains(long value)
    {
        Int128 distance = (Int128)value - Start;
        return Count > 0 && distance % Step == 0 && distance / Step >= 0 && distance / Step < Count;
    }
}
