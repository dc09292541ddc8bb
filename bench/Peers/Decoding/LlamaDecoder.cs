using System.Diagnostics;
using System.Globalization;

namespace MiniMind.MLNet.Dpo.Bench.Peers.Decoding;

/// <summary>llama.cpp in a process of its own.</summary>
internal sealed class LlamaDecoder : IDecoder
{
    private readonly Process _process;

    public LlamaDecoder(string name, string path, int threads)
    {
        Name = name;
        string program = Path.Combine(AppContext.BaseDirectory, "..", "..", "..", "LlamaPeer", "bin", "peer", "MiniMind.MLNet.Dpo.Bench.LlamaPeer.dll");
        ProcessStartInfo start = new("dotnet", [program, path, threads.ToString(CultureInfo.InvariantCulture)])
        {
            RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true,
        };
        _process = Process.Start(start)!;
        _process.ErrorDataReceived += (_, _) => { };
        _process.BeginErrorReadLine();
        if (_process.StandardOutput.ReadLine() != "ready")
            throw new InvalidOperationException($"llama.cpp does not load {path}.");
    }

    public string Name { get; }

    public void Begin(int prompt) => Ask($"begin {prompt}");

    public double Burst(int tokens) => Ask($"burst {tokens}");

    public void Dispose()
    {
        _process.StandardInput.Close();
        _process.WaitForExit(5000);
        _process.Dispose();
    }

    private double Ask(string line)
    {
        _process.StandardInput.WriteLine(line);
        return double.Parse(_process.StandardOutput.ReadLine() ?? throw new InvalidOperationException("llama.cpp's process has ended."),
            CultureInfo.InvariantCulture);
    }
}
