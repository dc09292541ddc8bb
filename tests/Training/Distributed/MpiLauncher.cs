using System.Diagnostics;

namespace MiniMind.MLNet.Dpo.Tests.Training.Distributed;

/// <summary>Starts the probe under a real mpirun, out of the tests' own output folder.</summary>
internal static class MpiLauncher
{
    private static readonly TimeSpan s_limit = TimeSpan.FromSeconds(60);

    /// <summary>Runs a scenario on a number of ranks; skips the calling test where this launcher is not installed.</summary>
    public static async Task<MpiRun> Run(string flavour, int ranks, string scenario, double timeoutSeconds, string? library = null, params string[] arguments)
    {
        string? launcher = Find(flavour);
        Skip.If(launcher is null, $"needs mpirun of {flavour} (apt-get install {(flavour == "Open MPI" ? "openmpi-bin" : "mpich")})");
        string folder = AppContext.BaseDirectory;
        string tests = Path.Combine(folder, typeof(MpiLauncher).Assembly.GetName().Name!);
        string[] options = flavour == "Open MPI" ? ["--allow-run-as-root", "--oversubscribe", "--bind-to", "none"] : ["-bind-to", "none"];
        ProcessStartInfo start = new(launcher!, [
            .. options, "-n", $"{ranks}", Environment.GetEnvironmentVariable("DOTNET_HOST_PATH") ?? "dotnet",
            "exec", "--depsfile", tests + ".deps.json", "--runtimeconfig", tests + ".runtimeconfig.json",
            Path.Combine(folder, "MiniMind.MLNet.Dpo.MpiProbe.dll"), scenario, $"{timeoutSeconds}", .. arguments])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        start.Environment["MINIMIND_MPI_LIBRARY"] = library;

        // what Open MPI leaves behind where its launcher is killed
        DirectoryInfo scratch = Directory.CreateTempSubdirectory("mpi");
        foreach (string variable in new[] { "TMPDIR", "OMPI_MCA_btl_vader_backing_directory", "OMPI_MCA_btl_sm_backing_directory" })
            start.Environment[variable] = scratch.FullName;

        Stopwatch watch = Stopwatch.StartNew();
        using Process process = Process.Start(start)!;
        Task<string> output = process.StandardOutput.ReadToEndAsync(), error = process.StandardError.ReadToEndAsync();
        try
        {
            await process.WaitForExitAsync(new CancellationTokenSource(s_limit).Token);
        }
        catch (OperationCanceledException)
        {
            process.Kill(entireProcessTree: true);
            throw new TimeoutException($"mpirun of {flavour} did not end '{scenario}' within {s_limit.TotalSeconds} s.");
        }
        MpiRun run = new(process.ExitCode, await output, await error, watch.Elapsed);
        await run.Survivors();
        scratch.Delete(recursive: true);
        return run;
    }

    private static string? Find(string flavour)
    {
        string debian = flavour == "Open MPI" ? "mpirun.openmpi" : "mpirun.mpich";
        return new[] { debian, "mpirun" }.SelectMany(OnPath)
            .FirstOrDefault(file => Version(file).Contains(flavour == "Open MPI" ? "Open" : "HYDRA", StringComparison.Ordinal));
    }

    private static IEnumerable<string> OnPath(string name) =>
        (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator).Select(folder => Path.Combine(folder, name)).Where(File.Exists);

    private static string Version(string launcher)
    {
        using Process process = Process.Start(new ProcessStartInfo(launcher, "--version") { RedirectStandardOutput = true, RedirectStandardError = true })!;
        return process.StandardOutput.ReadToEnd();
    }
}
