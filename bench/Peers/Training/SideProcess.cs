using System.Diagnostics;
using System.Globalization;
using System.Text.Json;

namespace MiniMind.MLNet.Dpo.Bench.Peers.Training;

/// <summary>A side's process, told step by step over a pipe.</summary>
internal sealed class SideProcess : IDisposable
{
    private readonly Process _process;

    private SideProcess(string program, IEnumerable<string> arguments, int threads)
    {
        ProcessStartInfo start = new(program, arguments) { RedirectStandardInput = true, RedirectStandardOutput = true };
        start.Environment["OMP_NUM_THREADS"] = threads.ToString(CultureInfo.InvariantCulture);
        _process = Process.Start(start)!;
    }

    /// <summary>A side of this program.</summary>
    public static SideProcess Own(string side, string folder, int threads) => new(
        Environment.ProcessPath!, Path.GetFileNameWithoutExtension(Environment.ProcessPath) == "dotnet"
            ? [typeof(SideProcess).Assembly.Location, "train-side", side, folder] : ["train-side", side, folder], threads);

    /// <summary>MiniMind's own program.</summary>
    public static SideProcess Python(string interpreter, string checkout, string folder, int threads) =>
        new(interpreter, [Path.Combine(AppContext.BaseDirectory, "minimind_steps.py"), checkout, folder], threads);

    /// <summary>Has it take a step, and waits for what came of it.</summary>
    /// <exception cref="InvalidOperationException">The process has ended.</exception>
    public StepAnswer Step(int step)
    {
        try
        {
            _process.StandardInput.WriteLine(step.ToString(CultureInfo.InvariantCulture));
            _process.StandardInput.Flush();
            while (_process.StandardOutput.ReadLine() is { } line)
            {
                if (line.StartsWith('{'))
                    return JsonSerializer.Deserialize<StepAnswer>(line)!;
            }
        }
        catch (IOException)
        {
            // it has gone: said below
        }
        _process.WaitForExit();
        throw new InvalidOperationException($"A side ended before its answer to step {step + 1}, with code {_process.ExitCode}; what it said is above.");
    }

    /// <inheritdoc />
    public void Dispose()
    {
        if (!_process.HasExited)
            _process.StandardInput.Close();
        if (!_process.WaitForExit(TimeSpan.FromSeconds(10)))
            _process.Kill();
        _process.Dispose();
    }
}
