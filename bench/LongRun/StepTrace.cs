namespace MiniMind.MLNet.Dpo.Bench.LongRun;

/// <summary>Memory of the process at some steps of a run.</summary>
/// <param name="steps">Steps of the run.</param>
internal sealed class StepTrace(int steps) : IProgress<DpoProgress>
{
    private static readonly double[] s_shares = [0.01, 0.1, 0.5, 0.9, 1];
    private readonly List<double> _points = [];

    /// <summary>MiB of its own (without pages of files, which the system takes away and brings back) after 1, 10, 50, 90 and 100 % of the steps.</summary>
    public IReadOnlyList<double> Points => _points;

    public void Report(DpoProgress value)
    {
        while (_points.Count < s_shares.Length && value.Step >= s_shares[_points.Count] * steps)
            _points.Add(Math.Round(ProcessMemory.Mebibytes("RssAnon")));
    }
}
