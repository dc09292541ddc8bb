using System.Text.Json.Nodes;
using MiniMind.MLNet.Dpo.Tool.Terminal;

namespace MiniMind.MLNet.Dpo.Tool.Judging;

/// <summary>Says how far a comparison is, ten times at most. Thread-safe.</summary>
/// <param name="console">What is written to.</param>
internal sealed class JudgeProgress(ToolConsole console) : IProgress<WinRateProgress>
{
    private readonly Lock _lock = new();
    private int _told;

    public void Report(WinRateProgress value)
    {
        lock (_lock)
        {
            int tenth = 10 * value.Done / Math.Max(1, value.Total);
            if (tenth <= _told)
                return;
            _told = tenth;
            console.Line($"{value.Done} of {value.Total} answers and replies");
            console.Event("progress", new JsonObject { ["done"] = value.Done, ["total"] = value.Total });
        }
    }
}
