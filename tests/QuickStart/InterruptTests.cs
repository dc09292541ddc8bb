using System.Diagnostics;
using System.Globalization;
using MiniMind.MLNet.Dpo.Tests.Infrastructure;
using MiniMind.MLNet.Dpo.Tests.Weights;

namespace MiniMind.MLNet.Dpo.Tests.QuickStart;

/// <summary>Ctrl-C in a training of the QuickStart, as a process of its own.</summary>
public sealed class InterruptTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [SkippableFact]
    public void Run_CtrlC_ShowsAndSavesWhatWasTrained()
    {
        Skip.IfNot(OperatingSystem.IsLinux(), "sends a signal");
        string saved = _folder.File("saved");
        ProcessStartInfo start = TestProgram.Start("QuickStart.dll", "--epochs=400", $"--output={saved}");
        start.RedirectStandardError = false;
        using Process process = Process.Start(start)!;
        List<string> lines = [];
        try
        {
            while (process.StandardOutput.ReadLine() is { } line)
            {
                lines.Add(line);
                if (!line.StartsWith("  step 3/", StringComparison.Ordinal))
                    continue;
                using Process kill = Process.Start("kill", ["-INT", process.Id.ToString(CultureInfo.InvariantCulture)]);
            }
            process.WaitForExit();
        }
        finally
        {
            if (!process.HasExited)
                process.Kill();
        }

        lines.Should().ContainMatch("  stopped on request*").And.ContainMatch("Held-out pairs (105)*").And.Contain($"Saved to {saved}");
        process.ExitCode.Should().Be(130);
        File.Exists(Path.Combine(saved, "model.safetensors")).Should().BeTrue();
    }
}
