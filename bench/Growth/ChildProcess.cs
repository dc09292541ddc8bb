using System.Diagnostics;
using System.Text.Json;

namespace MiniMind.MLNet.Dpo.Bench.Growth;

/// <summary>A measurement in a process of its own, whose memory holds nothing else.</summary>
internal static class ChildProcess
{
    /// <summary>The argument that makes a process a child; the kind and its input follow.</summary>
    public const string Argument = "--child";

    /// <summary>Runs this program again and gives what it measured.</summary>
    public static TResult Run<TResult>(string kind, object input)
    {
        ProcessStartInfo start = new(Environment.ProcessPath!, [Argument, kind, JsonSerializer.Serialize(input)]) { RedirectStandardOutput = true };
        using Process child = Process.Start(start)!;
        string output = child.StandardOutput.ReadToEnd();
        child.WaitForExit();
        if (child.ExitCode != 0)
            throw new InvalidOperationException($"The measurement '{kind}' of {JsonSerializer.Serialize(input)} ended with exit code {child.ExitCode}.");
        Console.Error.WriteLine($"{kind}: {output.Trim()}");
        return JsonSerializer.Deserialize<TResult>(output)!;
    }
}
