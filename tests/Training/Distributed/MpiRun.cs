using System.Globalization;
using System.Text.RegularExpressions;

namespace MiniMind.MLNet.Dpo.Tests.Training.Distributed;

/// <summary>What a run under mpirun left behind.</summary>
internal sealed partial record MpiRun(int ExitCode, string Output, string Error, TimeSpan Elapsed)
{
    /// <summary>The ranks' processes that still live; waits a moment for those that are being ended.</summary>
    public async Task<int[]> Survivors()
    {
        int[] started = [.. Process().Matches(Output).Select(match => int.Parse(match.Groups[1].Value, CultureInfo.InvariantCulture))];
        for (int attempt = 0; attempt < 50 && started.Any(Lives); attempt++)
            await Task.Delay(100);
        return [.. started.Where(Lives)];
    }

    // One that ended but that nobody has waited for is listed as a zombie; so is one whose first thread has ended before the others, which hold its files until
    // then.
    private static bool Lives(int process)
    {
        try
        {
            return !File.ReadAllText($"/proc/{process}/stat").Contains(") Z ", StringComparison.Ordinal)
                || Directory.GetDirectories($"/proc/{process}/task").Length > 1;
        }
        catch (IOException)
        {
            return false; // gone meanwhile
        }
    }

    [GeneratedRegex(@"pid (\d+)")]
    private static partial Regex Process();
}
