using System.Diagnostics;
using System.Globalization;
using MiniMind.MLNet.Dpo.CpuKernels.Native;

namespace MiniMind.MLNet.Dpo.CpuKernels.Tests.Native;

/// <summary>No thread handles a signal while oneDNN has its stack pointer on the heap.</summary>
public sealed class SignalShieldTests
{
    private const int Terminate = 15, Resized = 28, Segmentation = 11, FirstOfRuntime = 34;

    [SkippableTheory]
    [InlineData(1)]
    [InlineData(2)]
    public void Of_UnderAStormOfSignals_GivesTheSameProductsAndTheProcessLives(int threads)
    {
        Skip.IfNot(OperatingSystem.IsLinux(), "signals of Linux");
        string tests = typeof(SignalShieldTests).Assembly.Location;
        using Process process = Process.Start(new ProcessStartInfo(Environment.GetEnvironmentVariable("DOTNET_HOST_PATH") ?? "dotnet",
        [
            "exec", "--depsfile", Path.ChangeExtension(tests, ".deps.json"), "--runtimeconfig", Path.ChangeExtension(tests, ".runtimeconfig.json"),
            Path.Combine(AppContext.BaseDirectory, "MiniMind.MLNet.Dpo.NativeProbe.dll"), "signals", threads.ToString(CultureInfo.InvariantCulture),
        ])
        { RedirectStandardOutput = true, RedirectStandardError = true })!;
        Task<string> error = process.StandardError.ReadToEndAsync();

        string output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();

        (process.ExitCode, error.Result).Should().Be((0, ""));
        output.Should().BeOneOf("0 of the products differ; signals were handled: True; many products: True\n", "oneDNN does not pay on this processor\n");
    }

    [SkippableFact]
    public void Enter_OnThisThread_BlocksAllButFaultsUntilLeave()
    {
        Skip.IfNot(OperatingSystem.IsLinux(), "signals of Linux");
        SignalSet before = SignalShield.Enter(), inside = default;
        try
        {
            inside = SignalShield.Enter(); // what was blocked until now
        }
        finally
        {
            SignalShield.Leave(before);
        }
        SignalSet after = SignalShield.Enter();
        SignalShield.Leave(after);

        new[] { Terminate, Resized, FirstOfRuntime }.Should()
            .OnlyContain(signal => inside.Contains(signal) && !before.Contains(signal) && !after.Contains(signal));
        inside.Contains(Segmentation).Should().BeFalse("a fault that is blocked ends the process without a word");
    }

    [SkippableFact]
    public void ShieldWorkers_OfACaller_BlocksForItsWorkersAndNotForIt()
    {
        Skip.IfNot(OperatingSystem.IsLinux(), "signals of Linux");
        HostThreads.ShieldWorkers(3);

        // the team that the region made stays together for the next one
        int[] blocked = new int[3], runtime = new int[3];
        HostThreads.Run(3, 3, (part, thread) =>
        {
            SignalSet mask = SignalShield.Enter();
            SignalShield.Leave(mask);
            blocked[thread] = mask.Contains(Terminate) ? 1 : 0;
            runtime[thread] = mask.Contains(FirstOfRuntime) ? 1 : 0;
            Thread.Sleep(100); // so that each thread takes a part
        });

        SignalSet own = SignalShield.Enter();
        SignalShield.Leave(own);
        own.Contains(Terminate).Should().BeFalse();
        blocked.Sum().Should().Be(2);
        runtime.Sum().Should().Be(0, "collections must be able to stop managed code there");
    }
}
