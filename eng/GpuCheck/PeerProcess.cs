using System.Diagnostics;
using System.Text.Json.Nodes;

namespace GpuCheck;

/// <summary>A program that prints lines of JSON, watched until it ends.</summary>
/// <param name="Lines">What it printed.</param>
/// <param name="PeakBytes">The most memory that it had: of the GPU where there is one, else resident.</param>
/// <param name="Fault">What went wrong; <see langword="null"/> for nothing.</param>
internal sealed record PeerProcess(IReadOnlyList<JsonObject> Lines, long PeakBytes, string? Fault)
{
    private static readonly TimeSpan s_look = TimeSpan.FromMilliseconds(50);

    /// <summary>Starts a program and waits for its end.</summary>
    /// <param name="program">What to start.</param>
    /// <param name="arguments">Its arguments.</param>
    /// <param name="gpu">Whether memory is the GPU's.</param>
    /// <param name="limit">How long it may take; it is ended then.</param>
    public static PeerProcess Run(string program, IReadOnlyList<string> arguments, bool gpu, TimeSpan limit)
    {
        long before = gpu ? DeviceMemory.Used() : 0, peak = 0;
        using Process process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true })!;
        List<JsonObject> lines = [];
        Queue<string> errors = new();
        process.OutputDataReceived += (_, output) =>
        {
            if (output.Data is { Length: > 0 } text && text[0] == '{')
                lines.Add((JsonObject)JsonNode.Parse(text)!);
        };
        process.ErrorDataReceived += (_, output) =>
        {
            if (output.Data is not { Length: > 0 } text)
                return;
            errors.Enqueue(text);
            if (errors.Count > 3)
                errors.Dequeue();
        };
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        Stopwatch watch = Stopwatch.StartNew();
        bool late = false;
        while (!process.WaitForExit(s_look))
        {
            peak = Math.Max(peak, gpu ? DeviceMemory.Used() - before : Resident(process));
            if (late || watch.Elapsed < limit)
                continue;
            late = true;
            process.Kill(entireProcessTree: true);
        }
        process.WaitForExit(); // for the rest of what it printed
        string? fault = late ? $"it took more than {limit.TotalSeconds:F0} s" : process.ExitCode == 0 ? null : $"exit code {process.ExitCode}";
        return new PeerProcess(lines, peak, fault is null ? null : $"{fault}: {string.Join(" | ", errors)}");
    }

    private static long Resident(Process process)
    {
        try
        {
            process.Refresh();
            return process.PeakWorkingSet64;
        }
        catch (InvalidOperationException)
        {
            return 0; // it has just ended
        }
    }
}
