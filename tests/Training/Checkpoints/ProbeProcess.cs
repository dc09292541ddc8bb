using System.Diagnostics;
using System.Globalization;
using MiniMind.MLNet.Dpo.ResumeProbe;

namespace MiniMind.MLNet.Dpo.Tests.Training.Checkpoints;

/// <summary>The probe's training run in a process of its own, under this test program's dependencies: they hold libtorch.</summary>
internal static class ProbeProcess
{
    private const int KilledExitCode = 128 + 9;

    /// <summary>Trains until the run asks to be killed, and kills it with SIGKILL.</summary>
    public static void TrainAndKill(string folder, string result, RunEvent end, int count, int further)
    {
        using Process process = Start(folder, result, end.ToString(), Text(count), Text(further));
        int asked = process.StandardOutput.BaseStream.ReadByte();
        process.Kill();
        process.WaitForExit();
        asked.Should().Be('!', "the run was to be killed at {0} {1}; it said: {2}", end, count, process.StandardError.ReadToEnd());
        process.ExitCode.Should().Be(KilledExitCode);
    }

    /// <summary>Trains to the end.</summary>
    /// <returns>What the run said.</returns>
    public static string TrainToEnd(string folder, string result)
    {
        using Process process = Start(folder, result);
        string said = process.StandardError.ReadToEnd();
        process.WaitForExit();
        process.ExitCode.Should().Be(0, "it said: {0}", said);
        return said;
    }

    private static Process Start(params string[] arguments)
    {
        string tests = typeof(ProbeProcess).Assembly.Location;
        ProcessStartInfo start = new(Environment.ProcessPath is { } host && Path.GetFileNameWithoutExtension(host) == "dotnet" ? host : "dotnet")
        {
            RedirectStandardOutput = true, RedirectStandardError = true,
        };
        foreach (string argument in (string[])
        [
            "exec", "--depsfile", Path.ChangeExtension(tests, ".deps.json"), "--runtimeconfig", Path.ChangeExtension(tests, ".runtimeconfig.json"),
            Path.Combine(Path.GetDirectoryName(tests)!, "MiniMind.MLNet.Dpo.ResumeProbe.dll"), .. arguments,
        ])
        {
            start.ArgumentList.Add(argument);
        }
        return Process.Start(start)!;
    }

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);
}
