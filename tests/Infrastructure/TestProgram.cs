using System.Diagnostics;

namespace MiniMind.MLNet.Dpo.Tests.Infrastructure;

/// <summary>Programs that run out of the test project's output, with what these tests run with.</summary>
internal static class TestProgram
{
    /// <summary>How to start one; its output and errors are redirected.</summary>
    /// <param name="name">Its assembly's file name.</param>
    /// <param name="arguments">Its arguments.</param>
    public static ProcessStartInfo Start(string name, params string[] arguments)
    {
        string tests = typeof(TestProgram).Assembly.Location;
        return new ProcessStartInfo(Environment.GetEnvironmentVariable("DOTNET_HOST_PATH") ?? "dotnet",
        [
            "exec", "--depsfile", Path.ChangeExtension(tests, ".deps.json"), "--runtimeconfig", Path.ChangeExtension(tests, ".runtimeconfig.json"),
            Path.Combine(AppContext.BaseDirectory, name), .. arguments,
        ])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
    }

    /// <summary>Runs it to its end.</summary>
    public static (int Exit, string Output, string Errors) Run(ProcessStartInfo start)
    {
        using Process process = Process.Start(start)!;
        Task<string> errors = process.StandardError.ReadToEndAsync();
        string output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return (process.ExitCode, output, errors.Result);
    }
}
