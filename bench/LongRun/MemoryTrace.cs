using System.Globalization;
namespace MiniMind.MLNet.Dpo.Bench.LongRun;

/// <summary>Resident memory at every report of a run.</summary>
internal sealed class MemoryTrace : IProgress<DpoProgress>
{
    private readonly List<(long Step, long Bytes)> _points = [];

    public void Report(DpoProgress value)
    {
        _points.Add((value.Step, value.ResidentBytes));
        Console.Error.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"{value.Step}/{value.TotalSteps} loss {value.Loss:F4} margin {value.Margin:F4} {value.TokensPerSecond:F0} tokens/s {value.ResidentBytes >> 20} " +
                $"MiB {value.Remaining:h\\:mm\\:ss} left"));
    }

    /// <summary>Steps and resident MiB after a tenth of the run, in its middle and at its end, each the mean of a twentieth of the reports.</summary>
    public object Summary() => new { start = At(0.1), middle = At(0.5), end = At(1) };

    private object At(double share)
    {
        int end = Math.Clamp((int)Math.Round(share * _points.Count), 1, _points.Count), count = Math.Max(1, _points.Count / 20);
        (long Step, long Bytes)[] near = [.. _points.Take(end).TakeLast(count)];
        return new { step = near[^1].Step, megabytes = Math.Round(near.Average(p => p.Bytes) / (1 << 20), 1) };
    }
}
