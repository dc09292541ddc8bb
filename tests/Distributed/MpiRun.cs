using System.Globalization;
using System.Text.RegularExpressions;

namespace MiniMind.MLNet.Dpo.Tests.Distributed;

/// <summary>What a run under mpirun left behind.</summary>
internal sealed partial record MpiRun(int ExitCode, string Output, string Error, TimeSpan Elapsed)
{
    /// <summary>The ranks' processes that still live; waits a moment for those that are being ended.</summary>
    public async Task<int[]> Survivors()
    {
        int[] started = [.. Process().Matches(Output).Select(match => int.Parse(match.Groups[1].Value, CultureInfo.InvariantCulture))];
        for (int attempt = 0; attempt < 50 && started.Any(Lives); attempt++) await Task.Delay(100);
        return [.. started.Where(Lives)];
    }

    // one that ended but that nobody has waited for is listed as a zombie
    private static bool Lives(int process) => File.Exists($"/proc/{process}/stat") && !File.ReadAllText($"/proc/{process}/stat").Contains(") Z ", StringComparison.Ordinal);

    [GeneratedRegex(@"pid (\d+)")]
    private static partial Regex Process();
}
