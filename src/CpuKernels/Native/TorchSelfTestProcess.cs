using System.Diagnostics;
using System.Reflection;

namespace MiniMind.MLNet.Dpo.CpuKernels.Native;

/// <summary>Runs <see cref="TorchSelfTest"/> in a process of its own, so that one that crashes is a verdict and no more.</summary>
/// <remarks>
/// The process is this app's once more, with the same libraries. A startup hook of .NET ends it before the app's own code begins
/// (https://github.com/dotnet/runtime/blob/main/docs/design/features/host-startup-hook.md).
/// </remarks>
internal static class TorchSelfTestProcess
{
    /// <summary>What that process writes where everything holds.</summary>
    public const string Good = "holds";

    private const string Hooks = "DOTNET_STARTUP_HOOKS";
    private static readonly TimeSpan s_longest = TimeSpan.FromMinutes(3);

    /// <summary>Whether this process is the one that tests.</summary>
    public static bool IsThis => Environment.GetEnvironmentVariable(TorchVariables.SelfTest) is { Length: > 0 };

    /// <summary>Runs the test.</summary>
    /// <param name="folder">libtorch's libraries.</param>
    /// <param name="library">TorchSharp's native library.</param>
    /// <returns>What does not hold; <see langword="null"/> where all does.</returns>
    /// <exception cref="DllNotFoundException">This app cannot be started once more for it.</exception>
    public static string? Run(string folder, string library)
    {
        string verdict = Path.GetTempFileName();
        try
        {
            ProcessStartInfo start = Start(verdict);
            start.Environment[TorchVariables.Home] = folder;
            start.Environment[TorchVariables.Library] = library;
            using Process process = Process.Start(start) ?? throw new DllNotFoundException($"'{start.FileName}' did not start for the self test.");
            Task<string> output = process.StandardOutput.ReadToEndAsync(), errors = process.StandardError.ReadToEndAsync();
            if (!process.WaitForExit(s_longest))
            {
                process.Kill(entireProcessTree: true);
                return $"the self test's process did not end within {s_longest.TotalMinutes} minutes";
            }
            Task.WaitAll(output, errors);
            string said = File.ReadAllText(verdict);
            if (said == Good)
                return null;
            return said.Length > 0 ? said : $"the self test's process ended with code {process.ExitCode}{LastLine(errors.Result)}";
        }
        finally
        {
            File.Delete(verdict);
        }
    }

    private static ProcessStartInfo Start(string verdict)
    {
        string hook = typeof(TorchSelfTestProcess).Assembly.Location;
        if (hook.Length == 0 || Environment.ProcessPath is not { } executable || Assembly.GetEntryAssembly() is not { Location: { Length: > 0 } entry }
            || (AppContext.TryGetSwitch("System.StartupHookProvider.IsSupported", out bool hooks) && !hooks))
        {
            throw new DllNotFoundException(
                $"{TorchVariables.Library} asks for a self test, for which this app must be able to start once more: publish it without PublishSingleFile, " +
                "and with StartupHookSupport where it is trimmed.");
        }
        ProcessStartInfo start = new(executable) { RedirectStandardOutput = true, RedirectStandardError = true };
        if (Path.GetFileNameWithoutExtension(executable) == "dotnet")
        {
            foreach (string argument in HostArguments(entry))
                start.ArgumentList.Add(argument);
        }
        start.Environment[TorchVariables.SelfTest] = verdict;
        start.Environment[Hooks] = hook;
        return start;
    }

    // the host's own options are not among the arguments that an app sees
    private static IEnumerable<string> HostArguments(string entry)
    {
        yield return "exec";
        if ((AppContext.GetData("APP_CONTEXT_DEPS_FILES") as string)?.Split(';')[0] is { Length: > 0 } dependencies)
        {
            yield return "--depsfile";
            yield return dependencies;
            string runtime = dependencies.Replace(".deps.json", ".runtimeconfig.json", StringComparison.Ordinal);
            if (File.Exists(runtime))
            {
                yield return "--runtimeconfig";
                yield return runtime;
            }
        }
        yield return entry;
    }

    private static string LastLine(string text) =>
        text.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries) is [.., { } last] ? $": {last}" : "";
}
