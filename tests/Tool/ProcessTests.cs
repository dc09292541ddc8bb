using System.Diagnostics;
using System.Globalization;
using MiniMind.MLNet.Dpo.Tool.Tests.Infrastructure;

namespace MiniMind.MLNet.Dpo.Tool.Tests;

/// <summary>The command as a process of its own.</summary>
[Collection(nameof(RunsAlone))]
public sealed class ProcessTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Run_WithoutArguments_ShowsThreeCommands()
    {
        using Process process = Process.Start(Start())!;
        string output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();

        process.ExitCode.Should().Be(0);
        output.Split('\n').Count(line => line.StartsWith("  dpo ", StringComparison.Ordinal)).Should().Be(3);
    }

    [SkippableFact]
    public void Run_Interrupted_Is130WithACheckpoint()
    {
        Skip.IfNot(OperatingSystem.IsLinux(), "sends a signal");
        string pairs = _folder.FirstLines("pairs.jsonl", TestFiles.HeldOut, 16), run = _folder.File("run");
        ProcessStartInfo start = Start("train", "--model", TestFiles.Model, "--data", pairs, "--output", run, "--epochs", "500", "--log-interval", "1");
        using Process process = Process.Start(start)!;
        Task<string> errors = process.StandardError.ReadToEndAsync();
        bool isAsked = false;
        while (process.StandardOutput.ReadLine() is { } line)
        {
            if (isAsked || !line.StartsWith("step 2/", StringComparison.Ordinal))
                continue;
            isAsked = true;
            using Process kill = Process.Start("kill", ["-TERM", process.Id.ToString(CultureInfo.InvariantCulture)]);
        }
        process.WaitForExit();

        process.ExitCode.Should().Be(130, errors.Result);
        errors.Result.Should().Contain("the same command goes on from there");
        Directory.EnumerateDirectories(Path.Combine(run, "checkpoints"), "step-*").Should().NotBeEmpty();
    }

    private static ProcessStartInfo Start(params string[] arguments)
    {
        string tests = typeof(ProcessTests).Assembly.Location;
        return new ProcessStartInfo(Environment.GetEnvironmentVariable("DOTNET_HOST_PATH") ?? "dotnet",
        [
            "exec", "--depsfile", Path.ChangeExtension(tests, ".deps.json"), "--runtimeconfig", Path.ChangeExtension(tests, ".runtimeconfig.json"),
            Path.Combine(AppContext.BaseDirectory, "dpo.dll"), .. arguments,
        ])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
    }
}
